using System.Collections.Concurrent;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.MembershipService;

/// <summary>
/// Says whether this silo may act on what it knows. It may not when it has slept (was frozen, or starved) so long that
/// the others may have given it up, nor when its lease has run out, until the table was read again; letters wait
/// meanwhile. The check costs one look at the monotonic clock per letter.
/// </summary>
internal sealed class Vigil(TimeProvider time, TimeSpan stallMax, Action doubt) : IDisposable
{
    // So many letters that a silo of usual load loses none within the time that a reading of the table takes.
    private const int HeldMax = 100_000;
    private const long HeldBytesMax = 256 * 1024 * 1024;

    private readonly ConcurrentQueue<(Letter Letter, long At)> _held = new();
    private readonly long _stallMax = (long)(stallMax.TotalSeconds * time.TimestampFrequency);
    private ITimer? _clock;
    private long _lastTick = long.MaxValue;
    private long _trustedUntil = long.MaxValue;
    private long _doubtsSince;
    private long _heldBytes;
    private volatile bool _doubts;
    private volatile bool _closed;

    /// <summary>Where letters go that had to wait.</summary>
    public Action<Letter>? Release { get; set; }

    public bool MayServe
    {
        get
        {
            if (_closed || _doubts) return false;
            var now = time.GetTimestamp();
            return now < Volatile.Read(ref _trustedUntil) && now - Volatile.Read(ref _lastTick) < _stallMax;
        }
    }

    public void Start()
    {
        _lastTick = time.GetTimestamp();
        _clock = time.CreateTimer(static state => ((Vigil)state!).Tick(), this, stallMax / 4, stallMax / 4);
    }

    /// <summary>What was known at that moment holds until then, unless this silo has slept since.</summary>
    public void Trust(long knownAt, long until)
    {
        var now = time.GetTimestamp();
        if (now - Volatile.Read(ref _lastTick) >= _stallMax) Doubt(now, slept: true);
        if (knownAt < Volatile.Read(ref _doubtsSince))
        {
            doubt();
            return;
        }

        Volatile.Write(ref _trustedUntil, until);
        _doubts = false;
        while (MayServe && _held.TryDequeue(out var held))
        {
            Interlocked.Add(ref _heldBytes, -held.Letter.Body.Length);
            if (InTime(held.Letter, time.GetElapsedTime(held.At)) is { } letter) Release?.Invoke(letter);
        }
    }

    // Its sender counts the time that it waited here too; null: nobody waits for it any more.
    private static Letter? InTime(Letter letter, TimeSpan waited)
    {
        if (letter.SecondsLeft == int.MaxValue) return letter;
        var left = letter.SecondsLeft - (int)waited.TotalSeconds;
        return left > 0 ? letter with { SecondsLeft = left } : null;
    }

    /// <summary>Keeps a letter until this silo may serve again.</summary>
    public void Hold(Letter letter)
    {
        if (_closed) return;
        if (_held.Count < HeldMax && Volatile.Read(ref _heldBytes) + letter.Body.Length <= HeldBytesMax)
        {
            Interlocked.Add(ref _heldBytes, letter.Body.Length);
            _held.Enqueue((letter, time.GetTimestamp()));
        }
        Tick();
    }

    /// <summary>Never again.</summary>
    public void Close()
    {
        _closed = true;
        _held.Clear();
    }

    public void Dispose() => _clock?.Dispose();

    private void Tick()
    {
        var now = time.GetTimestamp();
        if (!MayServe) Doubt(now, slept: now - Volatile.Read(ref _lastTick) >= _stallMax);
        Volatile.Write(ref _lastTick, now);
    }

    // A reading that began before a sleep ended says nothing of what happened during the sleep.
    private void Doubt(long now, bool slept)
    {
        if (slept || !_doubts) Volatile.Write(ref _doubtsSince, now);
        _doubts = true;
        Volatile.Write(ref _lastTick, now);
        doubt();
    }
}
