using System.Globalization;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>Instants as texts.</summary>
public static class Instants
{
    /// <summary><c>2026-03-29T01:00:00Z</c>, with as many fractions of the second as there are.</summary>
    public static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>As the zone's clock shows it: <c>2026-03-29T03:00:00+02:00</c>. Where that is not ahead of UTC by whole minutes, as UTC.</summary>
    public static string Text(DateTimeOffset instant, Zone zone) => zone.At(instant).Offset is var offset && offset != TimeSpan.Zero && offset.Seconds == 0
        ? instant.ToOffset(offset).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture)
        : Text(instant);
}
