using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Retry;

namespace OrleansEtl.Engine.Runs;

/// <summary>Stages that run for each item of a list. One attempt writes the list down; then many attempts at once run slices of it, each
/// with a number of its own, which is its fence; the last one gathers what they gave, also when the stage has failed.</summary>
public sealed partial record Run
{
    /// <summary>Slices that may be lost for each one that runs at once, before the stage is given up: an item may be what kills them.</summary>
    private const int SliceLossesMax = LossesMax;

    /// <summary>For whom the stage runs again and again; null: it runs once.</summary>
    internal ForEachSpec? Rule(int stage) => Plan!.Steps[Planned(stage).Steps[0]].Spec.ForEach;

    public bool IsForEach(int stage) => Rule(stage) is not null;

    /// <summary>The slice that the attempt runs; null: it runs none, or is not current.</summary>
    private ItemSlice? Slice(int stage, Attempt attempt) =>
        Stages[stage] is { Status: StepStatus.Running, Items: { IsGathering: false } items } ? items.Find(attempt) : null;

    /// <summary>Whether that attempt, and nobody else of its number, works for this run.</summary>
    private bool IsCurrent(int stage, Attempt attempt) => Stages[stage] is { Status: StepStatus.Running } state
        && (state.Items is { IsGathering: false } items ? items.Find(attempt) is not null : state.Attempt == attempt);

    /// <summary>Whether the outcome is one of what the attempt was asked for.</summary>
    private bool Answers(RunCommand.Report report) => report.Outcome switch
    {
        StageOutcome.Failed or StageOutcome.Stopped => true,
        StageOutcome.Items => Slice(report.Stage, report.Attempt) is not null && !HasItemChildren(report.Stage),
        StageOutcome.Filled => Slice(report.Stage, report.Attempt) is not null && HasItemChildren(report.Stage),
        StageOutcome.Listed => Rule(report.Stage) is not null && Stages[report.Stage].Items is null,
        _ => Rule(report.Stage) is null || Stages[report.Stage].Items is { IsGathering: true },
    };

    /// <summary>What becomes of a stage whose attempt answers another question, as a silo does that does not know of items.</summary>
    private StageOutcome.Failed Beside(RunCommand.Report report) => new(FirstStep(report.Stage), new Fault(
        FaultKind.Bug, "ETL6203", $"Attempt {report.Attempt} answered with {report.Outcome.GetType().Name}, which it was not asked for.", null,
        "Let all silos be of the same version."), []);

    private static Decision DecideItems(Run run, RunCommand.Report report, ItemSlice slice, DateTimeOffset now)
    {
        var draft = new Draft(run);
        switch (report.Outcome)
        {
            // It was begun twice, and the other one has handed back what this one ran: what it wrote down would count twice.
            case StageOutcome.Items items when items.Done > slice.Count: LoseItems(draft, report.Stage, report.Attempt, null, now); break;
            case StageOutcome.Items items: EndItems(draft, report, slice, items, now); break;
            case StageOutcome.Filled filled when filled.Next.Length > slice.Count: LoseItems(draft, report.Stage, report.Attempt, null, now); break;
            case StageOutcome.Filled filled: AwaitRuns(draft, report, filled, now); break;
            case StageOutcome.Failed { Fault.IsTransient: false } failed when run.HasItemChildren(report.Stage):
                LoseItems(draft, report.Stage, report.Attempt, null, now, why: failed.Fault);
                break;
            case StageOutcome.Failed { Fault.IsTransient: false } failed:
                draft.Add(new RunEvent.StageFailed(now, report.Stage, report.Attempt, failed.Step, failed.Fault, []));
                AdvanceFed(draft, report.Stage, now);
                break;
            case StageOutcome.Failed: // not its items have failed but what they need: the list cannot be read, the disk is full
                LoseItems(draft, report.Stage, report.Attempt, now + Wait(run, report.Stage, report.Attempt, slice.Tries), now);
                break;
            case StageOutcome.Stopped: LoseItems(draft, report.Stage, report.Attempt, null, now); break;
            default: throw new UnreachableException(report.Outcome.GetType().Name);
        }
        GoOnWithItems(draft, report.Stage, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static void EndItems(Draft draft, RunCommand.Report report, ItemSlice slice, StageOutcome.Items items, DateTimeOffset now)
    {
        var (run, (stage, attempt)) = (draft.Run, (report.Stage, report.Attempt));
        var (progress, retry) = (run.Stages[stage].Items!, run.Planned(stage).Retry);
        var again = slice.Tries < retry.Max
            ? items.Failures.Where(failure => failure.Fault.IsTransient).Select(failure => failure.Item).ToArray() : [];
        var failed = items.Failures.Where(failure => !again.Contains(failure.Item)).ToImmutableArray();
        var at = now + Wait(run, stage, attempt, slice.Tries);
        draft.Add(new RunEvent.ItemsEnded(
            now, stage, attempt, items.Done, failed.Length, [.. Ranges(again).Select(range => new ItemRetry(at, range.From, range.Count, slice.Tries + 1))],
            [.. failed.Take(ItemProgress.FaultsMax - progress.Faults.Length)], items.Kept, items.Start,
            progress.SizeAfter(items.Done, items.Took),
            items.Failures.Any(failure => failure.Fault.Kind == FaultKind.Exhausted) ? true : null));
    }

    /// <summary>Neighbours are tried again together.</summary>
    private static IEnumerable<ItemRange> Ranges(int[] items)
    {
        for (var i = 0; i < items.Length;)
        {
            var from = i++;
            while (i < items.Length && items[i] == items[i - 1] + 1) i++;
            yield return new ItemRange(items[from], i - from);
        }
    }

    private static TimeSpan Wait(Run run, int stage, Attempt attempt, int tries) =>
        Backoff.Delay(run.Planned(stage).Retry, tries + 1, Backoff.Chance(run.Id, stage, attempt));

    private static void LoseItems(
        Draft draft, int stage, Attempt attempt, DateTimeOffset? until, DateTimeOffset now, bool died = false, Fault? why = null)
    {
        died = died && draft.Run.MayHaveKilled(stage, attempt);
        if (died && Deadly(draft.Run, stage, attempt) is { } deadly)
        {
            LeaveAlone(draft, deadly, (stage, attempt), now);
            return;
        }
        var (lost, rule) = (draft.Run.Stages[stage].Lost + 1, draft.Run.Rule(stage)!);
        if (lost >= SliceLossesMax * rule.Concurrency)
            why = new Fault(FaultKind.Exhausted, "ETL4208", $"The processes that ran items of this step died {lost} times.");
        var isLater = draft.Run.HasItemChildren(stage);
        draft.Add(new RunEvent.ItemsLost(now, stage, attempt, until, died ? true : null, isLater ? why : null));
        if (why is null || isLater) return;
        draft.Add(new RunEvent.StageFailed(now, stage, attempt, draft.Run.FirstStep(stage), why, []));
        AdvanceFed(draft, stage, now);
    }

    /// <summary>Sends off what may run now; when nothing is left to wait for, lets what the items gave be gathered.</summary>
    private static void GoOnWithItems(Draft draft, int stage, DateTimeOffset now)
    {
        var run = draft.Run;
        if (run.Stages[stage] is not { Status: StepStatus.Running, Items: { IsGathering: false } items } state) return;
        if (run.Status == RunStatus.Cancelling)
        {
            if (!items.Flying.IsEmpty || run.ChildrenOf(stage).Any(child => !child.Abandoned)) return;
            draft.Add(new RunEvent.StageCancelled(now, stage));
            AdvanceFed(draft, stage, now);
            return;
        }
        if (run.Status != RunStatus.Running) return;
        var rule = run.Rule(stage)!;
        if (items.Children?.Doom is { } doom)
        {
            if (!items.NoneUnderWay()) return;
            draft.Add(new RunEvent.StageFailed(now, stage, state.Attempt, run.FirstStep(stage), doom, []));
            AdvanceFed(draft, stage, now);
        }
        else if (items.IsHalted(rule) ? items.NoneUnderWay() : items.AllEnded)
            draft.Add(new RunEvent.StageDispatched(now, stage, state.Attempt.Next()));
        else if (!items.IsHalted(rule) && items.Due(rule, now) is { IsEmpty: false } slices)
            draft.Add(new RunEvent.ItemsSent(now, stage, state.Attempt.Next(), slices));
    }

    private static Decision DecideHandBack(Run run, RunCommand.HandBack back, DateTimeOffset now)
    {
        if (Stale(run, back.Stage, back.Attempt) is { } stale) return stale;
        if (run.Slice(back.Stage, back.Attempt) is not { } slice || back.Keeps < 1 || back.Keeps >= slice.Count) return Decision.Nothing;
        var draft = new Draft(run);
        draft.Add(new RunEvent.ItemsHandedBack(now, back.Stage, back.Attempt, back.Keeps));
        GoOnWithItems(draft, back.Stage, now);
        return draft.Done();
    }

    /// <summary>What a heartbeat of a slice asks for that the run does not know yet; null: nothing.</summary>
    public static RunCommand? HandsBack(Run run, Heartbeat heartbeat)
    {
        if (!run.Exists || heartbeat.Progress is not [{ Keeps: { } keeps }, ..]) return null;
        return run.Slice(heartbeat.Stage, heartbeat.Attempt)?.Count > keeps
            ? new RunCommand.HandBack(heartbeat.Stage, heartbeat.Attempt, keeps) : null;
    }

    /// <summary>The end of the stage: what was gathered is published either way.</summary>
    private static RunEvent EndOfItems(Run run, RunCommand.Report report, ImmutableArray<StepResult> results, DateTimeOffset now)
    {
        var (items, rule) = (run.Stages[report.Stage].Items!, run.Rule(report.Stage)!);
        if (items.IsBorneBy(rule)) return new RunEvent.StageSucceeded(now, report.Stage, report.Attempt, results);
        var counts = items.Counts;
        var step = run.FirstStep(report.Stage);
        var first = items.Faults.FirstOrDefault();
        return new RunEvent.StageFailed(now, report.Stage, report.Attempt, step, new Fault(
            first?.Fault.Kind ?? FaultKind.Invalid, "ETL6201",
            $"{counts.Failed} of {counts.Total} items failed" + (counts.Waiting > 0 ? $", {counts.Waiting} were not run" : "")
            + (first is null ? ", all in an earlier run." : $". The first, item {first.Item}: {first.Fault.Code} {first.Fault.Message}"),
            null, $"See them with: etl runs items {run.Id} {step} --status failed. "
            + $"Run them again with: etl rerun {run.Id}"), results);
    }

    private Run WithItems(int stage, Func<ItemProgress, ItemProgress> change, int attempts = 0, int lost = 0, bool ranOut = false)
    {
        var before = Stages[stage];
        var (after, rule) = (change(before.Items!), Rule(stage)!);
        var next = With(stage, before with
        {
            Items = after, Attempt = new Attempt(before.Attempt.Number + attempts), Lost = before.Lost + lost,
            RanOut = before.RanOut || ranOut,
        });
        var (from, to) = (before.Items!.WakeAt(rule), after.WakeAt(rule));
        if (from == to) return next;
        var wakes = from is { } old ? ItemWakes.Remove((old, stage)) : ItemWakes;
        return next with { ItemWakes = to is { } at ? wakes.Add((at, stage)) : wakes };
    }

    /// <summary>Once its items are no longer under way.</summary>
    private Run WithoutItems(int stage, ItemProgress before) => this with
    {
        Mapped = Mapped.Remove(stage),
        ItemWakes = before.WakeAt(Rule(stage)!) is { } at ? ItemWakes.Remove((at, stage)) : ItemWakes,
    };

    private static Run ApplyItems(Run run, RunEvent happened) => happened switch
    {
        RunEvent.ItemsListed e => run.With(e.Stage, run.Stages[e.Stage] with { Items = ItemProgress.Of(e.List, e.Reused, e.Left, run.NewChildren(e.Stage)) })
            with { Mapped = run.Mapped.Add(e.Stage) },
        RunEvent.ItemsSent e => run.WithItems(e.Stage, items => items.Sent(e.Attempt, e.Slices), attempts: e.Slices.Length / 3),
        RunEvent.ItemsEnded e => run.WithItems(e.Stage, items => items.Ended(e), ranOut: e.RanOut is true),
        RunEvent.ItemsHandedBack e => run.WithItems(e.Stage, items => items.HandedBack(e)),
        RunEvent.ItemsLost e => run.WithItems(e.Stage, items => items.Lost(e), lost: 1),
        RunEvent.ItemsAwait e => run.WithItems(e.Stage, items => items.Awaiting(e)),
        RunEvent.ItemRejoined e => run.WithItems(e.Stage, items => items.Rejoined(e.End)),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    /// <summary>What an attempt is told of a stage that runs for each item.</summary>
    private StageWork ItemsWork(int stage, Attempt attempt, ForEachSpec rule)
    {
        var (planned, state, step) = (Planned(stage), Stages[stage], Plan!.Steps[Planned(stage).Steps[0]]);
        var slice = state.Items is { IsGathering: false } items ? items.Find(attempt) : null;
        ItemWork work = (state.Items, slice) switch
        {
            (null, _) => new ItemWork.List(
                rule.From, ListOf(step) is { Succeeded: true } list ? list.Value : throw new FaultException(ListOf(step).Fault!),
                Bound(step, step.ItemInputs), AgainOf(step)),
            ({ Children: not null } some, { } of) => Fill(some, of, rule, Templates.Names(step.Spec.With, Scope()), step.SqlPaths),
            (_, { } of) => new ItemWork.Slice(
                state.Items.List, of.From, of.Count, of.Tries < planned.Retry.Max, Templates.Names(step.Spec.With, Scope()), step.SqlPaths,
                PartitionFields.InputOf(step), PartitionFields.MomentsOf(rule)),
            ({ } all, null) => new ItemWork.Gather(
                all.List, all.Kept, all.NotRun, all.Unheard, all.Elsewhere, AgainOf(step), all.Children?.Ended),
        };
        return new StageWork(
            Id, Plan.Spec.Name, stage, attempt, [new StepWork(step.Spec.Id, step.Spec.Kind, step.Spec.With, Inputs(step), step.Published)],
            Folder, planned.Timeout, slice?.Tries > 0 && state.RanOut || IsSuspect(stage, attempt), Priority, Items: work,
            Limits: Taken(planned), RunLimits: Plan.Spec.Limits, IsSuspect: IsSuspect(stage, attempt));
    }

    private ItemsAgain? AgainOf(PlannedStep step) => ItemsAgain.FirstOrDefault(again => again.Step == step.Spec.Id);

    /// <summary>What the step runs for, filled in. The fields of its items are filled in where they run.</summary>
    internal Outcome<SpecValue> ListOf(PlannedStep step)
    {
        var rule = step.Spec.ForEach!;
        var filled = Templates.Fill(rule.Of, "", rule.From == ItemSource.Query ? [""] : [], Scope());
        var path = SpecPath.Field(SpecPath.Field(SpecPath.Step(step.Index), "for_each"), rule.From.ToString().ToLowerInvariant());
        return filled.Succeeded ? filled : filled.Fault with { Path = path };
    }
}
