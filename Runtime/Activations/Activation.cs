using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>
/// One activation of a grain. It promises: one turn at a time; a request starts only if the rules of
/// interleaving allow it beside those that run; nothing starts before activation has ended well or after
/// deactivation has begun. What could not start here is forwarded to the next activation, or, if this one
/// failed to activate, fails with the very exception. It does not promise an order among waiting requests.
/// </summary>
internal sealed partial class Activation : IGrainContext, ITurnHost
{
    private readonly Lock _gate = new();
    private readonly List<Request> _running = new(1);
    private readonly LinkedList<Request> _waiting = new();
    private readonly TurnQueue _turns;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<Type, object>? _components;
    private Dictionary<Guid, int>? _chains;
    private bool _waitingMayInterleave;
    private Phase _phase = Phase.Activating;

    public Activation(SiloNode node, GrainClass grainClass, GrainId grainId)
    {
        Silo = node;
        Class = grainClass;
        GrainId = grainId;
        Traits = grainClass.Traits;
        ActivationId = new ActivationId(SequentialGuid.Next());
        Address = new() { GrainId = grainId, ActivationId = ActivationId, SiloAddress = node.Address };
        _turns = new(this, node.Log);
        LastUsedSecond = node.Calls.Second;
    }

    private enum Phase : byte
    {
        Activating,
        Active,
        Deactivating,
        Gone,
    }

    public SiloNode Silo { get; }

    public GrainClass Class { get; }

    public GrainTraits Traits { get; }

    public GrainId GrainId { get; }

    public ActivationId ActivationId { get; }

    public GrainAddress Address { get; }

    public object? GrainInstance { get; private set; }

    public Task Deactivated => _ended.Task;

    public IWorkItemScheduler Scheduler => _turns;

    public TurnQueue Turns => _turns;

    public GrainReference GrainReference =>
        field ??= (GrainReference)Silo.Bind(GrainId, Class.Interfaces.FirstOrDefault(IsOwn) ?? typeof(IGrain));

    public bool IsActive => _phase == Phase.Active;

    public bool IsEnding => _phase is Phase.Deactivating or Phase.Gone;

    public int LastUsedSecond { get; private set; }

    public StatelessWorkers? Workers { get; init; }

    /// <summary>How many requests run or wait.</summary>
    public int Load
    {
        get
        {
            lock (_gate) return _running.Count + _waiting.Count;
        }
    }

    Node ITurnHost.Node => Silo;

    IGrainContext ITurnHost.Context => this;

    /// <summary>Takes a request; false if this activation has ended and another one must be found.</summary>
    public bool Receive(Request request)
    {
        request.Host = this;
        lock (_gate)
        {
            if (_phase == Phase.Gone) return false;
            if (_phase != Phase.Active || !MayStart(request))
            {
                if (_waiting.Count >= Silo.QueueMax) return Refuse(request);
                _waiting.AddLast(request);
                _waitingMayInterleave |= request.IsReadOnly || Traits.MayInterleave is not null
                    || (request.Context?.ContainsKey(RequestContext.ReentrancyKey) ?? false);
                return true;
            }

            _running.Add(request);
        }

        _turns.Post(request);
        return true;
    }

    /// <summary>Starts a request; in a turn.</summary>
    public void Begin(Request request)
    {
        if (request.IsSettled || request.HasExpired)
        {
            request.Remote?.Here.ForgetReceived(request.Remote);
            Finished(request, null);
            return;
        }

        RequestContext.Values = request.Context;
        object target;
        try
        {
            target = request.TargetIn(this);
        }
        catch (Exception error)
        {
            Finished(request, null);
            request.Fail(error);
            return;
        }

        if (Silo.IncomingFilters.Length == 0 && GrainInstance is not IIncomingGrainCallFilter)
            request.Start(this, target);
        else
            _ = request.StartFiltered(this, target);
    }

    public void Finished(Request request, Exception? error)
    {
        if (error is Storage.InconsistentStateException { IsFresh: true } conflict)
        {
            conflict.IsFresh = false;
            Deactivate(new(DeactivationReasonCode.ApplicationError, conflict,
                "The state in the store is not the one that this activation knows."));
        }

        lock (_gate)
        {
            _running.Remove(request);
            if (request.CountsAsUse) LastUsedSecond = Silo.Calls.Second;
            if (_phase == Phase.Active)
            {
                if (_waiting.First is not null) StartWaiting_NeedsGate();
            }
            else if (_phase == Phase.Deactivating && _running.Count == 0)
            {
                _turns.Run(EndAsync);
            }
        }
    }

    private bool MayStart(Request request)
    {
        if (_running.Count == 0) return true;
        if (request.AlwaysInterleaves || Traits.Reentrant) return true;
        if (request.IsReadOnly && _running.TrueForAll(static running => running.IsReadOnly)) return true;
        if (_chains is not null && request.Context is { } values
            && values.GetValueOrDefault(RequestContext.ReentrancyKey) is Guid chain
            && _chains.ContainsKey(chain)) return true;
        return Traits.MayInterleave is { } may && GrainInstance is { } instance
            && (may(instance, request) || _running.TrueForAll(running => may(instance, running)));
    }

    private void StartWaiting_NeedsGate()
    {
        // Without requests that may interleave, only the first can start, and only when nothing runs.
        for (var node = _waiting.First; node is not null;)
        {
            var next = node.Next;
            if (MayStart(node.Value))
            {
                _waiting.Remove(node);
                _running.Add(node.Value);
                _turns.Post(node.Value);
            }
            else if (!_waitingMayInterleave)
            {
                return;
            }

            node = next;
        }

        _waitingMayInterleave &= _waiting.First is not null;
    }

    private bool Refuse(Request request)
    {
        request.Fail(new LimitExceededException(
            $"{GrainId} has {_waiting.Count} waiting requests, which is the limit; try again later."));
        return true;
    }

    internal void EnterChain(Guid chain)
    {
        lock (_gate)
        {
            _chains ??= [];
            _chains[chain] = _chains.GetValueOrDefault(chain) + 1;
            if (_phase == Phase.Active) StartWaiting_NeedsGate();
        }
    }

    internal void LeaveChain(Guid chain)
    {
        lock (_gate)
        {
            if (_chains is null || !_chains.TryGetValue(chain, out var count)) return;
            if (count > 1) _chains[chain] = count - 1;
            else if (_chains.Remove(chain) && _chains.Count == 0) _chains = null;
        }
    }

    public object Extension(Type interfaceType)
    {
        lock (_gate)
        {
            if (_components is not null && _components.TryGetValue(interfaceType, out var known)) return known;
        }

        var made = GrainExtensionsOfRuntime.Make(interfaceType, this)
            ?? ActivationServices.GetKeyedService<IGrainExtension>(interfaceType)
            ?? throw new GrainExtensionNotInstalledException($"{GrainId} does not have the extension {interfaceType}.");
        lock (_gate) (_components ??= [])[interfaceType] = made;
        return made;
    }

    public object? GetTarget() => GrainInstance;

    public TComponent? GetComponent<TComponent>() where TComponent : class
    {
        if (typeof(TComponent) == typeof(IGrainRuntime)) return Silo.Runtime as TComponent;
        lock (_gate)
        {
            if (_components is not null && _components.TryGetValue(typeof(TComponent), out var known))
                return (TComponent)known;
        }

        return GrainInstance as TComponent;
    }

    public void SetComponent<TComponent>(TComponent? value) where TComponent : class
    {
        lock (_gate)
        {
            if (value is null) _components?.Remove(typeof(TComponent));
            else (_components ??= [])[typeof(TComponent)] = value;
        }
    }

    public void ReceiveMessage(object message)
    {
        var request = (Request)message;
        if (!Receive(request)) Silo.Route(request);
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => Address.ToString();

    private static bool IsOwn(Type type) =>
        typeof(IGrain).IsAssignableFrom(type) && type.Assembly != typeof(IGrain).Assembly;
}
