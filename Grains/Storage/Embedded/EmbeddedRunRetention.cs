namespace OrleansEtl.Storage;

internal sealed class EmbeddedRunRetention(Writer writer) : IRunRetention
{
    private static readonly string[] Tables = ["journal", "snapshots", "steps", "wakes", "letters", "run_heads", "runs", "step_results", "run_starts"];

    public Task<int> Forget(DateTimeOffset endedBefore, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return writer.Write(connection =>
        {
            var runs = connection.Prepare("""
                SELECT run_id FROM runs WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, run_id LIMIT ?
                """).Begin().Add(Instants.Stored(endedBefore)).Add(limit).All(row => row.Text(0));
            foreach (var run in runs)
            {
                foreach (var table in Tables)
                    connection.Prepare($"DELETE FROM {table} WHERE run_id = ?").Begin().Add(run).Execute();
            }
            return runs.Length;
        }, cancellation);
    }
}
