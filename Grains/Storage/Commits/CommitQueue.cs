namespace OrleansEtl.Storage;

/// <summary>Who waits for a group commit, in lines by key: the first of each line stands ready, and the next one steps up when the batch
/// with the first is finished. Its owner holds the lock.</summary>
internal sealed class CommitQueue<TWrite, TAnswer>
{
    private readonly Queue<Pending<TWrite, TAnswer>> _ready = new();
    // A key is here while its first stands ready or is in flight; the queue, if any, holds those behind.
    private readonly Dictionary<string, Queue<Pending<TWrite, TAnswer>>?> _behind = [];

    public void Add(Pending<TWrite, TAnswer> pending)
    {
        if (_behind.TryAdd(pending.Key, null)) _ready.Enqueue(pending);
        else (_behind[pending.Key] ??= new()).Enqueue(pending);
    }

    /// <summary>The next batch, sorted by key; at least one write, if any waits, however large it is.</summary>
    public List<Pending<TWrite, TAnswer>> Take(int rowsMax, long bytesMax)
    {
        var batch = new List<Pending<TWrite, TAnswer>>();
        var (rows, bytes) = (0, 0L);
        while (_ready.TryPeek(out var pending))
        {
            rows += pending.Size.Rows;
            bytes += pending.Size.Bytes;
            if (batch.Count > 0 && (rows > rowsMax || bytes > bytesMax)) break;
            _ready.Dequeue();
            if (pending.TryTake()) batch.Add(pending);
            else StepUp(pending.Key);
        }
        batch.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return batch;
    }

    public void Finished(List<Pending<TWrite, TAnswer>> batch)
    {
        foreach (var pending in batch) StepUp(pending.Key);
    }

    private void StepUp(string key)
    {
        if (_behind[key] is { } line && line.TryDequeue(out var next)) _ready.Enqueue(next);
        else _behind.Remove(key);
    }
}

/// <summary>One write that waits for its commit. Either its batch takes it or its caller withdraws it, never both.</summary>
internal sealed class Pending<TWrite, TAnswer>(string key, TWrite write, WriteSize size, long offeredAt)
{
    private readonly TaskCompletionSource<TAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;

    public string Key { get; } = key;
    public TWrite Write { get; } = write;
    public WriteSize Size { get; } = size;
    public long OfferedAt { get; } = offeredAt;
    public Task<TAnswer> Answer => _answer.Task;

    public bool TryTake() => Interlocked.Exchange(ref _left, 1) == 0;

    public void Withdraw(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _left, 1) == 0) _answer.TrySetCanceled(cancellation);
    }

    public void Complete(TAnswer answer) => _answer.TrySetResult(answer);
    public void Fail(Exception exception) => _answer.TrySetException(exception);
}
