using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans;

/// <summary>What a grain may ask of the runtime, derived from <see cref="Grain"/> or not.</summary>
public static class GrainBaseExtensions
{
    /// <summary>Ends this activation once its running requests have ended.</summary>
    public static void DeactivateOnIdle(this IGrainBase grain) => grain.GrainContext.Deactivate(
        new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state,
        GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return grain.GrainContext.GetRuntime().TimerRegistry
            .RegisterGrainTimer(grain.GrainContext, callback, state, options);
    }

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state,
        TimeSpan dueTime, TimeSpan period) =>
        grain.RegisterGrainTimer(callback, state, Options(dueTime, period));

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return grain.RegisterGrainTimer(static (call, token) => call(token), callback, options);
    }

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period) =>
        grain.RegisterGrainTimer(callback, Options(dueTime, period));

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return grain.RegisterGrainTimer(static (call, _) => call(), callback, options);
    }

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<Task> callback, TimeSpan dueTime, TimeSpan period) =>
        grain.RegisterGrainTimer(callback, Options(dueTime, period));

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain, Func<TState, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return grain.RegisterGrainTimer(
            static (call, _) => call.callback(call.state), (callback, state), options);
    }

    /// <summary>A timer whose ticks are queued like requests.</summary>
    public static IGrainTimer RegisterGrainTimer<TState>(
        this IGrainBase grain, Func<TState, Task> callback, TState state, TimeSpan dueTime, TimeSpan period) =>
        grain.RegisterGrainTimer(callback, state, Options(dueTime, period));

    private static GrainTimerCreationOptions Options(TimeSpan dueTime, TimeSpan period) =>
        new() { DueTime = dueTime, Period = period };
}
