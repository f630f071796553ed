using Orleans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Limits;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Embedded;

/// <summary>In a home a run is driven by one process or by nobody, and what ran when its process died is lost: whoever takes the run up makes
/// new attempts. Only a run of this process may be asked itself, since asking drives it.</summary>
internal sealed class RunsOfHome(IHomeStore store, string driver, IGrainFactory grains, TimeProvider clock) : IHolders
{
    public async Task<bool> Live(LimitTicket ticket)
    {
        var holder = await store.Drivers.Holder(ticket.Run, clock.GetUtcNow(), CancellationToken.None);
        if (holder is null) return false;
        if (holder.Id == driver) return await grains.GetGrain<IPipelineGrain>(ticket.Run.Value).IsAtWork(ticket.Stage, ticket.Attempt);
        var run = await PastRun.Read(store.Journal, ticket.Run, CancellationToken.None);
        return run is not null && Run.IsAtWork(run, ticket.Stage, ticket.Attempt);
    }
}
