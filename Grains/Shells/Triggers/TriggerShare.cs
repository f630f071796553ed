using System.Collections.Immutable;
using Orleans.Runtime;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Triggers;

/// <summary>Which triggers this silo listens for: each belongs to one silo of the role <c>control</c>, the same for all who see the same
/// silos.</summary>
public sealed class TriggerShare(TriggerDesk desk, ISiloStatusOracle silos)
{
    /// <summary>The queues of triggers that are not paused, by the triggers' ids.</summary>
    public async Task<IReadOnlyDictionary<string, TriggerSource.OfRabbitMq>> OfQueues(CancellationToken cancellation)
    {
        ImmutableArray<SiloAddress> able =
            [.. silos.GetActiveSilos().Where(silo => silos.TryGetSiloName(silo, out var name) && SiloRoles.Has(name, SiloRoles.Control))];
        var mine = new Dictionary<string, TriggerSource.OfRabbitMq>(StringComparer.Ordinal);
        for (string? cursor = null; ;)
        {
            var page = await desk.List("", cursor, Paging.LimitMax, cancellation);
            foreach (var trigger in page.Items)
                if (trigger.Spec is { IsPaused: false, On: TriggerSource.OfRabbitMq queue }
                    && silos.SiloAddress.Equals(Rendezvous.Choose(Rendezvous.Of($"{KeptTrigger.GrainType}/{trigger.Id}"), able)))
                    mine[trigger.Id] = queue;
            if (page.Next is null) return mine;
            cursor = page.Next;
        }
    }
}
