namespace OrleansEtl.Testing;

/// <summary>A clock that stands until it is moved; timers that are due by then ring before <see cref="Advance"/> returns.</summary>
public sealed class VirtualClock(DateTimeOffset now) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Alarm> _alarms = [];
    private DateTimeOffset _now = now;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (Next(until) is { } alarm) alarm.Ring();
        lock (_lock) _now = until;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        lock (_lock) _alarms.Add(alarm);
        return alarm;
    }

    /// <summary>The first that is due; the clock stands at its time then.</summary>
    private Alarm? Next(DateTimeOffset until)
    {
        lock (_lock)
        {
            var first = _alarms.Where(alarm => alarm.Due <= until).MinBy(alarm => alarm.Due);
            if (first?.Due > _now) _now = first.Due.Value;
            return first;
        }
    }

    private sealed class Alarm(VirtualClock clock, Action ring) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                _period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
            }
            return true;
        }

        public void Ring()
        {
            lock (clock._lock) Due = _period > TimeSpan.Zero ? Due + _period : null;
            ring();
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                Due = null;
                clock._alarms.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
