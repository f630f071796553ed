using System.Collections.Immutable;
using NodaTime;
using NodaTime.TimeZones;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>
/// A time zone of the IANA database that is part of this program: the same on every machine, whether or not the machine has one, so that
/// two silos never disagree about when a schedule fires. This is the only file that knows where zones come from.
/// </summary>
public sealed class Zone
{
    private static readonly TzdbDateTimeZoneSource Source = TzdbDateTimeZoneSource.Default;
    private static readonly Instant Latest = Instant.FromDateTimeOffset(DateTimeOffset.MaxValue);
    private static readonly Instant Earliest = Instant.FromDateTimeOffset(DateTimeOffset.MinValue);

    private readonly DateTimeZone _zone;

    private Zone(DateTimeZone zone) => _zone = zone;

    public static readonly Zone Utc = new(DateTimeZone.Utc);

    /// <summary>Which edition of the database this is, such as <c>2025b</c>.</summary>
    public static string Edition => Source.TzdbVersion;

    /// <summary>All names, older ones too.</summary>
    public static IEnumerable<string> Names => DateTimeZoneProviders.Tzdb.Ids;

    public string Name => _zone.Id;

    public static Outcome<Zone> Find(string name)
    {
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } zone) return new Zone(zone);
        var nearest = Names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? Names.FirstOrDefault(known => known.EndsWith("/" + name.Replace(' ', '_'), StringComparison.OrdinalIgnoreCase))
            ?? Spelling.Nearest(name, Names);
        return new Fault(FaultKind.Invalid, ScheduleCodes.UnknownZone,
            $"There is no time zone `{name}` in the tz database {Edition}; expected a name such as Europe/Berlin or UTC.",
            null, nearest is null ? null : $"Did you mean `{nearest}`?");
    }

    /// <summary>The stretch of time around an instant in which the zone's clock runs evenly.</summary>
    public Stretch At(DateTimeOffset instant)
    {
        var interval = _zone.GetZoneInterval(Instant.FromDateTimeOffset(instant));
        return new Stretch(
            interval.HasStart && interval.Start > Earliest ? interval.Start.ToDateTimeOffset() : null,
            interval.HasEnd && interval.End <= Latest ? interval.End.ToDateTimeOffset() : null,
            TimeSpan.FromTicks(interval.WallOffset.Ticks));
    }

    /// <summary>When the clock first shows this time, or first shows a later one because it jumped over this one.</summary>
    public DateTimeOffset First(DateTime wall)
    {
        // No clock is further from UTC than this, so that the search begins before it.
        var ahead = TimeSpan.FromHours(26).Ticks;
        for (var stretch = At(new DateTimeOffset(Math.Max(0, wall.Ticks - ahead), TimeSpan.Zero)); ; stretch = At(stretch.Until!.Value))
        {
            var at = stretch.Instant(wall);
            if (!(at >= stretch.Until)) return at < stretch.From ? stretch.From.Value : at;
        }
    }

    public override string ToString() => Name;
}

/// <summary>Time between two changes of a zone's clock.</summary>
/// <param name="From">The first instant of it; null when the clock never ran otherwise before.</param>
/// <param name="Until">The first instant after it; null when the clock never changes again.</param>
/// <param name="Offset">What the clock shows more than UTC.</param>
public readonly record struct Stretch(DateTimeOffset? From, DateTimeOffset? Until, TimeSpan Offset)
{
    /// <summary>What the clock shows.</summary>
    public DateTime Wall(DateTimeOffset instant) =>
        new(Math.Clamp(instant.UtcTicks + Offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks));

    /// <summary>When this clock shows it.</summary>
    public DateTimeOffset Instant(DateTime wall) =>
        new(Math.Clamp(wall.Ticks - Offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero);
}
