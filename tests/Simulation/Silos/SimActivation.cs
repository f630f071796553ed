using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Simulation.Tests;

/// <summary>A request for an activation: a call, or the tick of a timer.</summary>
internal abstract class Incoming
{
    public abstract bool Interleaves { get; }
    public abstract Task Run(object grain);
    /// <summary>The activation has ended before this began.</summary>
    public abstract void Turn(SimSilo away);
    /// <summary>The activation never came up.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A real grain with a simulated life: one turn at a time, nothing starts before it is active or after its end has begun, and
/// what its background work awaits goes on even then, as it does in a silo.</summary>
internal sealed class SimActivation : IGrainContext
{
    private static readonly GrainConstructors Constructors = new();

    private readonly TurnScheduler _turns;
    private readonly List<Incoming> _running = [];
    private readonly List<Incoming> _waiting = [];
    private readonly List<IDisposable> _timers = [];
    private readonly TaskCompletionSource _ended = new();
    private Phase _phase = Phase.Activating;
    private DeactivationReason _reason;
    private bool _endsOnceActive;

    public SimActivation(SimSilo silo, GrainId grain)
    {
        (Silo, GrainId) = (silo, grain);
        _turns = new TurnScheduler(silo, this);
        _ = _turns.Run(Start);
    }

    private enum Phase { Activating, Active, Deactivating, Gone }

    public SimSilo Silo { get; }
    public GrainId GrainId { get; }
    public object? GrainInstance { get; private set; }
    public bool IsActive => _phase == Phase.Active;
    public Task Deactivated => _ended.Task;
    public IServiceProvider ActivationServices => Silo.Services;
    public GrainReference GrainReference => throw new NotSupportedException("References to oneself are not simulated.");
    public ActivationId ActivationId => default;
    public GrainAddress Address => new() { GrainId = GrainId };
    public IGrainLifecycle ObservableLifecycle => throw new NotSupportedException("Lifecycles are not simulated.");
    public IWorkItemScheduler Scheduler => throw new NotSupportedException("Work items are not simulated.");

    public void Receive(Incoming request)
    {
        if (_phase == Phase.Gone) request.Turn(Silo);
        else if (_phase == Phase.Active && MayStart(request)) Begin(request);
        else _waiting.Add(request);
    }

    public IGrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new SimTimer(this, callback, options);
        _timers.Add(timer);
        return timer;
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (_phase is Phase.Deactivating or Phase.Gone) return;
        _reason = deactivationReason;
        if (_phase == Phase.Activating)
        {
            _endsOnceActive = true;
            return;
        }
        Silo.World.Trace.Note("ends", Silo.Name, GrainId.Key.ToString());
        _phase = Phase.Deactivating;
        DisposeTimers();
        if (_running.Count == 0) _ = _turns.Run(End);
    }

    private async Task Start()
    {
        try
        {
            Silo.World.Trace.Note("activates", Silo.Name, GrainId.Key.ToString());
            RuntimeContext.Creating = this;
            try
            {
                GrainInstance = Constructors.Make(GrainKinds.ClassOf(GrainId), Silo.Services, this);
            }
            finally
            {
                RuntimeContext.Creating = null;
            }
            await ((IGrainBase)GrainInstance).OnActivateAsync(CancellationToken.None);
        }
        catch (Exception error)
        {
            _phase = Phase.Gone;
            Silo.Remove(this);
            DisposeTimers();
            foreach (var request in Waiting()) request.Fail(error);
            _ended.TrySetResult();
            return;
        }
        _phase = Phase.Active;
        StartWaiting();
        if (_endsOnceActive) Deactivate(_reason);
    }

    private async Task End()
    {
        DisposeTimers();
        try
        {
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(_reason, CancellationToken.None);
        }
        catch (Exception error)
        {
            Silo.World.Trace.Say(Silo.Name, $"{GrainId} ends badly: {error.Message}");
        }
        _phase = Phase.Gone;
        Silo.Remove(this);
        foreach (var request in Waiting()) request.Turn(Silo);
        _ended.TrySetResult();
    }

    private bool MayStart(Incoming request) => _running.Count == 0 || request.Interleaves;

    private void Begin(Incoming request)
    {
        _running.Add(request);
        _ = _turns.Run(async () =>
        {
            await request.Run(GrainInstance!);
            _running.Remove(request);
            if (_phase == Phase.Active) StartWaiting();
            else if (_phase == Phase.Deactivating && _running.Count == 0) await End();
        });
    }

    private void StartWaiting()
    {
        foreach (var request in _waiting.ToArray())
        {
            if (!MayStart(request)) continue;
            _waiting.Remove(request);
            Begin(request);
        }
    }

    private Incoming[] Waiting()
    {
        Incoming[] waiting = [.. _waiting];
        _waiting.Clear();
        return waiting;
    }

    private void DisposeTimers()
    {
        foreach (var timer in _timers) timer.Dispose();
    }

    public object? GetTarget() => GrainInstance;
    public TComponent? GetComponent<TComponent>() where TComponent : class => Silo.Runtime as TComponent ?? GrainInstance as TComponent;
    public void SetComponent<TComponent>(TComponent? value) where TComponent : class => throw new NotSupportedException();
    public void ReceiveMessage(object message) => throw new NotSupportedException();
    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) { }
    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);
}
