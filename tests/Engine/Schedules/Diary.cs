using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>A schedule that hears commands one after another, and what happened to it, in words. Times are minutes after
/// <see cref="Given.Noon"/>: <c>started 60</c>.</summary>
internal sealed class Diary
{
    public static readonly ScheduleId Id = new("s");

    public static readonly ScheduleBounds Small = ScheduleBounds.Default with
    {
        BacklogMax = 4, QueueMax = 5, RunsMax = 3, BackfillsMax = 2, BackfillRunsMax = 12, ConcurrencyMax = 3, PartitionsMax = 2,
    };

    private readonly ScheduleBounds _bounds;

    private Diary(ScheduleBounds bounds) => _bounds = bounds;

    public Schedule Schedule { get; private set; } = Schedule.None;
    public List<ScheduleEvent> History { get; } = [];

    /// <summary>Due at every full hour, made at noon.</summary>
    public static Diary Hourly(Overlap overlap = Overlap.Skip, CatchUp catchUp = CatchUp.All) =>
        Of(new ScheduleSpec(new Recurrence.OfCron("0 * * * *")) { Overlap = overlap, CatchUp = catchUp });

    public static Diary Of(ScheduleSpec spec, double minutes = 0)
    {
        var diary = new Diary(Small);
        diary.Hear(Schedule.Begin(diary.Schedule, Id, spec, At(minutes), Small));
        return diary;
    }

    public static DateTimeOffset At(double minutes) => Given.Noon.AddMinutes(minutes);
    public static StartKey Key(int minute) => StartKey.Scheduled(Id, At(minute));

    public string Tick(double minutes) => Tell(minutes, new ScheduleCommand.Tick());
    public string End(double minutes, int firing, RunStatus status = RunStatus.Succeeded) =>
        Tell(minutes, new ScheduleCommand.RunEnded(Key(firing), status));

    public string Tell(double minutes, ScheduleCommand command) => Hear(Schedule.Decide(Schedule, command, At(minutes), _bounds));

    /// <summary>What is owed in all, in words.</summary>
    public string Owed => string.Join(", ", Schedule.Owed(Schedule).Select(Say));

    private string Hear(ScheduleDecision decision)
    {
        if (decision is ScheduleDecision.Refused refused) return "refused " + string.Join(' ', refused.Faults.Select(fault => fault.Code));
        var events = ((ScheduleDecision.Accepted)decision).Events;
        Schedule = SchedulePromises.Kept(Schedule, events, _bounds);
        History.AddRange(events);
        return string.Join(", ", events.Select(Say));
    }

    public static string Say(ScheduleEvent happened) => happened switch
    {
        ScheduleEvent.Created => "created",
        ScheduleEvent.Changed => "changed",
        ScheduleEvent.Paused => "paused",
        ScheduleEvent.Resumed => "resumed",
        ScheduleEvent.Queued e => $"queued {Say(e.Occasion.Key)}",
        ScheduleEvent.Started e => $"started {Say(e.Occasion.Key)}",
        ScheduleEvent.Skipped e => $"skipped {Minutes(e.After)}-{Minutes(e.Through)} {e.Reason}",
        ScheduleEvent.Dropped e => $"dropped {Say(e.Key)}",
        ScheduleEvent.CancelAsked e => $"cancel asked {Say(e.Key)}",
        ScheduleEvent.Ended e => $"ended {Say(e.Key)}",
        ScheduleEvent.BackfillBegan e => $"backfill {e.Id} of {e.Edges.Length - 1}",
        ScheduleEvent.BackfillRunStarted e => $"{e.Id}[{e.Index}] started",
        ScheduleEvent.BackfillRunEnded e => $"{Say(e.Key)} {e.Status}",
        ScheduleEvent.BackfillCancelled e => $"{e.Id} cancelled",
        _ => throw new UnreachableException(),
    };

    public static string Say(ScheduleDebt debt) => debt switch
    {
        ScheduleDebt.StartRun d => $"start {Say(d.Occasion.Key)}",
        ScheduleDebt.CancelRun d => $"cancel {Say(d.Key)}",
        ScheduleDebt.Wake d => $"wake {Minutes(d.At)}",
        _ => throw new UnreachableException(),
    };

    /// <summary><c>60</c> for the firing of that minute, <c>now/t</c>, <c>backfill/b/60</c>.</summary>
    private static string Say(StartKey key) => string.Join('/', key.Value["schedule/s/".Length..].Split('/').Select(part =>
        part.EndsWith('Z') ? Minutes(Tests.Schedules.Tell.Moment(part)) : part));

    private static string Minutes(DateTimeOffset at) => (at - Given.Noon).TotalMinutes.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>All that a schedule is. Two that say the same are the same.</summary>
    public static string Say(Schedule s) => string.Join('\n',
    [
        $"v{s.Version} {s.Id} {s.Spec} through {Instants.Text(s.DecidedThrough)}",
        .. s.Running.Select(run => $"runs {run.Value}"),
        .. s.Queue.Select(waiting => $"waits {waiting}"),
        .. s.Backfills.Select(b => $"{b.Id} {b.Started}/{b.Total} {b.IsCancelled} {b.Counts} {string.Join(' ', b.Running)} {b.FirstFault}"),
        .. s.Recent.Firings.Select(firing => firing.ToString()),
        .. s.Filled.Spans.Select(span => span.ToString()),
    ]);
}

/// <summary>What is true of every schedule after every decision.</summary>
internal static class SchedulePromises
{
    public static Schedule Kept(Schedule before, ImmutableArray<ScheduleEvent> events, ScheduleBounds bounds)
    {
        var after = events.Aggregate(before, (schedule, happened) =>
        {
            var next = Schedule.Apply(schedule, happened);
            Hold(next.Version == schedule.Version + 1, "one event, one version");
            Hold(next.DecidedThrough >= schedule.DecidedThrough || !schedule.Exists, "what is decided stays decided");
            if (happened is ScheduleEvent.Started { Occasion: { Origin: Origin.Schedule } occasion } && !schedule.Queue.Contains(occasion))
                Hold(occasion.To > schedule.DecidedThrough, "nothing is started twice");
            return next;
        });
        Hold(after.Queue.Count <= bounds.QueueMax, "the queue is bounded");
        Hold(after.Spec?.Overlap == Overlap.Allow || before.Spec?.Overlap == Overlap.Allow || after.Running.Count <= Math.Max(1, before.Running.Count),
            "runs overlap only where they may");
        Hold(after.Running.Count <= bounds.RunsMax, "runs are bounded");
        Hold(after.Spec?.IsPaused == true || after.Queue.IsEmpty || !after.Running.IsEmpty, "nothing waits for nothing");
        Hold(!after.Queue.Exists(waiting => after.Running.ContainsKey(waiting.Key)), "what runs does not wait");
        Hold(after.Backfills.Count(backfill => !backfill.Counts.IsEnded) <= bounds.BackfillsMax, "backfills are bounded");
        foreach (var backfill in after.Backfills)
        {
            var counts = backfill.Counts;
            Hold(backfill.Running.Count <= backfill.Concurrency, "no backfill has more runs at once than it was given");
            Hold(!backfill.MayStart, "no backfill idles while it may start a run");
            Hold(counts.Waiting + counts.Running + counts.Cancelling + counts.Succeeded + counts.Failed + counts.Cancelled == backfill.Total,
                "every run of a backfill is in one state");
            Hold(counts.IsEnded == (counts.Waiting + counts.Running + counts.Cancelling == 0), "a backfill ends when its last run has");
        }
        Newly(before, events, after);
        return after;
    }

    /// <summary>What newly is owed, and what was owed before and is not paid, is all that is owed.</summary>
    private static void Newly(Schedule before, ImmutableArray<ScheduleEvent> events, Schedule after)
    {
        var newly = Schedule.Owed(after, events).ToHashSet();
        var known = before.Exists ? Schedule.Owed(before).ToHashSet() : [];
        var owed = Schedule.Owed(after).ToHashSet();
        Hold(owed.IsSubsetOf(newly.Union(known)), "nothing is owed unsaid", owed.Except(newly).Except(known));
        Hold(newly.IsSubsetOf(owed), "only what is owed is said", newly.Except(owed));
    }

    private static void Hold(bool promise, string words, IEnumerable<ScheduleDebt>? debts = null)
    {
        if (!promise) throw new BrokenPromise($"Broken: {words}. {string.Join(", ", (debts ?? []).Select(Diary.Say))}");
    }
}
