namespace OrleansEtl.Simulation.Tests;

/// <summary>The clock of one machine: simulated time, and wrong by a constant. Its timers stand still while the machine is frozen
/// and never fire once it is dead.</summary>
internal sealed class VirtualClock(Machine machine, TimeSpan skew) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => machine.World.Agenda.Now + skew;

    public override long GetTimestamp() => machine.World.Agenda.Now.Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(machine, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }
}

internal sealed class VirtualTimer(Machine machine, Action fires) : ITimer
{
    private int _setting;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        var setting = ++_setting;
        if (dueTime != Timeout.InfiniteTimeSpan) machine.After(dueTime, () => Fire(setting, period));
        return true;
    }

    public void Dispose() => _setting++;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Fire(int setting, TimeSpan period)
    {
        if (setting != _setting) return;
        if (period > TimeSpan.Zero) machine.After(period, () => Fire(setting, period));
        fires();
    }
}
