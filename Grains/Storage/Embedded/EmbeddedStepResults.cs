namespace OrleansEtl.Storage;

internal sealed class EmbeddedStepResults(Readers readers) : IStepResults
{
    public Task<ResultRow?> Find(string reuseKey, DateTimeOffset notBefore, CancellationToken cancellation) => readers.Read(connection =>
        connection.Prepare("SELECT run_id, done_at, results FROM step_results WHERE reuse_key = ? AND done_at >= ?")
            .Begin().Add(reuseKey).Add(Instants.Stored(notBefore))
            .First(row => new ResultRow(reuseKey, new RunId(row.Text(0)), row.Time(1), row.Bytes(2))), cancellation);
}
