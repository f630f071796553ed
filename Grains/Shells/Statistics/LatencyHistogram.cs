using System.Numerics;

namespace OrleansEtl.Shells.Statistics;

/// <summary>Durations in buckets that grow by an eighth or less, from a microsecond to many days. Counted without
/// a lock; a reader may miss what is being counted at that moment.</summary>
internal sealed class LatencyHistogram
{
    private const int PerOctave = 8, Octaves = 40;
    private readonly long[] _counts = new long[PerOctave * Octaves];

    public void Count(TimeSpan duration) => Interlocked.Increment(ref _counts[Bucket((ulong)Math.Max(0, duration.TotalMicroseconds))]);

    /// <summary>An upper bound of the shortest durations that make up this share of all; zero when nothing was counted.</summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan Quantile(double share)
    {
        var counts = _counts.AsSpan().ToArray();
        var (wanted, seen) = (Math.Max(1, (long)Math.Ceiling(share * counts.Sum())), 0L);
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            seen += counts[bucket];
            if (seen >= wanted) return TimeSpan.FromMicroseconds(UpperEnd(bucket));
        }
        return TimeSpan.Zero;
    }

    /// <summary>The octave is the highest bit; the three bits below it are the place within.</summary>
    private static int Bucket(ulong microseconds)
    {
        if (microseconds < PerOctave) return (int)microseconds;
        var octave = BitOperations.Log2(microseconds);
        var place = (int)(microseconds >> (octave - 3)) & (PerOctave - 1);
        return Math.Min((octave - 2) * PerOctave + place, PerOctave * Octaves - 1);
    }

    private static double UpperEnd(int bucket)
    {
        if (bucket < PerOctave) return bucket + 1;
        var (octave, place) = (bucket / PerOctave + 2, bucket % PerOctave);
        return (PerOctave + place + 1) * Math.Pow(2, octave - 3);
    }
}
