using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Schedules;

/// <summary>Makes the timetable of a spec, or tells all that is wrong with it.</summary>
public static class ScheduleCheck
{
    public static readonly TimeSpan PeriodMin = TimeSpan.FromSeconds(1);

    /// <summary>No calendar counts further, in any unit: 400 months are 33 years.</summary>
    public const int CalendarCountMax = 400;

    /// <summary>More is no jitter but another time.</summary>
    public static readonly TimeSpan JitterMax = TimeSpan.FromDays(1);

    public static ScheduleCheckResult Of(ScheduleSpec spec)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var zone = Zone.Find(spec.Zone);
        if (zone.Fault is { } unknown) faults.Add(unknown with { Path = "zone" });
        var times = Times(spec.When, faults);
        if (spec.Jitter < TimeSpan.Zero || spec.Jitter > JitterMax)
            faults.Add(Wrong(ScheduleCodes.WrongJitter, "jitter",
                $"Found a jitter of {Durations.ToText(spec.Jitter)}, expected 0s to {Durations.ToText(JitterMax)}."));
        if (spec.End <= spec.Start)
            faults.Add(Wrong(ScheduleCodes.WrongSpan, "end",
                $"The end, {Instants.Text(spec.End.Value)}, is not after the start, {Instants.Text(spec.Start.Value)}."));
        if (faults.Count > 0) return new ScheduleCheckResult.Faulty(faults.DrainToImmutable());
        Timetable timetable = spec.When is Recurrence.Interval interval
            ? new Timetable.Every(interval.Every, interval.Anchor)
            : new Timetable.OnTheWall(times!, zone.Value!, times is Cron { KeepsRhythm: true });
        if (spec.End is { } end && !(timetable.From(spec.Start ?? DateTimeOffset.MinValue) < end))
            return new ScheduleCheckResult.Faulty([Wrong(ScheduleCodes.WrongSpan, "end",
                $"Nothing is due {(spec.Start is { } start ? $"from {Instants.Text(start)} " : "")}until {Instants.Text(end)}.")]);
        return new ScheduleCheckResult.Valid(timetable);
    }

    /// <summary>Null for an interval, which is not on any wall, and when there are faults.</summary>
    private static IWallTimes? Times(Recurrence when, ImmutableArray<Fault>.Builder faults)
    {
        switch (when)
        {
            case Recurrence.OfCron cron:
                var read = Cron.Read(cron.Expression);
                if (read is CronResult.Faulty faulty) faults.AddRange(faulty.Faults.Select(fault => fault.Fault with { Path = "cron" }));
                return (read as CronResult.Valid)?.Cron;
            case Recurrence.Interval interval:
                if (interval.Every < PeriodMin || interval.Every > Durations.Max)
                    faults.Add(Wrong(ScheduleCodes.WrongPeriod, "every",
                        $"Found every {Durations.ToText(interval.Every)}, expected {Durations.ToText(PeriodMin)} to {Durations.ToText(Durations.Max)}."));
                return null;
            case Recurrence.Calendar calendar:
                if (calendar.Every is < 1 or > CalendarCountMax)
                    faults.Add(Wrong(ScheduleCodes.WrongPeriod, "every",
                        $"Found every {calendar.Every} {calendar.Unit.ToString().ToLowerInvariant()}s, expected 1 to {CalendarCountMax}."));
                return new CalendarTimes(
                    calendar.Every, calendar.Unit, new TimeOnly(calendar.At.Hour, calendar.At.Minute, calendar.At.Second), calendar.Anchor);
            default: throw new UnreachableException(when.GetType().Name);
        }
    }

    private static Fault Wrong(string code, string path, string message) => new(FaultKind.Invalid, code, message, path);
}

public abstract record ScheduleCheckResult
{
    private ScheduleCheckResult() { }

    public sealed record Valid(Timetable Timetable) : ScheduleCheckResult;
    public sealed record Faulty(ImmutableArray<Fault> Faults) : ScheduleCheckResult;
}
