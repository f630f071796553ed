namespace OrleansEtl.Engine.Schedules;

/// <summary>Chance that is always the same for the same firing, and spread evenly over schedules and firings: FNV-1a, stirred.</summary>
public static class Jitter
{
    /// <summary>From 0 to just below 1.</summary>
    public static double Part(ScheduleId schedule, DateTimeOffset firing)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in schedule.Value) hash = (hash ^ c) * 1099511628211UL;
        for (var ticks = (ulong)firing.UtcTicks; ticks != 0; ticks >>= 8) hash = (hash ^ (ticks & 255)) * 1099511628211UL;
        hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15UL;
        return ((hash ^ (hash >> 29)) >> 11) / (double)(1UL << 53);
    }
}
