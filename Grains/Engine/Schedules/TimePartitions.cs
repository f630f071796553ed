using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Schedules;

/// <summary>
/// A time cut into partitions that meet: each begins where the one before ends, which it does not hold, and the last one is cut off where the
/// time ends. They are counted from its beginning. Days, weeks and months are those of the zone's calendar, so that a day in which its clock
/// changes has 23 or 25 hours; all else is real time.
/// </summary>
public sealed record TimePartitions(DateTimeOffset From, DateTimeOffset To, Timetable Edges, Zone Zone)
{
    public IEnumerable<(DateTimeOffset Start, DateTimeOffset End)> All()
    {
        for (var start = From; start < To;)
        {
            var end = Edges.Next(start) is { } next && next < To ? next : To;
            yield return (start, end);
            start = end;
        }
    }

    /// <param name="of">Of what is not among it nothing is said.</param>
    /// <param name="faults">All that is wrong with it; the path of each is the field's name.</param>
    /// <returns>Null: something is wrong, or is not given.</returns>
    public static TimePartitions? Read(SpecValue.Map of, List<Fault> faults)
    {
        var before = faults.Count;
        var zone = ZoneOf(of, faults);
        var (from, to) = (Moment(of, PartitionFields.From, zone, faults), Moment(of, PartitionFields.To, zone, faults));
        if (to < from)
            faults.Add(new Fault(FaultKind.Invalid, ScheduleCodes.WrongSpan,
                $"`to`, {Instants.Text(to.Value)}, is before `from`, {Instants.Text(from.Value)}.", PartitionFields.To));
        var edges = EdgesOf(of, from ?? DateTimeOffset.UnixEpoch, zone, faults);
        return faults.Count == before && from is { } start && to is { } end && edges is not null
            ? new TimePartitions(start, end, edges, zone) : null;
    }

    private static Zone ZoneOf(SpecValue.Map of, List<Fault> faults)
    {
        if (of[PartitionFields.TimeZone] is not { } given) return Zone.Utc;
        if (given is not SpecValue.Text name)
        {
            faults.Add(Wrong(PartitionFields.TimeZone, "a time zone such as Europe/Berlin", given));
            return Zone.Utc;
        }
        var zone = Zone.Find(name.Value);
        if (zone.Succeeded) return zone.Value;
        faults.Add(zone.Fault with { Path = PartitionFields.TimeZone });
        return Zone.Utc;
    }

    private static DateTimeOffset? Moment(SpecValue.Map of, string field, Zone zone, List<Fault> faults)
    {
        if (of[field] is not { } given) return null;
        if (given is SpecValue.Text text && Moments.TryInstant(text.Value, zone, out var instant)) return instant;
        faults.Add(Wrong(field, "a moment such as 2026-01-31 or 2026-01-31T09:00:00Z", given) with
        {
            Hint = given is SpecValue.Null ? "Say what it is when there is none: `| default(\"…\")`. A run's interval comes with its schedule, "
                + "or from --interval-start and --interval-end." : null,
        });
        return null;
    }

    private static Timetable? EdgesOf(SpecValue.Map of, DateTimeOffset from, Zone zone, List<Fault> faults)
    {
        if (of[PartitionFields.Every] is not { } given) return null;
        if ((given as SpecValue.Text)?.Value is not { } text || When(text, from, zone) is not { } when)
        {
            faults.Add(Wrong(PartitionFields.Every, "a duration such as 15m or 6h, or a number of days, weeks or months such as 1d or 2 weeks", given));
            return null;
        }
        switch (ScheduleCheck.Of(new ScheduleSpec(when, zone.Name)))
        {
            case ScheduleCheckResult.Valid valid: return valid.Timetable;
            case ScheduleCheckResult.Faulty faulty: faults.AddRange(faulty.Faults); return null;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>A day is a day of the calendar, also where it is written as <c>1d</c>; who means 24 hours writes <c>24h</c>.</summary>
    private static Recurrence? When(string text, DateTimeOffset from, Zone zone)
    {
        var wall = zone.At(from).Wall(from);
        if (Moments.Calendar(text) is var (count, unit)) return Calendar(count, unit);
        if (!Durations.TryParse(text, out var every)) return null;
        return text.EndsWith('d') && every.Ticks % TimeSpan.TicksPerDay == 0
            ? Calendar((int)every.TotalDays, CalendarUnit.Day) : new Recurrence.Interval(every, from);

        Recurrence Calendar(int times, CalendarUnit of) =>
            new Recurrence.Calendar(times, of, TimeOnly.FromDateTime(wall), DateOnly.FromDateTime(wall));
    }

    private static Fault Wrong(string field, string expected, SpecValue found) => new(
        FaultKind.Invalid, PlanCodes.WrongType, $"`{field}` must be {expected}, found {Describe.Value(found)}.", field);
}
