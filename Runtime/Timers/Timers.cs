using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A timer of a grain.</summary>
    public interface IGrainTimer : IDisposable
    {
        /// <summary>Starts it anew.</summary>
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>How a timer ticks.</summary>
    public readonly struct GrainTimerCreationOptions()
    {
        /// <summary>Both times.</summary>
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) : this()
        {
            DueTime = dueTime;
            Period = period;
        }

        /// <summary>Until the first tick; infinite = stopped.</summary>
        public required TimeSpan DueTime { get; init; }

        /// <summary>From the end of one tick to the next; infinite = one tick.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Ticks start whatever is running.</summary>
        public bool Interleave { get; init; } = false;

        /// <summary>Ticks count as use of the grain.</summary>
        public bool KeepAlive { get; init; } = false;
    }
}

namespace Orleans.Timers
{
    /// <summary>Makes timers.</summary>
    public interface ITimerRegistry
    {
        /// <summary>A timer of that activation.</summary>
        IGrainTimer RegisterGrainTimer<TState>(
            IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state,
            GrainTimerCreationOptions options);
    }

    internal sealed class TimerRegistry : ITimerRegistry
    {
        public IGrainTimer RegisterGrainTimer<TState>(
            IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state,
            GrainTimerCreationOptions options)
        {
            SiloGrainRuntime.CheckTurn(grainContext);
            var timer = new GrainTimer<TState>((Activation)grainContext, callback, state, options);
            timer.Change(options.DueTime, options.Period);
            return timer;
        }
    }
}
