using System.Globalization;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>Instants as texts.</summary>
public static class Instants
{
    /// <summary><c>2026-03-29T01:00:00Z</c>, with as many fractions of the second as there are.</summary>
    public static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
