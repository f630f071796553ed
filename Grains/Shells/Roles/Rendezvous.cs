using System.Collections.Concurrent;
using System.Text;
using Orleans.Runtime;

namespace OrleansEtl.Shells;

/// <summary>Which silo a thing belongs to, the same everywhere without asking anybody: the one with the highest mark for it. When a
/// silo comes or goes, only what it has or had moves.</summary>
internal static class Rendezvous
{
    private static readonly ConcurrentDictionary<SiloAddress, ulong> Hashes = [];

    /// <summary>Null when there is no silo.</summary>
    public static SiloAddress? Choose(ulong thing, IEnumerable<SiloAddress> silos)
    {
        SiloAddress? best = null;
        var highest = 0UL;
        foreach (var silo in silos)
        {
            var mark = Mixed(thing ^ Hashes.GetOrAdd(silo, static one => Of(one.ToParsableString())));
            if (best is not null && mark <= highest) continue;
            (best, highest) = (silo, mark);
        }
        return best;
    }

    /// <summary>FNV-1a: the same in every process.</summary>
    public static ulong Of(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in Encoding.UTF8.GetBytes(text)) hash = (hash ^ letter) * 1099511628211UL;
        return Mixed(hash);
    }

    /// <summary>Spreads each bit over all (the end of SplitMix64).</summary>
    private static ulong Mixed(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ value >> 27) * 0x94D049BB133111EBUL;
        return value ^ value >> 31;
    }
}
