namespace OrleansEtl.Storage;

internal sealed class MemoryRunRetention(MemoryTables tables) : IRunRetention
{
    public Task<int> Forget(DateTimeOffset endedBefore, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return tables.Locked(() =>
        {
            var runs = tables.Runs.Values.Where(run => run.EndedAt < endedBefore)
                .OrderBy(run => run.EndedAt).ThenBy(run => run.Id).Take(limit).Select(run => run.Id).ToArray();
            foreach (var run in runs) Forget(run);
            return runs.Length;
        }, cancellation);
    }

    private void Forget(RunId run)
    {
        tables.Journals.Remove(run);
        tables.Runs.Remove(run);
        tables.Steps.Remove(run);
        tables.Wakes.Remove(run);
        foreach (var result in tables.Results.Values.Where(result => result.Run == run).ToArray()) tables.Results.Remove(result.ReuseKey);
        foreach (var start in tables.Starts.Where(start => start.Value == run).ToArray()) tables.Starts.Remove(start.Key);
        foreach (var letter in tables.Letters.Values.Where(letter => letter.Letter.Run == run).ToArray())
            tables.Letters.Remove(letter.Letter.Number);
    }
}
