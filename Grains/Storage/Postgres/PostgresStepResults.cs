namespace OrleansEtl.Storage;

internal sealed class PostgresStepResults(PostgresReads reads) : IStepResults
{
    public Task<ResultRow?> Find(string reuseKey, DateTimeOffset notBefore, CancellationToken cancellation) => reads.First(
        "SELECT run_id, done_at, results FROM etl.step_results WHERE reuse_key = $1 AND done_at >= $2", parameters =>
        {
            parameters.Add(reuseKey);
            parameters.Add(Instants.Stored(notBefore));
        }, row => new ResultRow(
            reuseKey, new RunId(row.GetString(0)), Instants.Time(row.GetInt64(1)), row.GetFieldValue<byte[]>(2)), cancellation);
}
