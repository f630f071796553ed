using System.Collections.Concurrent;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>The time of a process that can be stopped: the clock goes on, but nothing happens until it goes on too.</summary>
internal sealed class FreezableTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _due = new();
    private TaskCompletionSource? _frozen;

    public Task Thawed
    {
        get
        {
            lock (_gate) return _frozen?.Task ?? Task.CompletedTask;
        }
    }

    public void Freeze()
    {
        lock (_gate) _frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Thaw()
    {
        TaskCompletionSource? frozen;
        Action[] due;
        lock (_gate)
        {
            frozen = _frozen;
            _frozen = null;
            due = [.. _due];
            _due.Clear();
        }

        frozen?.SetResult();
        foreach (var callback in due) callback();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(_ => Run(() => callback(state)), null, dueTime, period);

    private void Run(Action callback)
    {
        lock (_gate)
        {
            if (_frozen is not null)
            {
                _due.Enqueue(callback);
                return;
            }
        }

        callback();
    }
}
