namespace OrleansEtl.Storage;

/// <summary>Stores keep times as microseconds since 1970, UTC: as fine as Postgres, and exact integers in SQLite.</summary>
internal static class Instants
{
    public static long Stored(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    public static long? Stored(DateTimeOffset? time) => time is { } t ? Stored(t) : null;
    public static DateTimeOffset Time(long stored) => DateTimeOffset.UnixEpoch.AddTicks(stored * TimeSpan.TicksPerMicrosecond);

    /// <summary>What a time is after it was stored.</summary>
    public static DateTimeOffset Rounded(DateTimeOffset time) => Time(Stored(time));
    public static DateTimeOffset? Rounded(DateTimeOffset? time) => time is { } t ? Rounded(t) : null;
}
