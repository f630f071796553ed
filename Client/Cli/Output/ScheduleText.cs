using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Output;

/// <summary>Schedules, firings and backfills as tables.</summary>
internal static class ScheduleText
{
    public static Table Table(ImmutableArray<ScheduleView> schedules)
    {
        var table = new Table("SCHEDULE", "PIPELINE", "WHEN", "ZONE", "NEXT", "LAST");
        foreach (var schedule in schedules)
            table.Row(
                schedule.Id, schedule.Spec.Pipeline, When(schedule.Spec.When), schedule.Spec.Zone,
                schedule.Spec.IsPaused ? new Cell("paused", Ink.Yellow) : Moment(schedule.NextFiring),
                schedule.Recent is [var last, ..] ? Outcome(last.Outcome) : new Cell(""));
        return table;
    }

    public static Table Firings(IEnumerable<FiringView> firings)
    {
        var table = new Table("INTERVAL START", "INTERVAL END", "OUTCOME", "RUN", "WHY");
        foreach (var firing in firings)
            table.Row(
                Moment(firing.IntervalStart), Moment(firing.IntervalEnd), Outcome(firing.Outcome), firing.Run?.Value ?? "",
                firing.Fault is { } fault ? $"{fault.Code} {fault.Message}" : firing.Reason ?? (firing.IsOnRequest ? "on request" : ""));
        return table;
    }

    public static Table Backfills(IEnumerable<BackfillView> backfills)
    {
        var table = new Table("BACKFILL", "STATUS", "FROM", "TO", "WAITING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "WHY");
        foreach (var backfill in backfills)
            table.Row(
                backfill.Id, EnumWords.Word(backfill.Status), Moment(backfill.From), Moment(backfill.To), Cell.Count(backfill.Waiting),
                Cell.Count(backfill.Running + backfill.Cancelling), Cell.Count(backfill.Succeeded), Cell.Count(backfill.Failed),
                Cell.Count(backfill.Cancelled), backfill.Fault is { } fault ? $"{fault.Code} {fault.Message}" : "");
        return table;
    }

    public static Table Preview(IEnumerable<RunOccasion> runs)
    {
        var table = new Table("INTERVAL START", "INTERVAL END", "PARTITION");
        foreach (var run in runs) table.Row(Moment(run.IntervalStart), Moment(run.IntervalEnd), run.Partition ?? "");
        return table;
    }

    /// <summary>What a schedule is and does, besides its firings.</summary>
    public static IEnumerable<string> Lines(ScheduleView schedule)
    {
        var spec = schedule.Spec;
        yield return Words.OnOneLine(
            $"{schedule.Id} runs {spec.Pipeline}{(spec.Version is { } version ? $" version {version}" : "")}: {When(spec.When)}, {spec.Zone}; "
            + $"missed ones: {EnumWords.Word(spec.CatchUp)}; overlap: {EnumWords.Word(spec.Overlap)}");
        if (spec.Params is { Fields.IsEmpty: false } given) yield return Words.OnOneLine($"  with {given.ToJson()}");
        yield return spec.IsPaused ? "  paused"
            : schedule.NextFiring is { } next ? $"  next {Words.Moment(next)}{Later(schedule)}"
            : "  nothing is due any more";
        foreach (var run in schedule.Running)
            yield return $"  {run.Run} runs for {Words.Moment(run.IntervalStart)} to {Words.Moment(run.IntervalEnd)}"
                + (run.IsCancelling ? ", being cancelled" : "");
        if (schedule.Waiting is [var first, ..])
            yield return $"  waiting for that: {Words.Plural(schedule.Waiting.Length, "firing")}, the first of {Words.Moment(first)}";
        foreach (var backfill in schedule.Backfills.Where(one => one.Status is BackfillStatus.Running or BackfillStatus.Cancelling))
            yield return $"  backfill {backfill.Id} {EnumWords.Word(backfill.Status)}: "
                + $"{backfill.Succeeded} succeeded, {backfill.Running + backfill.Cancelling} run, {backfill.Waiting} wait";
    }

    /// <summary><c>30 2 * * *</c>, <c>every 15m</c>, <c>every 2 weeks at 06:00</c></summary>
    public static string When(Recurrence when) => when switch
    {
        Recurrence.OfCron cron => cron.Expression,
        Recurrence.Interval interval => $"every {Durations.ToText(interval.Every)}",
        Recurrence.Calendar calendar => $"every {calendar.Every} {EnumWords.Word(calendar.Unit)}{(calendar.Every == 1 ? "" : "s")} at {calendar.At:HH:mm}",
        _ => throw new UnreachableException(),
    };

    private static string Later(ScheduleView schedule) =>
        schedule.NextStart is { } start && start > schedule.NextFiring ? $", starts {Words.Duration(start - schedule.NextFiring)} later" : "";

    private static Cell Moment(DateTimeOffset? at) => at is { } moment ? new Cell(Words.Moment(moment), Plain: Instants.Text(moment)) : new Cell("");

    private static Cell Outcome(FiringOutcome outcome) => Cell.Of(outcome switch
    {
        FiringOutcome.Waiting => new StatusSign("·", "waiting", Ink.Faint),
        FiringOutcome.Started => new StatusSign("▶", "started", Ink.Blue),
        FiringOutcome.Succeeded => new StatusSign("✓", "succeeded", Ink.Green),
        FiringOutcome.Failed => new StatusSign("✗", "failed", Ink.Red),
        FiringOutcome.Cancelled => new StatusSign("■", "cancelled", Ink.Yellow),
        FiringOutcome.Skipped => new StatusSign("-", "skipped", Ink.Faint),
        _ => throw new UnreachableException(),
    });
}
