using System.Globalization;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>Moments and firings in short words.</summary>
internal static class Tell
{
    public static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public static Timetable Timetable(Recurrence when, string zone = "UTC") => ScheduleCheck.Of(new ScheduleSpec(when, zone)) switch
    {
        ScheduleCheckResult.Valid valid => valid.Timetable,
        ScheduleCheckResult.Faulty faulty => throw new ArgumentException(string.Join(' ', faulty.Faults)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static Timetable Cron(string expression, string zone = "UTC") => Timetable(new Recurrence.OfCron(expression), zone);

    /// <summary><c>03-29 03:00 +2 moved</c>, from a moment on.</summary>
    public static string Firings(Timetable timetable, string zone, DateTimeOffset from, int count)
    {
        var (clock, firings) = (Zone.Find(zone).Value!, new List<string>());
        for (var at = timetable.From(from); at is { } instant && firings.Count < count; at = timetable.Next(instant))
        {
            var stretch = clock.At(instant);
            var change = ClockChange.Of(timetable, timetable.FiringAt(instant))?.Effect switch
            {
                null => "",
                ClockEffect.Moved => " moved",
                ClockEffect.LeftOut => " left out",
                ClockEffect.FirstOfTwo => " first",
                ClockEffect.SecondOfTwo => " second",
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            firings.Add(string.Create(CultureInfo.InvariantCulture, $"{stretch.Wall(instant):MM-dd HH:mm} {stretch.Offset.TotalHours:+0.#;-0.#;+0}{change}"));
        }
        return string.Join(", ", firings);
    }
}
