namespace OrleansEtl.Storage;

/// <summary>What group commit needs of a store.</summary>
public interface IBatchStore<TWrite, TAnswer>
{
    /// <summary>Writes with the same key are stored one after the other, each in a batch of its own; a batch is
    /// sorted by key.</summary>
    string KeyOf(TWrite write);
    WriteSize SizeOf(TWrite write);

    /// <summary>Stores the batch as one transaction and returns an answer for each write, in their order. A write whose condition does
    /// not hold has that as its answer and fails nobody. A write that is stored already is answered as it was then, so that a batch
    /// may be offered again after a lost answer.</summary>
    /// <exception cref="FaultException">Unavailable: not known whether the batch is stored. Exhausted: nothing is stored. Any other
    /// exception: nothing is stored, and some write of the batch is to blame.</exception>
    ValueTask<IReadOnlyList<TAnswer>> Commit(IReadOnlyList<TWrite> batch);
}

public readonly record struct WriteSize(int Rows, long Bytes);

/// <param name="BatchRowsMax">A transaction of so many rows takes some tens of milliseconds: the longest that a writer waits for the
/// batch before its own, and that other processes wait for the lock.</param>
/// <param name="BatchBytesMax">About what the write-ahead log holds between two checkpoints.</param>
/// <param name="QueueWritesMax">A few full batches; more waiting in the queue makes nothing faster.</param>
/// <param name="QueueBytesMax">What a stalled disk may cost in memory.</param>
/// <param name="WriteBytesMax">One write; larger values belong into datasets.</param>
/// <param name="Patience">How long a write is offered again while the store is away.</param>
public sealed record GroupCommitBounds(
    int BatchRowsMax, long BatchBytesMax, int QueueWritesMax, long QueueBytesMax, long WriteBytesMax, TimeSpan Patience)
{
    public static readonly GroupCommitBounds Default = new(
        BatchRowsMax: 4_000,
        BatchBytesMax: 4 << 20,
        QueueWritesMax: 8_192,
        QueueBytesMax: 32 << 20,
        WriteBytesMax: 64 << 20,
        Patience: TimeSpan.FromSeconds(15));
}
