namespace OrleansEtl.Storage;

/// <summary>The one thread that writes to the store: it waits for locks and for the disk so that no caller's thread has to. What is
/// awaited on it goes on on it.</summary>
internal sealed class WriterThread : SynchronizationContext, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<Job> _queue = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Thread _thread;
    private bool _stopped;

    public WriterThread(string name)
    {
        _thread = new Thread(Work) { Name = name, IsBackground = true };
        _thread.Start();
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (_stopped) throw StorageFaults.Closed();
            _queue.Enqueue(new Job(d, state));
        }
        _arrived.Release();
    }

    /// <summary>Runs work on the thread, in its turn.</summary>
    public Task<T> Run<T>(Func<T> work, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ =>
        {
            if (cancellation.IsCancellationRequested)
            {
                done.SetCanceled(cancellation);
                return;
            }
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, null);
        return done.Task;
    }

    /// <summary>Does what is queued, then ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
        }
        _arrived.Release();
        _thread.Join();
        _arrived.Dispose();
    }

    private void Work()
    {
        SetSynchronizationContext(this);
        while (true)
        {
            _arrived.Wait();
            Job? next;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out next)) return;
            }
            next.Work(next.State);
        }
    }

    private sealed record Job(SendOrPostCallback Work, object? State);
}
