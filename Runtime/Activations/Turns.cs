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

/// <summary>Letters that wait to be sent.</summary>
internal interface IOutbox
{
    /// <summary>Sends them; called from any thread, at any time.</summary>
    void Flush();
}

/// <summary>A thread that takes letters in and runs the turns that they make ready itself.</summary>
internal interface IReadingThread
{
    /// <summary>Its turn lasts: if it is in one, another thread is to go on reading.</summary>
    void Relieve();
}

/// <summary>
/// Runs turns on the thread pool. A turn that makes another one ready (a call, an answer) leaves it in the slot
/// of its worker, which runs it next: a caller and a callee that take turns stay on one thread and never wake
/// another. Whatever does not fit in the slot goes to the pool, so that a fan-out runs in parallel.
/// A turn may go on for long, or block, after it has filled the slot: a watch that is on while slots are in
/// use moves what has waited too long to the pool, so nothing is ever stuck behind another turn.
/// Letters that turns send are kept together until the worker has nothing more to run, but not for long: they go
/// out in few pieces. The same watch sends them when a turn lasts, and relieves a reading thread in a long turn.
/// </summary>
internal static class Turns
{
    private const int BurstTurnsMax = 256;
    private const int WatchMilliseconds = 4;
    private const int IdleChecksMax = 250;
    private static readonly long HoldTicksMax = System.Diagnostics.Stopwatch.Frequency / 10_000;

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
        Run(worker, first);
        worker.Running = false;
        if (worker.Outbox is not null) Flush(worker);
    }

    /// <summary>Marks this thread as one that takes letters in, until <see cref="EndReading"/>.</summary>
    public static void BeginReading(IReadingThread reading)
    {
        var worker = t_worker ??= NewWorker();
        worker.Reading = reading;
        worker.Running = true;
        if (_watching == 0) StartWatch();
    }

    /// <summary>Runs what the letter has made ready; or leaves it to the pool, and the next ones too.</summary>
    public static void RunReady(bool here)
    {
        var worker = t_worker!;
        worker.Running = here;
        if (worker.Slot is not null && Interlocked.Exchange(ref worker.Slot, null) is { } ready)
        {
            if (here) Run(worker, ready);
            else ThreadPool.UnsafeQueueUserWorkItem((IThreadPoolWorkItem)ready, preferLocal: false);
            worker.Running = here;
        }

        worker.Count++;
    }

    public static void EndReading()
    {
        var worker = t_worker!;
        worker.Running = false;
        worker.Reading = null;
        if (worker.Outbox is not null) Flush(worker);
    }

    /// <summary>Has it flushed when this worker is done; false if this thread is none.</summary>
    public static bool FlushLater(IOutbox outbox)
    {
        if (t_worker is not { } worker || (!worker.Running && worker.Reading is null)) return false;
        var waiting = Interlocked.CompareExchange(ref worker.Outbox, outbox, null);
        if (waiting is null)
        {
            worker.HeldSince = System.Diagnostics.Stopwatch.GetTimestamp();
            if (_watching == 0) StartWatch();
        }

        return waiting is null || ReferenceEquals(waiting, outbox);
    }

    private static void Run(Worker worker, ITurn first)
    {
        var turn = first;
        for (var left = BurstTurnsMax; ; left--)
        {
            worker.Count++;
            turn.Run();
            if (worker.Outbox is not null
                && System.Diagnostics.Stopwatch.GetTimestamp() - worker.HeldSince > HoldTicksMax) Flush(worker);
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
    }

    private static void Flush(Worker worker) => Interlocked.Exchange(ref worker.Outbox, null)?.Flush();

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

                if (worker.Count == worker.CountSeen)
                {
                    worker.Reading?.Relieve();
                    if (Interlocked.Exchange(ref worker.Outbox, null) is { } outbox)
                        ThreadPool.UnsafeQueueUserWorkItem(static held => held.Flush(), outbox, false);
                }

                busy |= worker.HasWork;
                worker.CountSeen = worker.Count;
            }
        }

        _idleChecks = busy ? 0 : _idleChecks + 1;
        if (_idleChecks < IdleChecksMax) return;
        _idleChecks = 0;
        Watch.Change(Timeout.Infinite, Timeout.Infinite);
        Volatile.Write(ref _watching, 0);
        // Work may have come between the check and the stop.
        if (AnyHasWork()) StartWatch();
    }

    private static bool AnyHasWork()
    {
        lock (WorkersLock)
            return Workers.Exists(known => known.TryGetTarget(out var worker) && worker.HasWork);
    }

    private sealed class Worker
    {
        public ITurn? Slot;
        public IOutbox? Outbox;
        public IReadingThread? Reading;
        public long HeldSince;
        public bool Running;
        public long Count;
        public long CountSeen;

        public bool HasWork => Slot is not null || Outbox is not null || Reading is not null;
    }
}
