using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Output;

/// <summary>Firings as a table and as JSON. Field names are a promise: added to, never renamed.</summary>
internal static class FiringsText
{
    public static Table Table(IEnumerable<PreviewedFiring> firings)
    {
        var table = new Table("LOCAL", "OFFSET", "UTC", "INTERVAL START", "INTERVAL END", "REMARK");
        foreach (var firing in firings)
            table.Row(
                new Cell(Time(firing.Local, "ddd yyyy-MM-dd HH:mm:ss"), Plain: Time(firing.Local, "yyyy-MM-dd'T'HH:mm:ss")),
                Offset(firing.Offset),
                Instants.Text(firing.At.At),
                new Cell(Local(firing.At.From, firing.Zone), Plain: Instants.Text(firing.At.From)),
                new Cell(Local(firing.At.At, firing.Zone), Plain: Instants.Text(firing.At.At)),
                new Cell(Remark(firing.Change) ?? "", Ink.Yellow));
        return table;
    }

    public static void Json(Utf8JsonWriter json, ScheduleSpec spec, Timetable timetable, IReadOnlyList<PreviewedFiring> firings)
    {
        json.WriteStartObject();
        json.WriteString("cron", (spec.When as Recurrence.OfCron)?.Expression);
        json.WriteString("zone", spec.Zone);
        json.WriteString("tzdb", Zone.Edition);
        json.WriteString("follows", timetable is Timetable.OnTheWall { KeepsRhythm: false } ? "wall" : "rhythm");
        JsonText.Objects(json, "firings", firings, (json, firing) =>
        {
            json.WriteString("at", Instants.Text(firing.At.At));
            json.WriteString("local", Time(firing.Local, "yyyy-MM-dd'T'HH:mm:ss") + Offset(firing.Offset));
            json.WriteString("interval_start", Instants.Text(firing.At.From));
            json.WriteString("interval_end", Instants.Text(firing.At.At));
            json.WriteString("clock_change", firing.Change?.Effect switch
            {
                null => null,
                ClockEffect.Moved => "moved",
                ClockEffect.LeftOut => "left_out",
                ClockEffect.FirstOfTwo => "first_of_two",
                ClockEffect.SecondOfTwo => "second_of_two",
                _ => throw new UnreachableException(),
            });
            json.WriteString("remark", Remark(firing.Change));
        });
        json.WriteEndObject();
    }

    /// <summary>What a change of the clock did, in at most 60 characters.</summary>
    private static string? Remark(ClockChange? change)
    {
        if (change is null) return null;
        // A whole day can be jumped over: then the times alone would look alike.
        var form = change.Before.Date == change.After.Date ? "HH:mm" : "MM-dd HH:mm";
        var (time, jump) = (Time(change.Wall, form), $"{Time(change.Before, form)} → {Time(change.After, form)}");
        return change.Effect switch
        {
            ClockEffect.Moved => $"instead of {time}: clock {jump}",
            ClockEffect.LeftOut => $"none from {time} on: clock {jump}",
            ClockEffect.FirstOfTwo => $"the first {time} of two: clock {jump}",
            ClockEffect.SecondOfTwo => $"the second {time} of two: clock {jump}",
            _ => throw new UnreachableException(),
        };
    }

    private static string Local(DateTimeOffset instant, Zone zone) => Time(zone.At(instant).Wall(instant), "yyyy-MM-dd HH:mm:ss");

    private static string Time(DateTime time, string form) => time.ToString(form, CultureInfo.InvariantCulture);

    /// <summary><c>+02:00</c>; the oldest offsets have seconds.</summary>
    private static string Offset(TimeSpan offset) =>
        (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString(offset.Seconds == 0 ? @"hh\:mm" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);
}

/// <summary>A firing as the clock of a zone shows it.</summary>
internal sealed record PreviewedFiring(Firing At, Zone Zone, DateTime Local, TimeSpan Offset, ClockChange? Change)
{
    public PreviewedFiring(Firing at, Zone zone, Timetable timetable)
        : this(at, zone, zone.At(at.At).Wall(at.At), zone.At(at.At).Offset, ClockChange.Of(timetable, at)) { }
}
