namespace OrleansEtl.Storage;

/// <summary>The room before the queue of a group commit: whoever does not fit waits here, first come first served.
/// A write larger than the whole room enters when the room is empty, so that nothing waits for ever.</summary>
internal sealed class WaitingRoom(int writesMax, long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<Guest> _guests = new();
    private int _writes;
    private long _bytes;

    public ValueTask Enter(long bytes, CancellationToken cancellation)
    {
        Guest guest;
        lock (_gate)
        {
            if (_guests.Count == 0 && Fits(bytes))
            {
                Count(bytes);
                return ValueTask.CompletedTask;
            }
            _guests.Enqueue(guest = new Guest(bytes));
        }
        return new ValueTask(Wait(guest, cancellation));
    }

    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _writes--;
            _bytes -= bytes;
            while (_guests.TryPeek(out var guest) && Fits(guest.Bytes))
            {
                _guests.Dequeue();
                // A guest that gave up has answered already; it takes no place.
                if (guest.Admitted.TrySetResult()) Count(guest.Bytes);
            }
        }
    }

    private static async Task Wait(Guest guest, CancellationToken cancellation)
    {
        using var registration = cancellation.Register(() => guest.Admitted.TrySetCanceled(cancellation));
        await guest.Admitted.Task;
    }

    private bool Fits(long bytes) => _writes == 0 || (_writes < writesMax && _bytes + bytes <= bytesMax);

    private void Count(long bytes)
    {
        _writes++;
        _bytes += bytes;
    }

    private sealed class Guest(long bytes)
    {
        public long Bytes { get; } = bytes;
        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
