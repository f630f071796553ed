using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Placement;

namespace Orleans.Runtime;

/// <summary>A silo: its activations, and the way of a request to the one that it is for.</summary>
internal sealed class SiloNode : Node
{
    private readonly SiloMessagingOptions _messaging;

    public SiloNode(
        SiloAddress address, IServiceProvider services, TimeProvider time, IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection, ILogger<SiloNode> log)
        : base(address, services, time, messaging.Value.EffectiveResponseTimeout, log)
    {
        _messaging = messaging.Value;
        Collection = collection.Value;
        QueueMax = _messaging.MaxEnqueuedRequestsHardLimit > 0
            ? _messaging.MaxEnqueuedRequestsHardLimit
            : int.MaxValue;
        Catalog = new(this);
        OutgoingFilters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
        IncomingFilters = [.. services.GetServices<IIncomingGrainCallFilter>()];
        Runtime = new SiloGrainRuntime(this);
        Collector = new(this);
        Pulse = new(this);
    }

    public GrainCollectionOptions Collection { get; }

    public int QueueMax { get; }

    public Catalog Catalog { get; }

    public Collector Collector { get; }

    public SiloPulse Pulse { get; }

    /// <summary>How many letters have come; not exact, since counting must cost nothing.</summary>
    public long ReceivedCount { get; private set; }

    public SiloGrainRuntime Runtime { get; }

    public GrainConstructors Constructors { get; } = new();

    public required IGrainDirectory Directory { get; init; }

    public required PlacementDesk Placement { get; init; }

    public bool IsStopping { get; set; }

    public bool IsDead { get; set; }

    /// <summary>Says whether this silo may act on letters; without it, always.</summary>
    public Vigil? Vigil { get; set; }

    public override void Receive(Letter letter)
    {
        if (IsDead) return;
        ReceivedCount++;
        if (Vigil is { MayServe: false } vigil) vigil.Hold(letter);
        else base.Receive(letter);
    }

    /// <summary>A letter that had to wait.</summary>
    public void ReceiveHeld(Letter letter)
    {
        if (!IsDead) base.Receive(letter);
    }

    /// <summary>
    /// The others have declared this silo dead: all its calls fail, its activations are left as they are, without a
    /// word to them or to the store; what they still do on their own is refused where it is fenced.
    /// </summary>
    public void Perish(string why)
    {
        if (IsDead) return;
        IsDead = IsStopping = true;
        Catalog.Clear();
        FailCalls(new SiloUnavailableException(why));
        Dispose();
    }

    public override void Route(Request request)
    {
        if (request.Reference is { Near: { } near } reference && near.Silo == this)
        {
            if (near.Receive(request)) return;
            reference.Near = null;
        }

        try
        {
            Dispatch(request);
        }
        catch (Exception error)
        {
            request.Fail(error);
        }
    }

    /// <summary>Brings a request on that an activation did not start.</summary>
    public void Forward(Request request)
    {
        request.Placed = false;
        Route(request);
    }

    protected override bool IsGone(SiloAddress silo) => !silo.IsClient && !Placement.Knows(silo);

    protected override void EverySecond() => Collector.EverySecond();

    protected override void Undelivered(Request request, SiloAddress to, SiloUnavailableException error)
    {
        if (IsDead || Vigil is null || to.IsClient || FixedAddress.Of(request.Target) is not null)
            request.Fail(error);
        else base.Undelivered(request, to, error);
    }

    private void Dispatch(Request request)
    {
        var target = request.Target;
        while (Catalog.Find(target) is { } activation)
        {
            if (activation.Receive(request))
            {
                if (request.Reference is { } reference) reference.Near = activation;
                return;
            }

            Catalog.Remove(activation);
        }

        if (FixedAddress.Of(target) is { } address)
        {
            if (!address.Equals(Address)) SendRequest(request, address);
            else if (SystemGrains.IsObserver(target)) Observers.Receive(request);
            else StartHere(request, ClassOf(target));
            return;
        }

        var grainClass = ClassOf(target);
        if (grainClass.Traits.Workers is not null)
        {
            Catalog.WorkersOf(target, grainClass).Receive(request);
            return;
        }

        var place = Placement.Find(request, grainClass);
        if (place.IsCompletedSuccessfully) Go(request, grainClass, place.Result);
        else _ = GoLater(request, grainClass, place.AsTask());
    }

    private async Task GoLater(Request request, GrainClass grainClass, Task<Place> place)
    {
        try
        {
            Go(request, grainClass, await place.ConfigureAwait(false));
        }
        catch (Exception error)
        {
            request.Fail(error);
        }
    }

    private void Go(Request request, GrainClass grainClass, Place place)
    {
        if (place.Silo.Equals(Address))
        {
            StartHere(request, grainClass);
            return;
        }

        // The way from a client's gateway to the grain is not counted.
        var hopsMax = _messaging.MaxForwardCount + (request.Remote is { Address.IsClient: true } ? 1 : 0);
        if (request.Remote is not null && ++request.Forwards > hopsMax)
        {
            request.Fail(new OrleansMessageRejectionException(
                $"The request for {request.Target} was sent on {request.Forwards} times without finding it."));
            return;
        }

        request.Placed = place.IsChosen;
        SendRequest(request, place.Silo);
    }

    private void StartHere(Request request, GrainClass grainClass)
    {
        if (IsStopping)
        {
            request.Fail(new SiloUnavailableException($"{Address} is stopping; {request.Target} is not started."));
            return;
        }

        Activation activation;
        while (!(activation = Catalog.GetOrStart(request.Target, grainClass, request)).Receive(request))
            Catalog.Remove(activation);
        if (request.Reference is { } reference) reference.Near = activation;
    }

    private static GrainClass ClassOf(GrainId target) =>
        Manifest.Current.ClassOf(target.Type)
        ?? throw new ArgumentException($"Could not find an implementation for grain {target}.");
}
