using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Schedules;

public sealed partial record Schedule
{
    /// <summary>Makes a schedule. Idempotent: the same again changes nothing.</summary>
    public static ScheduleDecision Begin(Schedule schedule, ScheduleId id, ScheduleSpec spec, DateTimeOffset now, ScheduleBounds bounds)
    {
        if (schedule.Exists)
            return schedule.Spec == spec ? ScheduleDecision.Nothing : ScheduleDecision.Refuse(FaultKind.Conflict, ScheduleCodes.OtherSchedule,
                $"Schedule {schedule.Id} exists already, and otherwise.", "Change it, or take another name.");
        if (ScheduleCheck.Of(spec) is ScheduleCheckResult.Faulty faulty) return new ScheduleDecision.Refused(faulty.Faults);
        var draft = new ScheduleDraft(schedule);
        draft.Add(new ScheduleEvent.Created(now, id, spec));
        Fire(draft, now, bounds);
        return draft.Done();
    }

    /// <summary>What the command makes happen to a schedule that exists. Decides, changes nothing.</summary>
    public static ScheduleDecision Decide(Schedule schedule, ScheduleCommand command, DateTimeOffset now, ScheduleBounds bounds)
    {
        if (!schedule.Exists)
            return ScheduleDecision.Refuse(FaultKind.NotFound, ScheduleCodes.NoSchedule, "There is no such schedule.");
        var draft = new ScheduleDraft(schedule);
        switch (command)
        {
            case ScheduleCommand.Tick:
                Fire(draft, now, bounds);
                break;
            case ScheduleCommand.RunEnded ended:
                End(draft, ended, now, bounds);
                break;
            case ScheduleCommand.Pause when !schedule.Spec!.IsPaused:
                Fire(draft, now, bounds);
                draft.Add(new ScheduleEvent.Paused(now));
                break;
            case ScheduleCommand.Resume when schedule.Spec!.IsPaused:
                SkipPause(draft, now);
                draft.Add(new ScheduleEvent.Resumed(now));
                StartWaiting(draft, now, bounds);
                break;
            case ScheduleCommand.Pause or ScheduleCommand.Resume:
                break;
            case ScheduleCommand.TriggerNow trigger:
                return Trigger(draft, trigger, now, bounds);
            case ScheduleCommand.Change change:
                return Change(draft, change.Spec, now, bounds);
            case ScheduleCommand.Backfill backfill:
                return BeginBackfill(draft, backfill, now, bounds);
            case ScheduleCommand.CancelBackfill cancel:
                return CancelBackfill(draft, cancel.Id, now);
            default: throw new UnreachableException(command.GetType().Name);
        }
        return draft.Done();
    }

    /// <summary>Decides about all that has fallen due.</summary>
    /// <param name="isLast">Whether the spec holds no longer: what only waits for its jitter is decided too.</param>
    private static void Fire(ScheduleDraft draft, DateTimeOffset now, ScheduleBounds bounds, bool isLast = false)
    {
        if (draft.Schedule.Spec!.IsPaused) return;
        var schedule = isLast ? draft.Schedule with { Spec = draft.Schedule.Spec with { Jitter = TimeSpan.Zero } } : draft.Schedule;
        var due = DueFirings.Of(schedule, now, bounds);
        if (due.Skipped is { } skipped) draft.Add(new ScheduleEvent.Skipped(now, skipped.After, skipped.Through, skipped.Reason));
        foreach (var (firing, wasMissed) in due.Kept)
        {
            var occasion = new Occasion(StartKey.Scheduled(draft.Schedule.Id, firing.At), Origin.Schedule, firing.From, firing.At);
            var isCaughtUp = wasMissed && draft.Schedule.Spec.CatchUp == CatchUp.All;
            if (Enter(draft, occasion, isCaughtUp, now, bounds) is { } reason)
                draft.Add(new ScheduleEvent.Skipped(now, firing.From, firing.At, reason));
        }
    }

    /// <summary>Starts or queues what is due, as the overlap policy says. Gives the reason when it does neither.</summary>
    private static SkipReason? Enter(ScheduleDraft draft, Occasion occasion, bool isCaughtUp, DateTimeOffset now, ScheduleBounds bounds)
    {
        var schedule = draft.Schedule;
        // On request a run starts also ahead of those that wait: they do so only while the schedule is paused, if nothing runs.
        var isFree = schedule.Running.IsEmpty && (schedule.Queue.IsEmpty || occasion.Origin == Origin.Trigger);
        var mayStart = isFree || schedule.Spec!.Overlap == Overlap.Allow && schedule.Running.Count < bounds.RunsMax;
        if (mayStart) draft.Add(new ScheduleEvent.Started(now, occasion, occasion.Key.Run(now)));
        else if (isCaughtUp) return Wait(draft, occasion, now, bounds);
        else
            switch (schedule.Spec!.Overlap)
            {
                case Overlap.Skip: return SkipReason.Overlap;
                case Overlap.Allow: return SkipReason.TooManyRuns;
                case Overlap.QueueOne: return schedule.Queue.IsEmpty ? Wait(draft, occasion, now, bounds) : SkipReason.Overlap;
                case Overlap.QueueAll: return Wait(draft, occasion, now, bounds);
                case Overlap.CancelOther:
                    foreach (var waiting in schedule.Queue) draft.Add(new ScheduleEvent.Dropped(now, waiting.Key));
                    foreach (var (key, run) in schedule.Running)
                        if (!run.IsCancelling) draft.Add(new ScheduleEvent.CancelAsked(now, key));
                    return Wait(draft, occasion, now, bounds);
                default: throw new UnreachableException();
            }
        return null;
    }

    private static SkipReason? Wait(ScheduleDraft draft, Occasion occasion, DateTimeOffset now, ScheduleBounds bounds)
    {
        if (draft.Schedule.Queue.Count >= bounds.QueueMax) return SkipReason.QueueFull;
        draft.Add(new ScheduleEvent.Queued(now, occasion));
        return null;
    }

    private static void StartWaiting(ScheduleDraft draft, DateTimeOffset now, ScheduleBounds bounds)
    {
        while (draft.Schedule is { Spec.IsPaused: false, Queue: [var first, ..] } schedule
            && (schedule.Running.IsEmpty || schedule.Spec!.Overlap == Overlap.Allow && schedule.Running.Count < bounds.RunsMax))
            draft.Add(new ScheduleEvent.Started(now, first, first.Key.Run(now)));
    }

    private static void End(ScheduleDraft draft, ScheduleCommand.RunEnded ended, DateTimeOffset now, ScheduleBounds bounds)
    {
        if (draft.Schedule.Running.ContainsKey(ended.Key))
        {
            draft.Add(new ScheduleEvent.Ended(now, ended.Key, ended.Status, ended.Definition, ended.Fault));
            StartWaiting(draft, now, bounds);
        }
        else if (draft.Schedule.Backfills.Find(backfill => backfill.Running.ContainsKey(ended.Key)) is { } backfill)
        {
            draft.Add(new ScheduleEvent.BackfillRunEnded(now, backfill.Id, ended.Key, ended.Status, ended.Definition, ended.Fault));
            StartBackfillRuns(draft, backfill.Id, now);
        }
    }

    private static ScheduleDecision Trigger(ScheduleDraft draft, ScheduleCommand.TriggerNow trigger, DateTimeOffset now, ScheduleBounds bounds)
    {
        var key = StartKey.Triggered(draft.Schedule.Id, trigger.Token);
        if (draft.Schedule.Running.ContainsKey(key) || draft.Schedule.Queue.Exists(waiting => waiting.Key == key)
            || draft.Schedule.Recent.Find(key) is not null) return ScheduleDecision.Nothing;
        var occasion = new Occasion(key, Origin.Trigger, draft.Schedule.Timetable!.Through(now) ?? now, now);
        return Enter(draft, occasion, isCaughtUp: false, now, bounds) is { } reason
            ? ScheduleDecision.Refuse(FaultKind.Conflict, ScheduleCodes.Overlaps, reason switch
            {
                SkipReason.Overlap => $"A run of schedule {draft.Schedule.Id} has not ended, and its overlap policy lets no further one wait.",
                SkipReason.QueueFull => $"{bounds.QueueMax} runs of schedule {draft.Schedule.Id} wait already.",
                _ => $"{bounds.RunsMax} runs of schedule {draft.Schedule.Id} are under way already.",
            }, "Wait for one of its runs to end, or cancel it.")
            : draft.Done();
    }

    private static ScheduleDecision Change(ScheduleDraft draft, ScheduleSpec spec, DateTimeOffset now, ScheduleBounds bounds)
    {
        if (spec == draft.Schedule.Spec) return ScheduleDecision.Nothing;
        if (ScheduleCheck.Of(spec) is ScheduleCheckResult.Faulty faulty) return new ScheduleDecision.Refused(faulty.Faults);
        if (draft.Schedule.Spec!.IsPaused) SkipPause(draft, now);
        else Fire(draft, now, bounds, isLast: true);
        draft.Add(new ScheduleEvent.Changed(now, spec));
        StartWaiting(draft, now, bounds);
        return draft.Done();
    }

    /// <summary>What fell due while paused is not run, and said so once.</summary>
    private static void SkipPause(ScheduleDraft draft, DateTimeOffset now)
    {
        var schedule = draft.Schedule;
        if (schedule.NextFiring is not { } first || first > now) return;
        var last = DueFirings.Last(schedule, now)!.Value;
        draft.Add(new ScheduleEvent.Skipped(now, schedule.Timetable!.FiringAt(first).From, last, SkipReason.Paused));
    }
}

/// <summary>Events being decided, each applied as it is added, so that what follows from it is decided on the schedule as it then is.</summary>
internal sealed class ScheduleDraft(Schedule schedule)
{
    private readonly ImmutableArray<ScheduleEvent>.Builder _events = ImmutableArray.CreateBuilder<ScheduleEvent>();

    public Schedule Schedule { get; private set; } = schedule;

    public void Add(ScheduleEvent happened)
    {
        Schedule = Schedule.Apply(Schedule, happened);
        _events.Add(happened);
    }

    public ScheduleDecision.Accepted Done() => new(_events.DrainToImmutable());
}
