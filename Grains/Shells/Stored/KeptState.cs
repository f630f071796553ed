using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>
/// A state in the store, as this process last saw it. What is decided is written before anybody hears of it, over exactly what it was decided
/// on; when somebody else wrote in between it is read and decided anew. With it may go when somebody has to come back.
/// </summary>
/// <param name="newId">Makes the ids of writes.</param>
/// <param name="triesMax">Others that write first before one gives up.</param>
public sealed class KeptState<T>(IGrainStates states, Func<Guid> newId, StateKey key, StateForm<T> form, int triesMax) where T : class
{
    private bool _isRead;
    private long _version;
    private byte[]? _bytes;
    private T _state = form.None;

    /// <summary>When somebody has to come back, as far as this process saw it.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Reads it, unless it was.</summary>
    public async Task<T> Read(CancellationToken cancellation)
    {
        if (_isRead) return _state;
        var stored = await states.Read(key, cancellation);
        (_bytes, _version) = (stored?.Value, stored?.Version ?? 0);
        (_state, DueAt) = _bytes is null ? (form.None, null) : form.Read(_bytes);
        _isRead = true;
        return _state;
    }

    /// <summary>Reads it as the store has it now.</summary>
    public Task<T> ReadNow(CancellationToken cancellation)
    {
        Forget();
        return Read(cancellation);
    }

    /// <summary>The next one reads it again.</summary>
    public void Forget() => _isRead = false;

    /// <summary>Decides, and writes what was decided. That nothing changes is said of what the store holds now.</summary>
    /// <param name="decide">From what there is to what shall be; null: it stays. Called again when somebody else wrote in between.</param>
    /// <returns>What is stored.</returns>
    /// <exception cref="FaultException">Others wrote first each time.</exception>
    public async Task<T> Change(Func<T, Change<T>?> decide, CancellationToken cancellation)
    {
        for (var tries = 0; tries < triesMax; tries++)
        {
            var isFresh = !_isRead;
            var before = await Read(cancellation);
            if (decide(before) is { } change && form.Write(change.State, change.DueAt) is var bytes && !IsStored(bytes))
            {
                if (await Write(change, bytes, cancellation)) return change.State;
            }
            else if (isFresh) return before;
            else Forget();
        }
        throw new FaultException(new Fault(FaultKind.Unavailable, form.Contended,
            $"{key.Grain} was written by others {triesMax} times while it was being changed.", null, "Try again."));
    }

    /// <summary>Deletes it.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> Delete(CancellationToken cancellation)
    {
        var existed = false;
        await Change(_ => (existed = _bytes is not null) ? new Change<T>(form.None) : null, cancellation);
        return existed;
    }

    private bool IsStored(byte[]? bytes) => _bytes is null ? bytes is null : bytes is not null && bytes.AsSpan().SequenceEqual(_bytes);

    private async Task<bool> Write(Change<T> change, byte[]? bytes, CancellationToken cancellation)
    {
        _isRead = false; // nobody may be told what is perhaps not stored
        var outcome = await states.Write(new StateWrite(newId(), key, _version, bytes, change.DueAt), cancellation);
        if (outcome is not StateOutcome.Stored stored) return false;
        (_state, DueAt, _bytes, _version, _isRead) = (change.State, change.DueAt, bytes, stored.Version, true);
        return true;
    }
}
