using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace OrleansEtl.Shells.Statistics;

/// <summary>Counts the calls of this silo's grains by type and method, but only while somebody looks: counting costs every call a
/// little, and nobody needs figures that nobody reads. It opens with the first look and closes when the last is
/// <see cref="Patience"/> ago; what was counted before a pause is forgotten.</summary>
public sealed class CallBook(TimeProvider clock)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Methods beyond this many are not counted: grains have few, so more means that something is wrong.</summary>
    private const int EntriesMax = 1000;

    private volatile ConcurrentDictionary<(string Grain, string Method), Entry>? _entries;
    private long _lastLook;
    private DateTimeOffset _since;

    public bool IsOpen => _entries is not null;

    public long Now => clock.GetTimestamp();

    /// <summary>Closes the book if nobody looks any more.</summary>
    public void Count(string grain, string method, long begun, bool failed)
    {
        if (_entries is not { } entries) return;
        if (clock.GetElapsedTime(Interlocked.Read(ref _lastLook)) > Patience)
        {
            _entries = null;
            return;
        }
        if (!entries.TryGetValue((grain, method), out var entry))
        {
            if (entries.Count >= EntriesMax) return;
            entry = entries.GetOrAdd((grain, method), static _ => new Entry());
        }
        entry.Count(clock.GetElapsedTime(begun), failed);
    }

    public CallReport Look()
    {
        var now = clock.GetUtcNow();
        Interlocked.Exchange(ref _lastLook, clock.GetTimestamp());
        if (_entries is not { } entries)
        {
            _since = now;
            _entries = entries = new ConcurrentDictionary<(string, string), Entry>();
        }
        return new CallReport(_since, now, [.. entries
            .Select(e => e.Value.Statistic(e.Key.Grain, e.Key.Method))
            .OrderByDescending(call => call.Count).ThenBy(call => call.Grain).ThenBy(call => call.Method)]);
    }

    private sealed class Entry
    {
        private readonly LatencyHistogram _latency = new();
        private long _count, _errors;

        public void Count(TimeSpan took, bool failed)
        {
            Interlocked.Increment(ref _count);
            if (failed) Interlocked.Increment(ref _errors);
            _latency.Count(took);
        }

        public CallStatistic Statistic(string grain, string method) => new(
            grain, method, Interlocked.Read(ref _count), Interlocked.Read(ref _errors), _latency.Quantile(0.5), _latency.Quantile(0.99));
    }
}
