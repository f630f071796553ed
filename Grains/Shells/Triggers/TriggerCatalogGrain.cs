using Orleans;

namespace OrleansEtl.Shells.Triggers;

[GrainType("trigger-catalog"), Role(SiloRoles.Control)]
public sealed class TriggerCatalogGrain(TriggerDesk desk) : Grain, ITriggerCatalogGrain
{
    public Task<Listing<TriggerView>> List(string prefix, string? cursor, int limit) => desk.List(prefix, cursor, limit, CancellationToken.None);
}
