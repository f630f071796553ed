using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>The journals in SQLite: reads beside the writer, appends through group commit on the writer's thread.</summary>
internal sealed class EmbeddedRunJournal : IRunJournal, IBatchStore<RunAppend, AppendOutcome>
{
    private readonly Writer _writer;
    private readonly Readers _readers;
    private readonly GroupCommit<RunAppend, AppendOutcome> _commits;

    public EmbeddedRunJournal(Writer writer, Readers readers, GroupCommitBounds bounds, TimeProvider clock)
    {
        (_writer, _readers) = (writer, readers);
        _commits = new GroupCommit<RunAppend, AppendOutcome>(this, bounds, clock, writer.Launch);
    }

    public Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation) =>
        _commits.Offer(append.Checked(), cancellation);

    public Task<StoredRun?> Read(RunId run, CancellationToken cancellation) => _readers.Read(connection =>
    {
        var version = connection.Prepare("SELECT version FROM run_heads WHERE run_id = ?").Begin().Add(run.Value)
            .First(row => row.Long(0));
        if (version == 0) return null;
        var (snapshotVersion, snapshot) = connection.Prepare("SELECT version, snapshot FROM snapshots WHERE run_id = ?")
            .Begin().Add(run.Value).First(row => (row.Long(0), row.Bytes(1)));
        var events = connection.Prepare("SELECT event FROM journal WHERE run_id = ? AND seq > ? ORDER BY seq")
            .Begin().Add(run.Value).Add(snapshotVersion).All(row => row.Bytes(0));
        return new StoredRun(run, version, snapshot, snapshotVersion, events);
    }, cancellation);

    public Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation) =>
        _readers.Read(connection => connection
            .Prepare("SELECT seq, event FROM journal WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?")
            .Begin().Add(run.Value).Add(after).Add(countMax).All(row => new StoredEvent(row.Long(0), row.Bytes(1))), cancellation);

    public Task HandOver(string driver, CancellationToken cancellation) => _writer.Write(connection =>
    {
        foreach (var status in Pages.Driven)
            connection.Prepare("UPDATE runs SET driver = NULL WHERE status = ? AND driver = ?").Begin().Add(status.Word()).Add(driver).Execute();
        return 0;
    }, cancellation);

    /// <summary>Takes no more writes, and completes when those that were taken are answered.</summary>
    public ValueTask Close() => _commits.DisposeAsync();

    string IBatchStore<RunAppend, AppendOutcome>.KeyOf(RunAppend append) => append.Run.Value;

    WriteSize IBatchStore<RunAppend, AppendOutcome>.SizeOf(RunAppend append) => append.Size();

    ValueTask<IReadOnlyList<AppendOutcome>> IBatchStore<RunAppend, AppendOutcome>.Commit(IReadOnlyList<RunAppend> batch) =>
        new(_writer.OnThread(connection =>
        {
            var rows = new AppendRows(connection);
            var outcomes = new AppendOutcome[batch.Count];
            for (var i = 0; i < outcomes.Length; i++) outcomes[i] = rows.Store(batch[i]);
            return outcomes;
        }));
}
