namespace OrleansEtl.Storage;

/// <summary>Writers never write alone: one batch is in flight, and what arrives meanwhile is the next batch. There is no timer, and no
/// latency is added when idle.</summary>
/// <remarks>
/// It promises: a caller is answered only after its write is durable; writes of one key are stored in the order of their offers, at
/// most one in a batch, so that the second sees the outcome of the first; keys take turns; a batch is sorted by key, so that two
/// writers of one database never lock each other out; a write that the store chokes on fails alone, the others of its batch are
/// stored; while the store is away a write is offered again for <see cref="GroupCommitBounds.Patience"/>, then fails as
/// Unavailable, its outcome unknown. It does not decide whether a write holds: the store does, write by write.
/// Cancellation takes a write out of the queue; once it is in flight it is too late, and the answer comes.
/// </remarks>
public sealed class GroupCommit<TWrite, TAnswer> : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly IBatchStore<TWrite, TAnswer> _store;
    private readonly GroupCommitBounds _bounds;
    private readonly TimeProvider _clock;
    private readonly Action<Func<Task>> _launch;
    private readonly WaitingRoom _room;
    private readonly Lock _gate = new();
    private readonly CommitQueue<TWrite, TAnswer> _queue = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _pumping;
    private bool _closed;

    /// <param name="launch">Starts the pump where the store wants its commits to run.</param>
    public GroupCommit(
        IBatchStore<TWrite, TAnswer> store, GroupCommitBounds bounds, TimeProvider clock, Action<Func<Task>> launch)
    {
        (_store, _bounds, _clock, _launch) = (store, bounds, clock, launch);
        _room = new WaitingRoom(bounds.QueueWritesMax, bounds.QueueBytesMax);
    }

    public async Task<TAnswer> Offer(TWrite write, CancellationToken cancellation)
    {
        var offeredAt = _clock.GetTimestamp();
        var size = _store.SizeOf(write);
        if (size.Bytes > _bounds.WriteBytesMax)
            throw StorageFaults.TooLarge(_store.KeyOf(write), size.Bytes, _bounds.WriteBytesMax);
        await _room.Enter(size.Bytes, cancellation).ConfigureAwait(false);
        try
        {
            var pending = new Pending<TWrite, TAnswer>(_store.KeyOf(write), write, size, offeredAt);
            await using var registration = cancellation.UnsafeRegister(static (p, token) =>
                ((Pending<TWrite, TAnswer>)p!).Withdraw(token), pending).ConfigureAwait(false);
            if (Enqueue(pending)) _launch(Pump);
            return await pending.Answer.ConfigureAwait(false);
        }
        finally
        {
            _room.Leave(size.Bytes);
        }
    }

    /// <summary>Takes no more writes, and completes when those that were taken are answered.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (!_pumping) _drained.TrySetResult();
        }
        await _drained.Task;
    }

    /// <summary>Whether a pump must be launched.</summary>
    private bool Enqueue(Pending<TWrite, TAnswer> pending)
    {
        lock (_gate)
        {
            if (_closed) throw StorageFaults.Closed();
            _queue.Add(pending);
            return !_pumping && (_pumping = true);
        }
    }

    private async Task Pump()
    {
        while (NextBatch() is { } batch)
        {
            await Store(batch);
            lock (_gate) _queue.Finished(batch);
        }
    }

    private List<Pending<TWrite, TAnswer>>? NextBatch()
    {
        lock (_gate)
        {
            var batch = _queue.Take(_bounds.BatchRowsMax, _bounds.BatchBytesMax);
            if (batch.Count > 0) return batch;
            _pumping = false;
            if (_closed) _drained.TrySetResult();
            return null;
        }
    }

    private async Task Store(List<Pending<TWrite, TAnswer>> batch)
    {
        try
        {
            var answers = await CommitWithinPatience(batch);
            for (var i = 0; i < batch.Count; i++) batch[i].Complete(answers[i]);
        }
        catch (Exception e) when (batch.Count == 1 || e is FaultException { Fault.IsTransient: true })
        {
            foreach (var pending in batch) pending.Fail(e);
        }
        catch
        {
            var half = batch.Count / 2;
            await Store(batch[..half]);
            await Store(batch[half..]);
        }
    }

    private async ValueTask<IReadOnlyList<TAnswer>> CommitWithinPatience(List<Pending<TWrite, TAnswer>> batch)
    {
        var writes = new TWrite[batch.Count];
        for (var i = 0; i < writes.Length; i++) writes[i] = batch[i].Write;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await _store.Commit(writes);
            }
            catch (FaultException e) when (e.Fault.Kind == FaultKind.Unavailable)
            {
                var waited = batch.Max(pending => _clock.GetElapsedTime(pending.OfferedAt));
                if (waited >= _bounds.Patience) throw StorageFaults.Away(waited);
            }
            await Task.Delay(pause, _clock);
        }
    }
}
