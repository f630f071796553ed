namespace OrleansEtl.Storage;

internal sealed class EmbeddedGrainStates : IGrainStates, IBatchStore<StateWrite, StateOutcome>
{
    private readonly Writer _writer;
    private readonly Readers _readers;
    private readonly GroupCommit<StateWrite, StateOutcome> _commits;

    public EmbeddedGrainStates(Writer writer, Readers readers, GroupCommitBounds bounds, TimeProvider clock)
    {
        (_writer, _readers) = (writer, readers);
        _commits = new GroupCommit<StateWrite, StateOutcome>(this, bounds, clock, writer.Launch);
    }

    public Task<StoredState?> Read(StateKey key, CancellationToken cancellation) => _readers.Read(connection => connection
        .Prepare("SELECT version, value FROM grain_state WHERE grain_id = ? AND state_name = ?")
        .Begin().Add(key.Grain).Add(key.Name).First(row => new StoredState(row.Long(0), row.BytesOrNull(1))), cancellation);

    public Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation) => _commits.Offer(write, cancellation);

    /// <summary>Takes no more writes, and completes when those that were taken are answered.</summary>
    public ValueTask Close() => _commits.DisposeAsync();

    string IBatchStore<StateWrite, StateOutcome>.KeyOf(StateWrite write) => $"{write.Key.Grain}\0{write.Key.Name}";

    WriteSize IBatchStore<StateWrite, StateOutcome>.SizeOf(StateWrite write) =>
        new(1, 2L * (write.Key.Grain.Length + write.Key.Name.Length) + (write.Value?.Length ?? 0));

    ValueTask<IReadOnlyList<StateOutcome>> IBatchStore<StateWrite, StateOutcome>.Commit(IReadOnlyList<StateWrite> batch) =>
        new(_writer.OnThread<IReadOnlyList<StateOutcome>>(connection => [.. batch.Select(write => Store(connection, write))]));

    private static StateOutcome Store(Connection connection, StateWrite write)
    {
        var (grain, name) = (write.Key.Grain, write.Key.Name);
        var found = connection
            .Prepare("SELECT version, write_id, value IS NOT NULL FROM grain_state WHERE grain_id = ? AND state_name = ?")
            .Begin().Add(grain).Add(name)
            .First(row => (Version: row.Long(0), WriteId: row.Bytes(1), HasValue: row.Long(2) == 1));
        if (found.WriteId is { } id && new Guid(id) == write.Id) return new StateOutcome.Stored(found.Version);
        var expected = write.ExpectedVersion == 0 && !found.HasValue ? found.Version : write.ExpectedVersion;
        if (expected != found.Version) return new StateOutcome.Stale(found.Version);
        connection.Prepare("""
            INSERT OR REPLACE INTO grain_state (grain_id, state_name, version, write_id, value) VALUES (?, ?, ?, ?, ?)
            """).Begin().Add(grain).Add(name).Add(found.Version + 1).Add(write.Id.ToByteArray()).Add(write.Value).Execute();
        return new StateOutcome.Stored(found.Version + 1);
    }
}
