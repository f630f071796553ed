using System.Net;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Timers;

namespace OrleansEtl.Simulation.Tests;

/// <summary>What grains ask of their silo.</summary>
internal sealed class SimRuntime(SimSilo silo) : IGrainRuntime, ITimerRegistry
{
    public string SiloIdentity => silo.Name;
    public SiloAddress SiloAddress { get; } = SiloAddress.New(IPAddress.Loopback, 11111, silo.Number);
    public IGrainFactory GrainFactory { get; } = GrainsOf.Machine(silo);
    public ITimerRegistry TimerRegistry => this;
    public IServiceProvider ServiceProvider => silo.Services;
    public TimeProvider TimeProvider => silo.Clock;

    public void DeactivateOnIdle(IGrainContext grainContext) => grainContext.Deactivate(
        new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "It asked for it."));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) { } // nothing is collected here for being idle

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext) =>
        throw new NotSupportedException("Grain state is not simulated.");

    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
        ((SimActivation)grainContext).AddTimer(token => callback(state, token), options);
}

/// <summary>What a silo knows of all silos: its view, and who has left it.</summary>
internal sealed class SimOracle(SimSilo silo) : ISiloStatusOracle
{
    private readonly List<ISiloStatusListener> _listeners = [];
    private readonly HashSet<SiloAddress> _dead = [];

    public SiloStatus CurrentStatus => silo.IsLeaving ? SiloStatus.ShuttingDown : SiloStatus.Active;
    public string SiloName => silo.Name;
    public SiloAddress SiloAddress => silo.Runtime.SiloAddress;

    public SiloAddress[] GetActiveSilos() => [.. silo.View.Select(other => other.Runtime.SiloAddress)];

    public SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress) =>
        GetActiveSilos().Contains(siloAddress) ? SiloStatus.Active : IsDeadSilo(siloAddress) ? SiloStatus.Dead : SiloStatus.None;

    public Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false) =>
        GetActiveSilos().ToDictionary(other => other, _ => SiloStatus.Active);

    public bool TryGetSiloName(SiloAddress siloAddress, out string siloName)
    {
        siloName = silo.View.FirstOrDefault(other => other.Runtime.SiloAddress.Equals(siloAddress))?.Name!;
        return siloName is not null;
    }

    public bool IsFunctionalDirectory(SiloAddress siloAddress) => GetActiveSilos().Contains(siloAddress);
    public bool IsDeadSilo(SiloAddress other) => _dead.Contains(other);

    public bool SubscribeToSiloStatusEvents(ISiloStatusListener observer)
    {
        _listeners.Add(observer);
        return true;
    }

    public bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer) => _listeners.Remove(observer);

    public void Tell(SiloAddress other, SiloStatus status)
    {
        if (status == SiloStatus.Dead) _dead.Add(other);
        _ = silo.Pool.Run(() =>
        {
            foreach (var listener in _listeners.ToArray()) listener.SiloStatusChangeNotification(other, status);
            return Task.CompletedTask;
        });
    }
}

/// <summary>The lifecycle of a silo: stages upwards when it starts, downwards when it leaves.</summary>
internal sealed class SimLifecycle : ISiloLifecycle
{
    private readonly List<(int Stage, ILifecycleObserver Observer)> _observers = [];

    public int HighestCompletedStage => int.MinValue;
    public int LowestStoppedStage => int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        _observers.Add((stage, observer));
        return new CancellationTokenSource(); // nobody unsubscribes before the end
    }

    public async Task Start()
    {
        foreach (var (_, observer) in _observers.OrderBy(entry => entry.Stage)) await observer.OnStart(CancellationToken.None);
    }

    public async Task Stop(int fromStage, int toStage)
    {
        foreach (var (stage, observer) in _observers.OrderByDescending(entry => entry.Stage))
            if (stage <= fromStage && stage >= toStage) await observer.OnStop(CancellationToken.None);
    }
}

/// <summary>What grains log, as lines of the trace.</summary>
internal sealed class TraceLog<T>(Trace trace) : ILogger<T>
{
    public bool IsEnabled(LogLevel logLevel) => trace.IsWritten && logLevel >= LogLevel.Information;
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        trace.Say(typeof(T).Name, formatter(state, exception) + (exception is null ? "" : $" {exception}"));
}
