using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.Placement;

/// <summary>Chooses the silo of a new activation.</summary>
public interface IPlacementDirector
{
    /// <summary>Under this name a request context may carry the silo that is wished for.</summary>
    const string PlacementHintKey = nameof(PlacementHintKey);

    /// <summary>The silo of a new activation.</summary>
    Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
}

/// <summary>What a director may know.</summary>
public interface IPlacementContext
{
    /// <summary>This silo.</summary>
    SiloAddress LocalSilo { get; }

    /// <summary>Its status.</summary>
    SiloStatus LocalSiloStatus { get; }

    /// <summary>The silos that can hold the grain.</summary>
    SiloAddress[] GetCompatibleSilos(PlacementTarget target);

    /// <summary>The same, by interface version.</summary>
    IReadOnlyDictionary<ushort, SiloAddress[]> GetCompatibleSilosWithVersions(PlacementTarget target);
}

/// <summary>The grain that needs a place.</summary>
public readonly struct PlacementTarget
{
    internal PlacementTarget(GrainId grainId, RequestShape shape, Dictionary<string, object>? context)
    {
        GrainIdentity = grainId;
        InterfaceType = GrainInterfaceType.Create(shape.InterfaceName);
        RequestContextData = context!;
    }

    /// <summary>The grain.</summary>
    public GrainId GrainIdentity { get; }

    /// <summary>The interface that it was called by.</summary>
    public GrainInterfaceType InterfaceType { get; }

    /// <summary>The version of the interface.</summary>
    public ushort InterfaceVersion => 0;

    /// <summary>The request context of the call.</summary>
    public Dictionary<string, object> RequestContextData { get; }
}

/// <summary>Finds the silo of a grain: where the directory has it, else where the strategy of its class says.</summary>
internal sealed class PlacementDesk(
    SiloAddress here, IClusterMembership membership, IGrainDirectory directory, IServiceProvider services)
    : IPlacementContext
{
    private readonly PlacementStrategy _default =
        services.GetService<PlacementStrategy>() ?? new ResourceOptimizedPlacement();

    private readonly ConcurrentDictionary<Type, IPlacementDirector> _directors = new();

    public SiloAddress LocalSilo => here;

    public SiloStatus LocalSiloStatus =>
        membership.Peers.FirstOrDefault(peer => peer.Address.Equals(here))?.Status ?? SiloStatus.Dead;

    public ValueTask<SiloAddress> Place(Request request, GrainClass grainClass)
    {
        var peers = membership.Peers;
        return peers.Length == 1 && peers[0].Address.Equals(here) ? new(here) : Find(request, grainClass);
    }

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        var active = membership.Peers.Where(peer => peer.Status == SiloStatus.Active).Select(peer => peer.Address);
        return [.. active.Order()];
    }

    public IReadOnlyDictionary<ushort, SiloAddress[]> GetCompatibleSilosWithVersions(PlacementTarget target) =>
        new Dictionary<ushort, SiloAddress[]> { [0] = GetCompatibleSilos(target) };

    private async ValueTask<SiloAddress> Find(Request request, GrainClass grainClass)
    {
        if (await directory.Lookup(request.Target).ConfigureAwait(false) is { SiloAddress: { } known }
            && membership.Peers.Any(peer => peer.Address.Equals(known))) return known;
        if (request.Placed) return here;
        var target = new PlacementTarget(
            request.Target, request.Shape, request.Context is { } values ? new(values) : null);
        var candidates = GetCompatibleSilos(target);
        if (candidates.Length == 0) throw new SiloUnavailableException("No silo is active.");
        if (target.RequestContextData?.GetValueOrDefault(IPlacementDirector.PlacementHintKey) is SiloAddress hint
            && candidates.Contains(hint)) return hint;
        var strategy = grainClass.Traits.Placement ?? _default;
        var director = _directors.GetOrAdd(strategy.GetType(), DirectorOf);
        return await director.OnAddActivation(strategy, target, this).ConfigureAwait(false);
    }

    private IPlacementDirector DirectorOf(Type strategy) =>
        services.GetKeyedService<IPlacementDirector>(strategy)
        ?? (strategy == typeof(PreferLocalPlacement) ? new PreferLocalDirector()
            : strategy == typeof(HashBasedPlacement) ? new HashDirector()
            : strategy.Assembly == typeof(PlacementStrategy).Assembly ? new SpreadDirector()
            : throw new OrleansConfigurationException(
                $"No placement director is registered for {strategy}; see AddPlacementDirector."));
}

internal sealed class PreferLocalDirector : IPlacementDirector
{
    private readonly SpreadDirector _others = new();

    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        context.LocalSiloStatus == SiloStatus.Active
            ? Task.FromResult(context.LocalSilo)
            : _others.OnAddActivation(strategy, target, context);
}

internal sealed class HashDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(silos[target.GrainIdentity.GetUniformHashCode() % (uint)silos.Length]);
    }
}

/// <summary>One after the other: as even as it gets without asking anybody.</summary>
internal sealed class SpreadDirector : IPlacementDirector
{
    private int _next;

    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(silos[(uint)Interlocked.Increment(ref _next) % (uint)silos.Length]);
    }
}
