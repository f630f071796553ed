using Microsoft.Extensions.Logging;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime;

/// <summary>What incoming filters see of a tick.</summary>
internal interface IGrainTimerTick
{
    Task Tick();
}

/// <summary>
/// A timer of one activation. A tick waits its turn like a request; the next is due a period after it has ended,
/// so ticks never overlap. Dispose and deactivation fire the token and end it.
/// </summary>
internal sealed class GrainTimer<TState> : IGrainTimer, IGrainTimerTick
{
    private static readonly TimeSpan LongestTime = TimeSpan.FromMilliseconds(4294967294);

    private readonly Activation _activation;
    private readonly Func<TState, CancellationToken, Task> _callback;
    private readonly TState _state;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private TimeSpan _period;
    private bool _ticking;
    private bool _changedWhileTicking;
    private bool _disposed;

    public GrainTimer(
        Activation activation, Func<TState, CancellationToken, Task> callback, TState state,
        GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _state = state;
        _options = options;
        // Ticks inherit neither the request context nor other async locals of who registers.
        using (ExecutionContext.IsFlowSuppressed() ? null : (IDisposable)ExecutionContext.SuppressFlow())
        {
            _timer = activation.Silo.Time.CreateTimer(
                static timer => ((GrainTimer<TState>)timer!).OnDue(), this,
                Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        activation.AddTimer(this);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_gate)
        {
            if (_disposed) return;
            _period = period;
            _changedWhileTicking = _ticking;
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }

        _timer.Dispose();
        _activation.RemoveTimer(this);
        _ = _stopped.CancelAsync();
    }

    public async Task Tick()
    {
        try
        {
            if (!_disposed) await _callback(_state, _stopped.Token);
        }
        catch (Storage.InconsistentStateException)
        {
            throw;
        }
        catch (Exception error)
        {
            _activation.Silo.Log.LogError(error, "A timer of {Grain} failed; it goes on.", _activation.GrainId);
        }
        finally
        {
            lock (_gate)
            {
                _ticking = false;
                if (!_disposed && !_changedWhileTicking) _timer.Change(_period, Timeout.InfiniteTimeSpan);
                _changedWhileTicking = false;
            }
        }
    }

    private void OnDue()
    {
        lock (_gate)
        {
            // Due again while it still ticks: Change asked for it; the tick's end sees to it.
            if (_disposed) return;
            if (_ticking)
            {
                _changedWhileTicking = false;
                return;
            }

            _ticking = true;
        }

        _activation.Receive(new TimerTick(this, _options.Interleave, _options.KeepAlive));
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan && time < TimeSpan.Zero || time > LongestTime)
            throw new ArgumentOutOfRangeException(name, time, "A time is zero to 4294967294 ms, or infinite.");
    }
}

/// <summary>A tick on its way into the activation; it never leaves the silo and nobody waits for it.</summary>
internal sealed class TimerTick(IGrainTimerTick timer, bool interleaves, bool keepsAlive) : TaskRequest
{
    private static readonly RequestShape TheShape = new(
        typeof(IGrainTimerTick), "Orleans.Runtime.IGrainTimer", nameof(IGrainTimerTick.Tick), [], 0,
        RequestTraits.OneWay, null);

    public override RequestShape Shape => TheShape;

    internal override bool AlwaysInterleaves => interleaves;

    internal override bool CountsAsUse => keepsAlive;

    internal override bool DiesWithActivation => true;

    public override int GetArgumentCount() => 0;

    public override object? GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index));

    public override void SetArgument(int index, object value) => throw new ArgumentOutOfRangeException(nameof(index));

    public override void WriteArguments(WireWriter writer) =>
        throw new InvalidOperationException("A timer tick does not leave its silo.");

    public override void ReadArguments(ref WireReader reader) =>
        throw new InvalidOperationException("A timer tick does not come from another silo.");

    protected override Task Call(object target) => timer.Tick();
}
