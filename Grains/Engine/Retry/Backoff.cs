namespace OrleansEtl.Engine.Retry;

/// <summary>How long to wait before a retry. Pure: chance comes in as an argument.</summary>
public static class Backoff
{
    /// <param name="retry">1 for the first retry.</param>
    /// <param name="chance">0 to 1; decides the jittered part of the wait.</param>
    public static TimeSpan Delay(RetrySpec spec, int retry, double chance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(retry, 1);
        if (spec.Initial <= TimeSpan.Zero) return TimeSpan.Zero; // nothing grows from nothing, not even infinitely
        var grown = spec.Initial.TotalSeconds * Math.Pow(spec.Factor, retry - 1);
        var capped = Math.Min(grown, spec.MaxDelay.TotalSeconds);
        return TimeSpan.FromSeconds(capped * (1 - spec.Jitter * Math.Clamp(chance, 0, 1)));
    }

    /// <summary>A chance that is always the same for the same retry, and spread evenly over runs and stages: FNV-1a of the fence.</summary>
    public static double Chance(RunId run, int stage, Attempt attempt)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in run.Value) hash = (hash ^ c) * 1099511628211UL;
        hash = (hash ^ (uint)stage) * 1099511628211UL;
        hash = (hash ^ (uint)attempt.Number) * 1099511628211UL;
        hash ^= hash >> 32;
        return (hash * 0x9E3779B97F4A7C15UL >> 11) / (double)(1UL << 53);
    }
}
