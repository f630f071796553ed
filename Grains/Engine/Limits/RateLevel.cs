namespace OrleansEtl.Engine.Limits;

/// <summary>
/// How much of a rate is used up, as one moment: the one at which the bucket is full again. Who is let in moves it on by what he takes; he
/// may come when it is then not further away than a full bucket lasts. So in any time at most the burst and what flows in is let in, and a
/// clock that goes back lets nobody in earlier.
/// </summary>
public readonly record struct RateLevel(DateTimeOffset FullAt)
{
    public static readonly RateLevel Full = new(DateTimeOffset.MinValue);

    /// <summary>When so much may be taken, at most the burst.</summary>
    public DateTimeOffset OpenAt(LimitRate rate, int weight, DateTimeOffset now) =>
        FullAt <= now ? now : FullAt + Lasts(rate, weight) - Held(rate);

    public RateLevel Taken(LimitRate rate, int weight, DateTimeOffset now) => new(Later(FullAt, now) + Lasts(rate, weight));

    /// <summary>The level under another rate: at worst the bucket is empty.</summary>
    public RateLevel Under(LimitRate rate, DateTimeOffset now) =>
        FullAt - now <= Held(rate) ? this : new(now + Held(rate));

    /// <summary>Rounded up, so that the sum of many is never faster than the rate.</summary>
    private static TimeSpan Lasts(LimitRate rate, int weight) =>
        TimeSpan.FromTicks((long)(((Int128)weight * rate.Per.Ticks + rate.Count - 1) / rate.Count));

    /// <summary>How long a full bucket lasts; rounded down, for the same reason.</summary>
    private static TimeSpan Held(LimitRate rate) => TimeSpan.FromTicks((long)((Int128)rate.Burst * rate.Per.Ticks / rate.Count));

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
