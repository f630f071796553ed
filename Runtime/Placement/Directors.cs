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

/// <summary>Where a request goes.</summary>
/// <param name="IsChosen">The silo has been chosen for a new activation; else the grain should be there already, or
/// the silo knows by itself that it is to be.</param>
internal readonly record struct Place(SiloAddress Silo, bool IsChosen);

/// <summary>
/// Finds the silo of a grain. By default it is the owner of its point on the ring, without asking anybody; the owner
/// knows if it still lives elsewhere. Grains of other strategies are where the directory has them, else where the
/// director says. Who gets a request that is not for him makes sure that he knows the latest view before he sends it on.
/// </summary>
internal sealed class PlacementDesk(
    SiloAddress here, IClusterMembership membership, IGrainDirectory directory, IServiceProvider services)
    : IPlacementContext
{
    private readonly RingDirectory? _ring = directory as RingDirectory;

    private readonly PlacementStrategy? _default = services.GetService<PlacementStrategy>()
        ?? (directory is RingDirectory ? null : new ResourceOptimizedPlacement());

    private readonly ConcurrentDictionary<Type, IPlacementDirector> _directors = new();

    public SiloAddress LocalSilo => here;

    public SiloStatus LocalSiloStatus =>
        membership.Peers.FirstOrDefault(peer => peer.Address.Equals(here))?.Status ?? SiloStatus.Dead;

    /// <summary>Whether the silo is in the view.</summary>
    public bool Knows(SiloAddress silo) => membership.Peers.Any(peer => peer.Address.Equals(silo));

    /// <summary>Whether the grain belongs to the owner of its point.</summary>
    public bool IsByRing(Activation activation) => StrategyOf(activation.Class) is null;

    public ValueTask<Place> Find(Request request, GrainClass grainClass)
    {
        var peers = membership.Peers;
        if (peers.Length == 1 && peers[0].Address.Equals(here) && !IsByStranger(grainClass)) return new(new Place(here, false));
        if (_ring is null) return new(FindRegistered(request, grainClass));
        if (StrategyOf(grainClass) is not null)
        {
            return WasSentHere(request) && !request.Placed
                ? new(FindMisled(request, grainClass))
                : new(FindRegistered(request, grainClass));
        }

        var owner = _ring.OwnerOf(request.Target);
        if (owner.Equals(here))
        {
            var entry = _ring.OwnEntry(request.Target);
            return entry is null && !_ring.IsSettled ? new(FindSettled(request, grainClass)) : new(new Place(entry ?? here, false));
        }

        return WasSentHere(request) ? new(FindAnew(request)) : new(new Place(owner, false));
    }

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        var active = membership.Peers.Where(peer => peer.Status == SiloStatus.Active).Select(peer => peer.Address);
        return [.. active.Order()];
    }

    public IReadOnlyDictionary<ushort, SiloAddress[]> GetCompatibleSilosWithVersions(PlacementTarget target) =>
        new Dictionary<ushort, SiloAddress[]> { [0] = GetCompatibleSilos(target) };

    private PlacementStrategy? StrategyOf(GrainClass grainClass) => grainClass.Traits.Placement ?? _default;

    // A director of the application may refuse even the only silo.
    private bool IsByStranger(GrainClass grainClass) =>
        StrategyOf(grainClass) is { } strategy && strategy.GetType().Assembly != typeof(PlacementStrategy).Assembly;

    // A client sends to any silo; but what another silo has sent, it has sent because it takes this one for the right one.
    private static bool WasSentHere(Request request) =>
        request.Remote is { } remote && (request.Forwards > 0 || !remote.Address.IsClient);

    private async Task<Place> FindSettled(Request request, GrainClass grainClass)
    {
        await _ring!.Settled.ConfigureAwait(false);
        return await Find(request, grainClass).ConfigureAwait(false);
    }

    private async Task<Place> FindAnew(Request request)
    {
        await membership.Refresh().ConfigureAwait(false);
        var elsewhere = await _ring!.Deny(request.Target).ConfigureAwait(false);
        return new(elsewhere?.SiloAddress ?? _ring.OwnerOf(request.Target), false);
    }

    private async Task<Place> FindMisled(Request request, GrainClass grainClass)
    {
        _ring!.Mislead(request.Target, request.Remote!.Address is { IsClient: false } sender ? sender : null);
        return await _ring.Deny(request.Target).ConfigureAwait(false) is { SiloAddress: { } elsewhere }
            ? new(elsewhere, false)
            : await Choose(request, grainClass).ConfigureAwait(false);
    }

    private async Task<Place> FindRegistered(Request request, GrainClass grainClass)
    {
        // Whoever was chosen starts the grain; when it registers it hears if another was faster.
        var starts = request.Placed && LocalSiloStatus == SiloStatus.Active;
        if (starts && _ring is not null) return new(here, true);
        if (await directory.Lookup(request.Target).ConfigureAwait(false) is { SiloAddress: { } known }
            && Knows(known)) return new(known, _ring is null);
        return starts ? new(here, true) : await Choose(request, grainClass).ConfigureAwait(false);
    }

    private async Task<Place> Choose(Request request, GrainClass grainClass)
    {
        var target = new PlacementTarget(
            request.Target, request.Shape, request.Context is { } values ? new(values) : null);
        var candidates = GetCompatibleSilos(target);
        if (candidates.Length == 0) throw new SiloUnavailableException("No silo is active.");
        if (target.RequestContextData?.GetValueOrDefault(IPlacementDirector.PlacementHintKey) is SiloAddress hint
            && candidates.Contains(hint)) return new(hint, true);
        var strategy = StrategyOf(grainClass)!;
        var director = _directors.GetOrAdd(strategy.GetType(), DirectorOf);
        return new(await director.OnAddActivation(strategy, target, this).ConfigureAwait(false), true);
    }

    private IPlacementDirector DirectorOf(Type strategy)
    {
        if (services.GetKeyedService<IPlacementDirector>(strategy) is { } own) return own;
        if (strategy == typeof(PreferLocalPlacement)) return new PreferLocalDirector(AnySilo);
        if (strategy == typeof(HashBasedPlacement)) return new HashDirector();
        if (strategy == typeof(RandomPlacement)) return AnySilo;
        if (strategy == typeof(ActivationCountBasedPlacement) || strategy == typeof(ResourceOptimizedPlacement))
            return new LessBusyDirector(services.GetRequiredService<Chance>(), services.GetRequiredService<SiloLoads>());
        throw new OrleansConfigurationException(
            $"No placement director is registered for {strategy}; see AddPlacementDirector.");
    }

    private RandomDirector AnySilo => new(services.GetRequiredService<Chance>());
}

/// <summary>Where chance comes from: a number from 0 up to below the given one.</summary>
internal sealed record Chance(Func<int, int> Below);

internal sealed class RandomDirector(Chance chance) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(silos[chance.Below(silos.Length)]);
    }
}

internal sealed class PreferLocalDirector(RandomDirector others) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        context.LocalSiloStatus == SiloStatus.Active
            ? Task.FromResult(context.LocalSilo)
            : others.OnAddActivation(strategy, target, context);
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

/// <summary>The one of two by chance that has fewer activations: nearly as even as asking all, without the herd.</summary>
internal sealed class LessBusyDirector(Chance chance, SiloLoads loads) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var one = silos[chance.Below(silos.Length)];
        var other = silos[chance.Below(silos.Length)];
        var chosen = loads.Of(one) <= loads.Of(other) ? one : other;
        loads.Expect(chosen);
        return Task.FromResult(chosen);
    }
}

/// <summary>How many activations each silo has said it has, and those that were sent there since.</summary>
internal sealed class SiloLoads
{
    private readonly ConcurrentDictionary<SiloAddress, int> _activations = new();

    public int Of(SiloAddress silo) => _activations.GetValueOrDefault(silo);

    public void Expect(SiloAddress silo) => _activations.AddOrUpdate(silo, 1, static (_, known) => known + 1);

    public void Set(SiloAddress silo, int activations) => _activations[silo] = activations;

    public void Forget(SiloAddress silo) => _activations.TryRemove(silo, out _);
}
