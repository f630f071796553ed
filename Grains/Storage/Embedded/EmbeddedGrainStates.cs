using System.Collections.Immutable;

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

    public Task<Page<KeyedState>> List(string grainType, string name, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var prefix = StateKey.Prefix(grainType);
        return _readers.Read(connection => connection.Prepare("""
            SELECT grain_id, version, value FROM grain_state
            WHERE grain_id > ?1 AND grain_id < ?2 AND state_name = ?3 AND value IS NOT NULL
            ORDER BY grain_id LIMIT ?4
            """)
            .Begin().Add(prefix + cursor).Add(StateKey.End(grainType)).Add(name).Add(limit + 1L)
            .All(row => new KeyedState(row.Text(0)[prefix.Length..], row.Long(1), row.Bytes(2)))
            .ToPage(limit, state => state.Key), cancellation);
    }

    public Task<ImmutableArray<DueGrain>> Due(DateTimeOffset now, DueGrain? after, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return _readers.Read(connection => connection.Prepare("""
            SELECT grain_id, due_at FROM grain_state
            WHERE due_at <= ?1 AND (due_at, grain_id) > (?2, ?3)
            ORDER BY due_at, grain_id LIMIT ?4
            """)
            .Begin().Add(Instants.Stored(now)).Add(Instants.Stored(after?.At) ?? long.MinValue).Add(after?.Grain ?? "").Add(limit)
            .All(row => new DueGrain(row.Text(0), row.Time(1))), cancellation);
    }

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
            INSERT OR REPLACE INTO grain_state (grain_id, state_name, version, write_id, value, due_at) VALUES (?, ?, ?, ?, ?, ?)
            """)
            .Begin().Add(grain).Add(name).Add(found.Version + 1).Add(write.Id.ToByteArray()).Add(write.Value)
            .Add(Instants.Stored(write.DueAt)).Execute();
        return new StateOutcome.Stored(found.Version + 1);
    }
}
