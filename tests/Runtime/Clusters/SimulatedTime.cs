namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>
/// A world with one thread and a clock that only the test moves: tasks run in the order in which they became ready,
/// timers in the order of their times. With equal seeds all runs are equal.
/// </summary>
internal sealed class SimulatedWorld : TaskScheduler
{
    private readonly Queue<Task> _ready = new();
    private readonly PriorityQueue<SimulatedTimer, (long, long)> _timers = new();
    private long _order;

    public long Now { get; private set; }

    /// <summary>Lets all happen that happens within that time.</summary>
    public void Run(TimeSpan time)
    {
        var until = Now + time.Ticks;
        RunReady();
        while (_timers.TryPeek(out _, out var due) && due.Item1 <= until)
        {
            Now = Math.Max(Now, due.Item1);
            _timers.Dequeue().Fire(due.Item2);
            RunReady();
        }

        Now = until;
    }

    /// <summary>Runs it as a task of this world.</summary>
    public Task Start(Func<Task> action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public long Schedule(SimulatedTimer timer, long due)
    {
        _timers.Enqueue(timer, (due, ++_order));
        return _order;
    }

    protected override void QueueTask(Task task) => _ready.Enqueue(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;

    private void RunReady()
    {
        while (_ready.TryDequeue(out var task)) TryExecuteTask(task);
    }
}

/// <summary>The time of one process of that world; it can be stopped, and its wall clock may be wrong.</summary>
internal sealed class SimulatedTime(SimulatedWorld world, TimeSpan wrongBy) : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly List<Action> _held = [];

    public bool IsFrozen { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => world.Now;

    public override DateTimeOffset GetUtcNow() => Epoch + TimeSpan.FromTicks(world.Now) + wrongBy;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(world, () => Do(() => callback(state)));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Freeze() => IsFrozen = true;

    public void Thaw()
    {
        IsFrozen = false;
        Action[] held = [.. _held];
        _held.Clear();
        foreach (var action in held) Do(action);
    }

    /// <summary>Does it in this process: when it runs.</summary>
    public void Do(Action action)
    {
        if (IsFrozen) _held.Add(action);
        else _ = world.Start(() =>
        {
            action();
            return Task.CompletedTask;
        });
    }
}

internal sealed class SimulatedTimer(SimulatedWorld world, Action fire) : ITimer
{
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private long _armed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        _armed = dueTime == Timeout.InfiniteTimeSpan ? 0 : world.Schedule(this, world.Now + dueTime.Ticks);
        return true;
    }

    public void Fire(long armed)
    {
        if (armed != _armed) return;
        _armed = _period > TimeSpan.Zero ? world.Schedule(this, world.Now + _period.Ticks) : 0;
        fire();
    }

    public void Dispose() => _armed = 0;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }
}
