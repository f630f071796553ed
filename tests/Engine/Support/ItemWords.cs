using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary>Words for stages that run for each item of a list.</summary>
internal static class ItemWords
{
    /// <summary>The plan, whose first step runs for each item.</summary>
    public static Plan ForEach(this Plan plan, int concurrency = 2, OnItemFailure policy = OnItemFailure.Fail, int? count = null, double? percent = null) =>
        plan.ForEach(new ForEachSpec(ItemSource.Range, new SpecValue.Integer(1), concurrency, policy, count, percent));

    /// <summary>The plan, each item of whose first step waits for a run.</summary>
    public static Plan ForEachRun(this Plan plan, int concurrency)
    {
        var (mapped, first) = (plan.ForEach(concurrency), plan.Steps[0]);
        return new Plan(mapped.Spec, mapped.Steps.SetItem(0, new PlannedStep(
            0, mapped.Spec.Steps[0] with { With = PlanOf.Other }, first.DependsOn, first.Dependants, first.Inputs, first.Stage, first.Published, first.Condition, [])
            { Awaits = AwaitKind.Run }), mapped.Stages);
    }

    public static Plan ForEach(this Plan plan, ForEachSpec rule, int step = 0)
    {
        var first = plan.Steps[step];
        var steps = plan.Steps.SetItem(step, new PlannedStep(
            step, first.Spec with { ForEach = rule }, first.DependsOn, first.Dependants, first.Inputs, first.Stage, first.Published, first.Condition, [])
            { Awaits = first.Awaits });
        return new Plan(plan.Spec with { Steps = [.. steps.Select(step => step.Spec)] }, steps, plan.Stages);
    }

    public static DatasetVersion List(int items) => Words.Dataset("test/s.list") with { Rows = items };

    public static RunCommand Listed(int items, int attempt = 1) =>
        new RunCommand.Report(0, new Attempt(attempt), new StageOutcome.Listed(List(items), 0));

    /// <summary>So many items of the slice are done; each took a minute, so that slices stay as small as they are.</summary>
    public static RunCommand Did(int attempt, int done, params (int Item, Fault Fault)[] failures) => new RunCommand.Report(
        0, new Attempt(attempt), new StageOutcome.Items(
            done, [.. failures.Select(f => new ItemFailure(f.Item, f.Fault))], failures.Length, 0, TimeSpan.FromMinutes(done)));

    /// <summary>So many items are done in no time.</summary>
    public static RunCommand DidQuickly(int attempt, int done) => new RunCommand.Report(
        0, new Attempt(attempt), new StageOutcome.Items(done, [], 0, 0, TimeSpan.Zero));

    public static RunCommand HandBack(int attempt, int keeps) => new RunCommand.HandBack(0, new Attempt(attempt), keeps);

    public static RunEvent WasListed(int items) => new RunEvent.ItemsListed(Given.Noon, 0, new Attempt(1), List(items), 0, 0);
    public static RunEvent Sent(int attempt, params int[] slices) => new RunEvent.ItemsSent(Given.Noon, 0, new Attempt(attempt), [.. slices]);
    public static RunEvent SentAt(double at, int attempt, params int[] slices) =>
        new RunEvent.ItemsSent(Words.At(at), 0, new Attempt(attempt), [.. slices]);

    public static RunEvent ItemsDone(int attempt, int done, int next = 1, int failed = 0, ItemRetry[]? retries = null, params ItemFailure[] faults) =>
        new RunEvent.ItemsEnded(Given.Noon, 0, new Attempt(attempt), done, failed, [.. retries ?? []], [.. faults], failed, 0, next);

    /// <summary>So many items are filled in, from this one on, and what had ended before is noted.</summary>
    public static RunCommand Filled(int attempt, int from, int count, int kept = 0) => Filled(
        attempt, kept, [.. Enumerable.Range(from, count).Select(item => new FilledItem(item, PlanOf.Other, null))]);

    public static StageOutcome Filled(ItemWork.Fill fill, int count) => new StageOutcome.Filled(
        [.. Enumerable.Range(fill.From, count).Select(item => new FilledItem(item, PlanOf.Other, null))], fill.Ends.Length, 0);

    public static RunCommand Filled(int attempt, int kept, params FilledItem[] items) =>
        new RunCommand.Report(0, new Attempt(attempt), new StageOutcome.Filled([.. items], kept, 0));

    public static RunId ChildOfItem(this Run run, int item) => run.Stages[0].Items!.Children!.UnderWay.Single(child => child.Item == item).Run.Run;

    public static RunCommand ItemRan(Run run, int item, Fault? fault = null, params Field[] values) =>
        new RunCommand.ChildEnded(run.Plan!.Steps[0].Spec.Id, run.ChildOfItem(item), fault, [.. values]);

    public static ItemCounts Counts(this Run run) => run.Stages[0].Items!.Counts;
}
