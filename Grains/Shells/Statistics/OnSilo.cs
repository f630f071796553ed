using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansEtl.Shells.Statistics;

/// <summary>The grain lives on the silo whose address is its key.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnSiloAttribute() : PlacementAttribute(new OnSilo());

[GenerateSerializer, Alias("etl.OnSilo")]
public sealed class OnSilo : PlacementStrategy;

/// <summary>A silo that is gone cannot be asked: that is an answer, not a reason to place the grain elsewhere.</summary>
public sealed class OnSiloDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString()!;
        foreach (var silo in context.GetCompatibleSilos(target))
            if (silo.ToParsableString() == key) return Task.FromResult(silo);
        throw new SiloUnavailableException($"The silo {key} is not there.");
    }
}
