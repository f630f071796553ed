using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary>What is true of every run after every decision. Counts that the engine keeps are held against counting anew.</summary>
internal static class Promises
{
    /// <summary>The run after the events of one decision.</summary>
    public static Run Kept(Run before, ImmutableArray<RunEvent> events)
    {
        var run = before;
        foreach (var happened in events)
        {
            var next = Run.Apply(run, happened);
            StepKept(run, happened, next);
            run = next;
        }
        if (run.Exists) Whole(run);
        return run;
    }

    /// <summary>True between any two events.</summary>
    private static void StepKept(Run before, RunEvent happened, Run after)
    {
        Hold(after.Version == before.Version + 1, "one event, one version", after);
        Hold(!before.Status.IsTerminal() || !before.Exists, $"nothing happens after the end, not even {Saying.Of(happened)}", before);
        if (!before.Exists) return;
        Hold(!before.Status.IsHeld() || happened is not (RunEvent.StageDispatched or RunEvent.ItemsSent or RunEvent.StageAwaits),
            $"a run that is held starts nothing: {Saying.Of(happened)}", before);
        Hold(before.Status == RunStatus.Running || happened is not RunEvent.ItemsAwait { Children.IsEmpty: false },
            $"no item of a run that is held or stopped begins: {Saying.Of(happened)}", before);
        for (var stage = 0; stage < before.Stages.Count; stage++)
        {
            var (from, to) = (before.Stages[stage], after.Stages[stage]);
            if (ReferenceEquals(from, to)) continue;
            if (from.Status.IsTerminal())
                Hold(to with { NeedsOpen = from.NeedsOpen, NeedsUnmet = from.NeedsUnmet, FailedUpstream = from.FailedUpstream } == from,
                    $"a stage that has ended does not change, as {stage} does", after);
            Hold(to.Attempt.Number - from.Attempt.Number is 0 or 1 || happened is RunEvent.ItemsSent, "attempts are counted one by one", after);
            Hold(to.Attempt == from.Attempt || to.Status is StepStatus.Running or StepStatus.Awaiting, "a new attempt runs or waits", after);
        }
    }

    /// <summary>True between any two commands.</summary>
    private static void Whole(Run run)
    {
        var open = 0;
        var retries = run.Retries.Count;
        foreach (var planned in run.Plan!.Stages)
        {
            var state = run.Stages[planned.Index];
            if (!state.Status.IsTerminal()) open++;
            if (state.Status == StepStatus.Retrying)
            {
                retries--;
                Hold(run.Retries.Contains((state.RetryAt!.Value, planned.Index)), "a retry that waits has its time", run);
            }
            Hold(state.NeedsOpen == planned.Needs.Count(need => !run.Stages[need].Status.IsTerminal()), "open needs are counted", run);
            Hold(state.NeedsUnmet == planned.Needs.Any(need => run.Stages[need] is { HasSucceeded: false } n && n.Status.IsTerminal()),
                "unmet needs are known", run);
            var failed = planned.Needs.Any(need =>
                run.Stages[need] is { Status: StepStatus.Failed } or { FailedUpstream: true, EndedAt: not null });
            Hold(run.Status is not (RunStatus.Running or RunStatus.Paused or RunStatus.Quarantined) || state.FailedUpstream == failed, "failures are passed on", run);
            if (state.Status is StepStatus.Running or StepStatus.Retrying or StepStatus.Awaiting)
                Hold(state.NeedsOpen == 0, "nothing runs before its needs have ended", run);
            if (state.Status == StepStatus.Waiting)
                Hold(run.Status == RunStatus.Running && state.NeedsOpen > 0 || run.Status.IsHeld() || planned.Condition is StepCondition.Compensation,
                    "nothing waits for nothing, unless the run is held", run);
            Hold(run.Status != RunStatus.Quarantined || state.Status != StepStatus.Running || state.Items is { IsGathering: false, Flying.IsEmpty: true },
                "nothing runs in quarantine", run);
            Hold(run.Ready.Contains(planned.Index)
                == (run.Status.IsHeld() && state is { Status: StepStatus.Waiting, NeedsOpen: 0 } && planned.Condition is not StepCondition.Compensation), "what is ready is known", run);
            Hold(state.Status == StepStatus.Awaiting == state.Awaits is not null, "what waits knows what for", run);
            Hold(run.Mapped.Contains(planned.Index) == state is { Items.IsGathering: false, EndedAt: null } || state.Items is { IsGathering: true },
                "stages whose items are under way are known", run);
            if (state.Items is { } items) Items(run, planned.Index, state, items);
            Hold(state.EndedAt is not null == state.Status.IsTerminal(), "what has ended has an end", run);
        }
        Hold(run.StepsOpen == run.Plan.Steps.Count(step => !run.Stages[step.Stage].Status.IsTerminal()), "open steps are counted", run);
        Hold(open == run.StagesOpen, "open stages are counted", run);
        Hold(run.Pause is not null == (run.Status == RunStatus.Paused), "a paused run knows why", run);
        Hold(run.IsUndoing || run.Plan.Compensations.Values.All(stage => run.Stages[stage].Attempt == Attempt.None), "nothing is undone before it is time", run);
        Hold(run.Plan.Compensations.Values.Count(stage => run.Stages[stage].Status is StepStatus.Running or StepStatus.Retrying) <= 1,
            "one after another is undone", run);
        Hold(run.Quarantine is not null == (run.Status == RunStatus.Quarantined), "a quarantined run knows why", run);
        Hold(run.Status != RunStatus.Quarantined || run.NextWake is null, "time wakes no quarantined run", run);
        Hold(run.Rescued.Length <= Run.RescuesMax || run.Status != RunStatus.Running, "no run is rescued for ever", run);
        Hold(run.Limits.Count == run.Stages.All().Count(stage => stage.Awaits?.Until is not null), "limits are those of what waits", run);
        Hold(retries == 0, "no retry waits for a stage that does not", run);
        Hold(run.Status.IsTerminal() == (open == 0), "a run ends when its last stage does", run);
        Hold(run.EndedAt is not null == run.Status.IsTerminal(), "what has ended has an end", run);
    }

    /// <summary>Each item is in one place.</summary>
    private static void Items(Run run, int stage, StageState state, ItemProgress items)
    {
        var places = items.Unsent.Concat(items.Flying.Select(slice => slice.Range)).Concat(items.NotRun.Skip(items.Unsent.Length)).ToArray();
        var waits = items.Children?.UnderWay.Select(child => child.Item).ToArray() ?? [];
        var all = places.SelectMany(range => Enumerable.Range(range.From, range.Count)).Concat(waits).ToArray();
        Hold(all.Length == all.Distinct().Count(), "an item is in one place", run);
        var stopped = items.Children?.Ended.Count(end => end.Stopped) ?? 0;
        if (!state.Status.IsTerminal() || run.Plan!.Steps[run.Plan.Stages[stage].Steps[0]].Awaits is null)
            Hold(all.Length + items.Succeeded + items.Failed + stopped == items.Count, "every item is counted", run);
        Hold(!state.Status.IsTerminal() || items.Children is null, "what has ended keeps no runs", run);
        Hold(items.Unsent.Zip(items.Unsent.Skip(1)).All(two => two.First.End < two.Second.From), "what was not sent is in order", run);
        Hold(items.Flying.All(slice => slice.Attempt <= state.Attempt.Number), "a slice has a number that was given out", run);
        if (state.Status.IsTerminal()) return;
        var rule = run.Plan!.Steps[run.Plan.Stages[stage].Steps[0]].Spec.ForEach!;
        Hold(run.ItemWakes.Where(wake => wake.Stage == stage).Select(wake => (DateTimeOffset?)wake.At)
            .SequenceEqual(items.WakeAt(rule) is { } at ? [at] : Array.Empty<DateTimeOffset?>()), "items that wait have their time", run);
        Hold((items.Deaths ?? []).Zip((items.Deaths ?? []).Skip(1)).All(two => two.First.Times > 0), "deaths are counted", run);
        Hold(items.Flying.Length <= rule.Concurrency, "no more run at once than may", run);
        Hold(items.Children is null || items.Flying.Length <= 1 && waits.Length + items.Flying.Sum(slice => slice.Count) <= rule.Concurrency,
            "no more runs are under way at once than may be", run);
        Hold(items.Children is null || items.Kept + items.Children.Ended.Length == items.Succeeded + items.Failed + stopped,
            "every end is noted or to be noted", run);
        Hold(items.Children is null || items.Children.Ended.Length <= 2 * rule.Concurrency, "what has ended is not kept for long", run);
        if (run.Status == RunStatus.Running && state.Status == StepStatus.Running && !items.IsGathering)
            Hold(!items.NoneUnderWay() || items.WakeAt(rule) is not null, "something runs or has its time", run);
    }

    /// <summary>Of a run that failed or was cancelled: whatever has succeeded, and nothing else, was undone, the newest success first.</summary>
    public static void Undone(Run run, IEnumerable<RunEvent> history)
    {
        foreach (var (undone, undoes) in run.Plan!.Compensations)
            Hold(run.Stages[undoes].ByHand is not null
                || (run.Stages[undone].Status == StepStatus.Succeeded) == (run.Stages[undoes].Status is StepStatus.Succeeded or StepStatus.Failed),
                $"what has succeeded is undone, stage {undone} too", run);
        var (succeeded, before) = (new List<int>(), Run.None);
        foreach (var happened in history)
        {
            var after = Run.Apply(before, happened);
            if (before.Exists)
                succeeded.InsertRange(0, run.Plan.Compensations.Keys.Where(stage =>
                    before.Stages[stage].Status != StepStatus.Succeeded && after.Stages[stage].Status == StepStatus.Succeeded));
            before = after;
        }
        var begun = history.OfType<RunEvent.StageDispatched>().Select(e => e.Stage).Where(run.Plan.Compensations.Values.Contains).Distinct();
        Hold(begun.SequenceEqual(succeeded.Select(stage => run.Plan.Compensations[stage]).Where(stage => run.Stages[stage].Attempt != Attempt.None)),
            "the newest success is undone first", run);
    }

    private static bool IsHeld(this RunStatus status) => status is RunStatus.Paused or RunStatus.Quarantined;

    private static void Hold(bool promise, string words, Run run)
    {
        if (!promise) throw new BrokenPromise($"Broken: {words}.\n{Saying.Of(run)}");
    }
}

internal sealed class BrokenPromise(string message) : Exception(message);
