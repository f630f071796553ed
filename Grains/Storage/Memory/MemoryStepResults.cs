namespace OrleansEtl.Storage;

internal sealed class MemoryStepResults(MemoryTables tables) : IStepResults
{
    public Task<ResultRow?> Find(string reuseKey, DateTimeOffset notBefore, CancellationToken cancellation) => tables.Locked(
        () => tables.Results.TryGetValue(reuseKey, out var found) && found.DoneAt >= Instants.Rounded(notBefore) ? found : null,
        cancellation);
}
