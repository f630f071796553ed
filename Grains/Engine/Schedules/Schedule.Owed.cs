using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Schedules;

/// <summary>What a schedule owes the world. Each carries its start key, so that paying twice is harmless.</summary>
public abstract record ScheduleDebt
{
    private ScheduleDebt() { }

    /// <summary>Start the run, and say when it has ended.</summary>
    public sealed record StartRun(Occasion Occasion, RunId Run) : ScheduleDebt;

    /// <summary>Cancel the run, and say when it has ended. One that never started has ended as cancelled, and must not start any more.</summary>
    public sealed record CancelRun(StartKey Key, RunId Run) : ScheduleDebt;

    /// <summary>Tick at this time. A tick that changed nothing came too early, and leaves this owed.</summary>
    public sealed record Wake(DateTimeOffset At) : ScheduleDebt;
}

public sealed partial record Schedule
{
    /// <summary>All that the schedule owes: what recovery pays.</summary>
    public static ImmutableArray<ScheduleDebt> Owed(Schedule schedule)
    {
        var debts = ImmutableArray.CreateBuilder<ScheduleDebt>();
        foreach (var (key, run) in schedule.Running)
            debts.Add(run.IsCancelling ? new ScheduleDebt.CancelRun(key, run.Run) : new ScheduleDebt.StartRun(run.Occasion, run.Run));
        foreach (var backfill in schedule.Backfills)
            debts.AddRange(OwedTo(schedule, backfill));
        if (schedule.NextWake is { } wake) debts.Add(new ScheduleDebt.Wake(wake));
        return debts.DrainToImmutable();
    }

    /// <summary>What these events newly owe, on the schedule as it is after them.</summary>
    public static ImmutableArray<ScheduleDebt> Owed(Schedule schedule, ImmutableArray<ScheduleEvent> events)
    {
        var debts = ImmutableArray.CreateBuilder<ScheduleDebt>();
        var wakes = false;
        foreach (var happened in events)
            switch (happened)
            {
                case ScheduleEvent.Started e:
                    wakes = true;
                    if (schedule.Running.GetValueOrDefault(e.Occasion.Key) is { IsCancelling: false })
                        debts.Add(new ScheduleDebt.StartRun(e.Occasion, e.Run));
                    break;
                case ScheduleEvent.CancelAsked e:
                    if (schedule.Running.TryGetValue(e.Key, out var asked)) debts.Add(new ScheduleDebt.CancelRun(e.Key, asked.Run));
                    break;
                case ScheduleEvent.BackfillRunStarted e when schedule.FindBackfill(e.Id) is { IsCancelled: false } backfill:
                    if (backfill.OccasionOf(schedule.Id, e.Index) is var occasion && backfill.Running.ContainsKey(occasion.Key))
                        debts.Add(new ScheduleDebt.StartRun(occasion, e.Run));
                    break;
                case ScheduleEvent.BackfillCancelled e when schedule.FindBackfill(e.Id) is { } backfill:
                    debts.AddRange(OwedTo(schedule, backfill));
                    break;
                case ScheduleEvent.Created or ScheduleEvent.Changed or ScheduleEvent.Resumed or ScheduleEvent.Queued or ScheduleEvent.Skipped:
                    wakes = true;
                    break;
                case ScheduleEvent.Paused or ScheduleEvent.Dropped or ScheduleEvent.Ended or ScheduleEvent.BackfillBegan
                    or ScheduleEvent.BackfillRunStarted or ScheduleEvent.BackfillRunEnded or ScheduleEvent.BackfillCancelled:
                    break;
                default: throw new UnreachableException(happened.GetType().Name);
            }
        if (wakes && schedule.NextWake is { } wake) debts.Add(new ScheduleDebt.Wake(wake));
        return debts.DrainToImmutable();
    }

    private static IEnumerable<ScheduleDebt> OwedTo(Schedule schedule, Backfill backfill) => backfill.Running.Select(run => backfill.IsCancelled
        ? (ScheduleDebt)new ScheduleDebt.CancelRun(run.Key, run.Value.Run)
        : new ScheduleDebt.StartRun(backfill.OccasionOf(schedule.Id, run.Value.Index), run.Value.Run));
}
