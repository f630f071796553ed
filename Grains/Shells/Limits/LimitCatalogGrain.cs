using Orleans;
using Orleans.Concurrency;

namespace OrleansEtl.Shells.Limits;

/// <summary>Reads for people, on the silo that they happen to ask.</summary>
[StatelessWorker, GrainType("limit-catalog")]
public sealed class LimitCatalogGrain(StoredLimits limits) : Grain, ILimitCatalogGrain
{
    public Task<Listing<LimitSummary>> List(string? cursor, int limit) => limits.List(cursor, limit, CancellationToken.None);
}
