namespace OrleansEtl.Shells;

/// <summary>What this process is about to do, so that one that ends can give it a moment.</summary>
public sealed class UnderWay
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _idle = Done();
    private int _count;

    /// <summary>Done when nothing is under way.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock) return _idle.Task;
        }
    }

    public async Task Begin(Func<Task> work)
    {
        lock (_lock)
            if (_count++ == 0) _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await work();
        }
        finally
        {
            lock (_lock)
                if (--_count == 0) _idle.SetResult();
        }
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
