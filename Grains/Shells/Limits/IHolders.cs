using Orleans;

namespace OrleansEtl.Shells.Limits;

/// <summary>Knows whether somebody still works for what a ticket holds.</summary>
public interface IHolders
{
    /// <summary>False only when nobody ever will again under that ticket.</summary>
    Task<bool> Live(LimitTicket ticket);
}

/// <summary>In a cluster every unfinished run is driven by somebody: it is asked itself, and so taken up if it was left alone.</summary>
internal sealed class RunsOfCluster(IGrainFactory grains) : IHolders
{
    public Task<bool> Live(LimitTicket ticket) => grains.GetGrain<IPipelineGrain>(ticket.Run.Value).IsAtWork(ticket.Stage, ticket.Attempt);
}
