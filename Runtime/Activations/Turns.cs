namespace Orleans.Runtime;

/// <summary>Something that a worker runs.</summary>
internal interface ITurn
{
    void Run();
}

/// <summary>What a request runs on: an activation, or the host of an observer.</summary>
internal interface ITurnHost : Serialization.Invocation.ITargetHolder
{
    Node Node { get; }

    IGrainContext? Context { get; }

    /// <summary>Starts a request; in a turn.</summary>
    void Begin(Request request);

    /// <summary>A request that has begun has ended, before its answer is sent.</summary>
    void Finished(Request request, Exception? error);
}

/// <summary>
/// Runs turns on the thread pool. A turn that makes another one ready (a call, an answer) leaves it in the slot
/// of its worker, which runs it next: a caller and a callee that take turns stay on one thread and never wake
/// another. Whatever does not fit in the slot goes to the pool, so that a fan-out runs in parallel.
/// A turn may go on for long, or block, after it has filled the slot: a watch that is on while slots are in
/// use moves what has waited too long to the pool, so nothing is ever stuck behind another turn.
/// </summary>
internal static class Turns
{
    private const int BurstTurnsMax = 256;
    private const int WatchMilliseconds = 4;
    private const int IdleChecksMax = 250;

    private static readonly Lock WorkersLock = new();
    private static readonly List<WeakReference<Worker>> Workers = [];
    private static readonly Timer Watch = new(static _ => Rescue(), null, Timeout.Infinite, Timeout.Infinite);
    private static int _watching;
    private static int _idleChecks;

    [ThreadStatic] private static Worker? t_worker;

    public static void Schedule<T>(T turn) where T : class, ITurn, IThreadPoolWorkItem
    {
        if (t_worker is { Running: true } worker && worker.Slot is null
            && Interlocked.CompareExchange(ref worker.Slot, turn, null) is null)
        {
            if (_watching == 0) StartWatch();
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(turn, preferLocal: true);
    }

    public static void Enter(ITurn first)
    {
        var worker = t_worker ??= NewWorker();
        worker.Running = true;
        var turn = first;
        for (var left = BurstTurnsMax; ; left--)
        {
            worker.Count++;
            turn.Run();
            if (left == 0) worker.Running = false;
            if (worker.Slot is null || Interlocked.Exchange(ref worker.Slot, null) is not { } next) break;
            if (left == 0)
            {
                // Others have waited behind this chain: it queues up again.
                ThreadPool.UnsafeQueueUserWorkItem((IThreadPoolWorkItem)next, preferLocal: false);
                break;
            }

            turn = next;
        }

        worker.Running = false;
    }

    private static Worker NewWorker()
    {
        var worker = new Worker();
        lock (WorkersLock)
        {
            Workers.RemoveAll(known => !known.TryGetTarget(out _));
            Workers.Add(new(worker));
        }

        return worker;
    }

    private static void StartWatch()
    {
        if (Interlocked.Exchange(ref _watching, 1) == 0) Watch.Change(WatchMilliseconds, WatchMilliseconds);
    }

    private static void Rescue()
    {
        var busy = false;
        lock (WorkersLock)
        {
            foreach (var known in Workers)
            {
                if (!known.TryGetTarget(out var worker)) continue;
                busy |= worker.Count != worker.CountSeen;
                if (worker.Slot is { } waiting && worker.Count == worker.CountSeen
                    && Interlocked.CompareExchange(ref worker.Slot, null, waiting) == waiting)
                {
                    ThreadPool.UnsafeQueueUserWorkItem((IThreadPoolWorkItem)waiting, preferLocal: false);
                }

                busy |= worker.Slot is not null;
                worker.CountSeen = worker.Count;
            }
        }

        _idleChecks = busy ? 0 : _idleChecks + 1;
        if (_idleChecks < IdleChecksMax) return;
        _idleChecks = 0;
        Watch.Change(Timeout.Infinite, Timeout.Infinite);
        Volatile.Write(ref _watching, 0);
        // A slot may have been filled between the check and the stop.
        if (AnySlotFilled()) StartWatch();
    }

    private static bool AnySlotFilled()
    {
        lock (WorkersLock)
            return Workers.Exists(known => known.TryGetTarget(out var worker) && worker.Slot is not null);
    }

    private sealed class Worker
    {
        public ITurn? Slot;
        public bool Running;
        public long Count;
        public long CountSeen;
    }
}
