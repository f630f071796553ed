using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

public sealed partial record Schedule
{
    private static ScheduleDecision BeginBackfill(
        ScheduleDraft draft, ScheduleCommand.Backfill asked, DateTimeOffset now, ScheduleBounds bounds)
    {
        if (draft.Schedule.FindBackfill(asked.Id) is { } known)
            return known.After == asked.After && known.Through == asked.Through && known.Concurrency == asked.Concurrency
                && known.Only == asked.Only && known.Partitions.AsSpan().SequenceEqual(asked.Partitions.AsSpan())
                ? ScheduleDecision.Nothing
                : ScheduleDecision.Refuse(FaultKind.Conflict, ScheduleCodes.OtherBackfill,
                    $"Backfill {asked.Id} exists already, with another range, other partitions, another concurrency or choice.", "Take another id.");
        if (Wrong(asked, now, bounds) is { IsEmpty: false } faults) return new ScheduleDecision.Refused(faults);
        if (draft.Schedule.Backfills.Count(backfill => !backfill.Counts.IsEnded) >= bounds.BackfillsMax)
            return ScheduleDecision.Refuse(FaultKind.Exhausted, ScheduleCodes.TooMuchBackfill,
                $"{bounds.BackfillsMax} backfills of schedule {draft.Schedule.Id} have not ended.", "Wait for one of them, or cancel it.");
        var partitions = Math.Max(1, asked.Partitions.Length);
        var edges = Edges(draft.Schedule, asked, bounds.BackfillRunsMax / partitions);
        if (edges.Length < 2)
            return ScheduleDecision.Refuse(FaultKind.Invalid, ScheduleCodes.WrongBackfill,
                $"Nothing of schedule {draft.Schedule.Id} was due after {Times.Instants.Text(asked.After)} and up to "
                + $"{Times.Instants.Text(asked.Through)}.");
        if (edges[^1] < asked.Through && draft.Schedule.Timetable!.Next(edges[^1]) <= asked.Through)
            return ScheduleDecision.Refuse(FaultKind.Invalid, ScheduleCodes.TooMuchBackfill,
                $"More than {bounds.BackfillRunsMax} runs lie in that range; they fill it up to {Times.Instants.Text(edges[^1])}.",
                "Ask for a shorter range, and for the rest when it has ended.");
        draft.Add(new ScheduleEvent.BackfillBegan(
            now, asked.Id, asked.After, asked.Through, asked.Partitions, asked.Concurrency, asked.Only, edges, Chosen(draft.Schedule, asked, edges)));
        StartBackfillRuns(draft, asked.Id, now);
        return draft.Done();
    }

    private static ImmutableArray<Fault> Wrong(ScheduleCommand.Backfill asked, DateTimeOffset now, ScheduleBounds bounds)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        if (asked.After >= asked.Through) Add("to", "The end of the range is not after its beginning.");
        if (asked.Through > now) Add("to", "The range reaches into the future, where nothing was due yet.");
        if (asked.Concurrency < 1 || asked.Concurrency > bounds.ConcurrencyMax)
            Add("concurrency", $"Found a concurrency of {asked.Concurrency}, expected 1 to {bounds.ConcurrencyMax}.");
        if (asked.Partitions.Length > bounds.PartitionsMax)
            Add("partitions", $"Found {asked.Partitions.Length} partitions, expected at most {bounds.PartitionsMax}.");
        if (asked.Partitions.Any(string.IsNullOrWhiteSpace) || asked.Partitions.Distinct().Count() < asked.Partitions.Length)
            Add("partitions", "A partition is without a name, or is there twice.");
        return faults.DrainToImmutable();

        void Add(string path, string message) => faults.Add(new Fault(FaultKind.Invalid, ScheduleCodes.WrongBackfill, message, path));
    }

    /// <summary>Where the times of the runs meet, for so many of them at most.</summary>
    private static ImmutableArray<DateTimeOffset> Edges(Schedule schedule, ScheduleCommand.Backfill asked, int countMax)
    {
        var edges = ImmutableArray.CreateBuilder<DateTimeOffset>();
        var at = schedule.Timetable!.Next(asked.After);
        for (; at <= asked.Through && edges.Count <= countMax; at = schedule.Timetable.Next(at.Value))
        {
            if (edges.Count == 0) edges.Add(schedule.Timetable.FiringAt(at.Value).From);
            edges.Add(at.Value);
        }
        return edges.DrainToImmutable();
    }

    /// <summary>Which of the runs are asked for; null: all.</summary>
    private static ImmutableArray<int>? Chosen(Schedule schedule, ScheduleCommand.Backfill asked, ImmutableArray<DateTimeOffset> edges)
    {
        if (asked.Only == BackfillOnly.All) return null;
        var all = new Backfill(asked.Id, asked.After, asked.Through, asked.Partitions, asked.Concurrency, asked.Only, edges, null);
        var underWay = schedule.Running.Values.Select(run => run.Occasion)
            .Concat(schedule.Backfills.SelectMany(one => one.Running.Values.Select(run => one.OccasionOf(schedule.Id, run.Index))))
            .Select(run => (run.From, run.To, run.Partition)).ToHashSet();
        return [.. Enumerable.Range(0, all.Combinations).Where(number =>
        {
            var occasion = all.Combination(schedule.Id, number);
            var definition = schedule.Filled.DefinitionOf(occasion.From, occasion.To, occasion.Partition);
            return asked.Only == BackfillOnly.Stale
                ? definition is not null && definition != asked.Definition
                : definition is null && !underWay.Contains((occasion.From, occasion.To, occasion.Partition));
        })];
    }

    private static ScheduleDecision CancelBackfill(ScheduleDraft draft, BackfillId id, DateTimeOffset now)
    {
        if (draft.Schedule.FindBackfill(id) is not { } backfill)
            return ScheduleDecision.Refuse(FaultKind.NotFound, ScheduleCodes.NoBackfill, $"Schedule {draft.Schedule.Id} has no backfill {id}.");
        if (backfill.IsCancelled) return ScheduleDecision.Nothing;
        if (backfill.Counts.IsEnded)
            return ScheduleDecision.Refuse(FaultKind.Conflict, ScheduleCodes.BackfillEnded,
                $"Backfill {id} has ended: {backfill.Status.ToString().ToLowerInvariant()}.");
        draft.Add(new ScheduleEvent.BackfillCancelled(now, id));
        return draft.Done();
    }

    private static void StartBackfillRuns(ScheduleDraft draft, BackfillId id, DateTimeOffset now)
    {
        while (draft.Schedule.FindBackfill(id) is { MayStart: true } backfill)
            draft.Add(new ScheduleEvent.BackfillRunStarted(
                now, id, backfill.Started, backfill.OccasionOf(draft.Schedule.Id, backfill.Started).Key.Run(now)));
    }
}
