using Orleans.Runtime;

namespace OrleansEtl.Simulation.Tests;

/// <summary>A timer of an activation, as the runtime's: ticks wait their turn and never overlap; the next is due a period after the
/// end of the last.</summary>
internal sealed class SimTimer : IGrainTimer
{
    private readonly SimActivation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ITimer _timer;
    private TimeSpan _period;
    private bool _isTicking;
    private bool _isDisposed;

    public SimTimer(SimActivation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        (_activation, _callback, _options) = (activation, callback, options);
        _timer = activation.Silo.Clock.CreateTimer(_ => OnDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Change(options.DueTime, options.Period);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed) return;
        _period = period;
        _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _timer.Dispose();
        _stopped.Cancel();
    }

    private void OnDue()
    {
        if (_isDisposed || _isTicking) return;
        _isTicking = true;
        _activation.Receive(new Tick(this));
    }

    private sealed class Tick(SimTimer timer) : Incoming
    {
        public override bool Interleaves => timer._options.Interleave;

        public override async Task Run(object grain)
        {
            try
            {
                if (!timer._isDisposed) await timer._callback(timer._stopped.Token);
            }
            catch (Exception error)
            {
                timer._activation.Silo.World.Trace.Say(timer._activation.Silo.Name, $"a timer failed: {error.Message}");
            }
            timer._isTicking = false;
            timer.Change(timer._period, timer._period);
        }

        public override void Turn(SimSilo away) { }
        public override void Fail(Exception error) { }
    }
}
