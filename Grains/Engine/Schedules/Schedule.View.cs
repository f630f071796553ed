using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

public sealed partial record Schedule
{
    /// <summary>The schedule as people see it; only of one that exists.</summary>
    public ScheduleView View() => new(
        Id.Value, Spec!,
        Spec!.IsPaused ? null : NextFiring,
        NextWake,
        [.. Running.Values.Select(run => new ScheduledRunView(run.Run, run.Occasion.From, run.Occasion.To, run.IsCancelling))],
        [.. Queue.Select(waiting => waiting.To)],
        [.. Recent.Firings.Reverse().Select(firing => firing.View())],
        [.. Backfills.Select(backfill => backfill.View())]);

    /// <summary>What a run is told that it is for.</summary>
    public RunOccasion OccasionOf(Occasion occasion) => new(
        occasion.From, occasion.To, occasion.Partition, Id.Value,
        Backfills.Find(backfill => backfill.Running.ContainsKey(occasion.Key))?.Id.Value);

    /// <summary>The runs that a backfill would start, or why it would not begin.</summary>
    public static BackfillPreview Preview(Schedule schedule, ScheduleCommand.Backfill asked, DateTimeOffset now, ScheduleBounds bounds)
    {
        var decision = Decide(schedule, asked, now, bounds);
        if (decision is ScheduleDecision.Refused refused) return new BackfillPreview([], refused.Faults);
        var after = ((ScheduleDecision.Accepted)decision).Events.Aggregate(schedule, Apply);
        var backfill = after.FindBackfill(asked.Id)!;
        return new BackfillPreview(
            [.. Enumerable.Range(0, backfill.Total).Select(index => backfill.OccasionOf(schedule.Id, index))
                .Select(run => new RunOccasion(run.From, run.To, run.Partition, schedule.Id.Value, asked.Id.Value))], []);
    }
}
