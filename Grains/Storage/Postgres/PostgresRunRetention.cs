namespace OrleansEtl.Storage;

/// <summary>Forgets runs by deleting their rows, in one statement. Two silos that forget at once take different runs.</summary>
internal sealed class PostgresRunRetention(PostgresReads reads) : IRunRetention
{
    private const string Sql = """
        WITH gone AS MATERIALIZED (
            SELECT run_id FROM etl.run_heads WHERE ended_at < $1 ORDER BY ended_at, run_id LIMIT $2 FOR UPDATE SKIP LOCKED),
        journals AS (DELETE FROM etl.journal WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))),
        folded AS (DELETE FROM etl.snapshots WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))),
        starts AS (DELETE FROM etl.run_starts WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))),
        -- What somebody is about to renew becomes another run's; waiting for it could be waiting in a circle.
        results AS (DELETE FROM etl.step_results WHERE reuse_key IN (
            SELECT reuse_key FROM etl.step_results WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone)) FOR UPDATE SKIP LOCKED)),
        heads AS (DELETE FROM etl.run_heads WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone)))
        SELECT count(*)::int FROM gone
        """;

    public Task<int> Forget(DateTimeOffset endedBefore, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return reads.Once(Sql, parameters =>
        {
            parameters.Add(Instants.Stored(endedBefore));
            parameters.Add((long)limit);
        }, async reader => await reader.ReadAsync(cancellation) ? reader.GetInt32(0) : 0, cancellation);
    }
}
