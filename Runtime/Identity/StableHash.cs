namespace Orleans.Runtime;

/// <summary>FNV-1a with a finaliser: silos and processes must agree on it, so it may never change.</summary>
internal static class StableHash
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var b in bytes) hash = (hash ^ b) * 16777619u;
        return Mix(hash);
    }

    public static uint Of(uint first, uint second) => Mix((first * 31) ^ second);

    private static uint Mix(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
        return hash ^ (hash >> 16);
    }
}
