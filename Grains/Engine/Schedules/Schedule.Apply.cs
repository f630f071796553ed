using System.Diagnostics;

namespace OrleansEtl.Engine.Schedules;

public sealed partial record Schedule
{
    /// <summary>The schedule after the event. Total over every history that <see cref="Decide"/> can write; it decides nothing.</summary>
    public static Schedule Apply(Schedule schedule, ScheduleEvent happened)
    {
        var next = happened switch
        {
            ScheduleEvent.Created e => (schedule with { Id = e.Id }).With(e.Spec) with
            {
                DecidedThrough = e.Spec.Start is { } start && start <= e.At ? JustBefore(start) : e.At,
            },
            ScheduleEvent.Changed e => schedule.With(e.Spec).Decided(e.At),
            ScheduleEvent.Paused => schedule with { Spec = schedule.Spec! with { IsPaused = true } },
            ScheduleEvent.Resumed e => (schedule with { Spec = schedule.Spec! with { IsPaused = false } }).Decided(e.At),
            ScheduleEvent.Queued e => schedule.Decided(e.Occasion) with { Queue = schedule.Queue.Add(e.Occasion) },
            ScheduleEvent.Started e => schedule.Decided(e.Occasion) with
            {
                Queue = schedule.Queue.RemoveAll(waiting => waiting.Key == e.Occasion.Key),
                Running = schedule.Running.Add(e.Occasion.Key, new ScheduledRun(e.Occasion, e.Run, IsCancelling: false)),
            },
            ScheduleEvent.Skipped e => schedule.Decided(e.Through),
            ScheduleEvent.Dropped e => schedule with { Queue = schedule.Queue.RemoveAll(waiting => waiting.Key == e.Key) },
            ScheduleEvent.CancelAsked e => schedule with
            {
                Running = schedule.Running.SetItem(e.Key, schedule.Running[e.Key] with { IsCancelling = true }),
            },
            ScheduleEvent.Ended e => schedule with { Running = schedule.Running.Remove(e.Key) },
            ScheduleEvent.BackfillBegan e => schedule.WithoutOldBackfills().WithBackfill(
                new Backfill(e.Id, e.After, e.Through, e.Partitions, e.Concurrency, e.Only, e.Edges, e.Chosen)),
            ScheduleEvent.BackfillRunStarted e => schedule.Replace(e.Id, backfill => backfill.WithStart(schedule.Id, e.Index, e.Run)),
            ScheduleEvent.BackfillRunEnded e => schedule.Replace(e.Id, backfill => backfill.WithEnd(e.Key, e.Status, e.Fault)),
            ScheduleEvent.BackfillCancelled e => schedule.Replace(e.Id, backfill => backfill with { IsCancelled = true }),
            _ => throw new UnreachableException(happened.GetType().Name),
        };
        return next with { Version = schedule.Version + 1, Recent = schedule.Recent.After(happened), Filled = FilledBy(next, schedule, happened) };
    }

    /// <summary>A run on request answers for a time of its own, and fills none.</summary>
    private static FilledTime FilledBy(Schedule next, Schedule before, ScheduleEvent happened) => happened switch
    {
        ScheduleEvent.Ended { Status: RunStatus.Succeeded, Definition: { } definition } e
            when before.Running[e.Key].Occasion is { Origin: Origin.Schedule } occasion => before.Filled.With(occasion, definition),
        ScheduleEvent.BackfillRunEnded { Status: RunStatus.Succeeded, Definition: { } definition } e
            when before.FindBackfill(e.Id) is { } backfill && backfill.Running.TryGetValue(e.Key, out var run) =>
            before.Filled.With(backfill.OccasionOf(before.Id, run.Index), definition),
        _ => next.Filled,
    };

    private Schedule With(ScheduleSpec spec) => this with
    {
        Spec = spec,
        Timetable = ScheduleCheck.Of(spec) is ScheduleCheckResult.Valid { Timetable: var timetable }
            ? timetable
            : throw new UnreachableException($"the spec of schedule {Id} was checked before it was kept"),
    };

    /// <summary>What is decided stays decided, whatever the clock does.</summary>
    private Schedule Decided(DateTimeOffset through) => through > DecidedThrough ? this with { DecidedThrough = through } : this;

    private Schedule Decided(Occasion occasion) => occasion.Origin == Origin.Schedule ? Decided(occasion.To) : this;

    private Schedule WithBackfill(Backfill backfill) => this with { Backfills = Backfills.Add(backfill) };

    private Schedule Replace(BackfillId id, Func<Backfill, Backfill> change) =>
        FindBackfill(id) is { } backfill ? this with { Backfills = Backfills.Replace(backfill, change(backfill)) } : this;

    private Schedule WithoutOldBackfills()
    {
        var ended = Backfills.Where(backfill => backfill.Counts.IsEnded).ToArray();
        return this with { Backfills = Backfills.RemoveRange(ended.Take(ended.Length - EndedBackfillsMax)) };
    }

    private static DateTimeOffset JustBefore(DateTimeOffset instant) =>
        instant == DateTimeOffset.MinValue ? instant : instant.AddTicks(-1);
}
