using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

internal sealed partial class Activation
{
    private readonly List<IDisposable> _timers = [];
    private AsyncServiceScope? _scope;
    private GrainLifecycle? _lifecycle;
    private DeactivationReason _reason;
    private long _keepUntilSecond;
    private bool _deactivateOnceActive;

    public IServiceProvider ActivationServices =>
        _scope?.ServiceProvider ?? throw new InvalidOperationException("This activation is not made yet.");

    public IGrainLifecycle ObservableLifecycle => Lifecycle;

    private GrainLifecycle Lifecycle => _lifecycle ??= new(Silo.Log);

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        _turns.Run(() => StartAsync(requestContext?.ToImmutableDictionary()));

    public void StartActivating(ImmutableDictionary<string, object>? requestContext) =>
        _turns.Run(() => StartAsync(requestContext));

    private async Task StartAsync(ImmutableDictionary<string, object>? requestContext)
    {
        try
        {
            RequestContext.Values = requestContext;
            MakeInstance();
            if (!await Register()) return;
            using var timeout = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.Time);
            if (_lifecycle is not null) await _lifecycle.OnStart(timeout.Token);
            await ((IGrainBase)GrainInstance!).OnActivateAsync(timeout.Token);
        }
        catch (Exception error)
        {
            await FailActivation(error);
            return;
        }

        lock (_gate)
        {
            // Deactivation may have been asked for while the grain activated.
            if (_phase != Phase.Activating) return;
            _phase = Phase.Active;
            LastUsedSecond = Silo.Calls.Second;
            StartWaiting_NeedsGate();
        }

        if (_deactivateOnceActive) Deactivate(_reason);
    }

    private void MakeInstance()
    {
        var scope = Silo.Services.CreateAsyncScope();
        _scope = scope;
        scope.ServiceProvider.GetRequiredService<GrainContextSlot>().Context = this;
        RuntimeContext.Creating = this;
        try
        {
            GrainInstance = Silo.Constructors.Make(Class.Type, scope.ServiceProvider, this);
        }
        catch (Exception error) when (error is not OrleansException)
        {
            throw new InvalidOperationException($"The constructor of {Class.Type} failed: {error.Message}", error);
        }
        finally
        {
            RuntimeContext.Creating = null;
        }

        if (GrainInstance is ILifecycleParticipant<IGrainLifecycle> participant) participant.Participate(Lifecycle);
    }

    // Two silos may have started the same grain; the directory knows which one it is.
    private async ValueTask<bool> Register()
    {
        if (Workers is not null || !Silo.Directory.Covers(GrainId)) return true;
        var winner = await Silo.Directory.Register(Address);
        if (winner.Equals(Address)) return true;
        _reason = new(DeactivationReasonCode.DuplicateActivation, $"{GrainId} lives at {winner.SiloAddress}.");
        await Leave(forward: true);
        return false;
    }

    private async Task FailActivation(Exception error)
    {
        Silo.Log.LogWarning(error, "{Grain} could not be activated.", GrainId);
        _reason = new(DeactivationReasonCode.ActivationFailed, error, "The activation failed.");
        List<Request> queued;
        lock (_gate)
        {
            _phase = Phase.Gone;
            queued = TakeWaiting_NeedsGate();
        }

        await Unregister();
        Silo.Catalog.Remove(this);
        DisposeTimers();
        foreach (var request in queued) request.Fail(error);
        await DisposeInstance();
        _ended.TrySetResult();
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_phase is Phase.Deactivating or Phase.Gone) return;
            _reason = deactivationReason;
            if (_phase == Phase.Activating)
            {
                _deactivateOnceActive = true;
                return;
            }

            _phase = Phase.Deactivating;
            DisposeTimers();
            if (_running.Count == 0) _turns.Run(EndAsync);
        }
    }

    private async Task EndAsync()
    {
        RequestContext.Values = null;
        using var timeout = new CancellationTokenSource(Silo.Collection.DeactivationTimeout, Silo.Time);
        DisposeTimers();
        try
        {
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(_reason, timeout.Token).WaitAsync(timeout.Token);
        }
        catch (Exception error)
        {
            Silo.Log.LogWarning(error, "OnDeactivateAsync of {Grain} failed.", GrainId);
        }

        if (_lifecycle is not null) await _lifecycle.OnStop(timeout.Token);
        await Leave(forward: true);
    }

    private async Task Leave(bool forward)
    {
        await Unregister();
        await DisposeInstance();
        List<Request> queued;
        lock (_gate)
        {
            _phase = Phase.Gone;
            queued = TakeWaiting_NeedsGate();
        }

        Silo.Catalog.Remove(this);
        foreach (var request in queued)
        {
            if (!forward || request.DiesWithActivation) continue;
            Silo.Forward(request);
        }

        _ended.TrySetResult();
    }

    private async ValueTask Unregister()
    {
        try
        {
            if (Workers is null && Silo.Directory.Covers(GrainId)) await Silo.Directory.Unregister(Address);
        }
        catch (Exception error)
        {
            Silo.Log.LogWarning(error, "{Grain} could not be taken out of the directory.", GrainId);
        }
    }

    private async ValueTask DisposeInstance()
    {
        try
        {
            if (Streams is { } streams) await streams.DisposeAsync();
            if (GrainInstance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else if (GrainInstance is IDisposable disposable) disposable.Dispose();
            if (_scope is { } scope) await scope.DisposeAsync();
        }
        catch (Exception error)
        {
            Silo.Log.LogWarning(error, "{Grain} could not be disposed.", GrainId);
        }
    }

    private StreamExtension? Streams
    {
        get
        {
            lock (_gate) return _components?.GetValueOrDefault(typeof(IStreamExtension)) as StreamExtension;
        }
    }

    private List<Request> TakeWaiting_NeedsGate()
    {
        List<Request> waiting = [.. _waiting];
        _waiting.Clear();
        return waiting;
    }

    /// <summary>The silo has died: nothing runs on, nothing is stored or answered.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _phase = Phase.Gone;
            _waiting.Clear();
        }

        DisposeTimers();
        _ = Streams?.DisposeAsync().AsTask();
        _ended.TrySetResult();
    }

    public void AddTimer(IDisposable timer)
    {
        lock (_timers) _timers.Add(timer);
    }

    public void RemoveTimer(IDisposable timer)
    {
        lock (_timers) _timers.Remove(timer);
    }

    private void DisposeTimers()
    {
        IDisposable[] timers;
        lock (_timers) timers = [.. _timers];
        foreach (var timer in timers) timer.Dispose();
    }

    public void Delay(TimeSpan keep)
    {
        _keepUntilSecond = keep == Timeout.InfiniteTimeSpan || keep == TimeSpan.MaxValue ? long.MaxValue
            : keep <= TimeSpan.Zero ? 0
            : Silo.Calls.Second + (long)Math.Ceiling(keep.TotalSeconds);
    }

    /// <summary>Whether nobody has used it for that long and nothing keeps it.</summary>
    public bool IsIdleFor(TimeSpan age)
    {
        lock (_gate)
        {
            return _phase == Phase.Active && _running.Count == 0 && _waiting.Count == 0
                && _keepUntilSecond <= Silo.Calls.Second
                && Silo.Calls.Second - LastUsedSecond >= age.TotalSeconds;
        }
    }
}

/// <summary>Says which activation a scope belongs to.</summary>
internal sealed class GrainContextSlot
{
    public IGrainContext? Context { get; set; }
}
