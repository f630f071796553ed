using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.ItemWords;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

/// <summary>A step that starts a run of another pipeline for each item, and waits for them all.</summary>
public sealed class ItemChildLaws
{
    private static readonly Fault Cancelled = new(FaultKind.Cancelled, "ETL6832", "It was cancelled.");

    private static Given Listed(int items, Plan plan) => Given.Run(plan).Then(ItemWords.Listed(items));
    private static Given Waiting(int items = 5, OnItemFailure policy = OnItemFailure.Fail) =>
        Listed(items, PlanOf.Lines("child", "t: child").ForEach(2, policy)).Then(Filled(2, 0, 2));

    [Fact]
    public void One_attempt_fills_in_as_many_items_as_may_go_on_at_once()
    {
        var listed = Listed(5, PlanOf.Lines("child").ForEach(2));
        Assert.Equal(new ItemSlice(2, 0, 2, 0), Assert.Single(listed.After.Stages[0].Items!.Flying));
        Assert.Equal((0, 2), Assert.IsType<ItemWork.Fill>(listed.After.Work(0, new Attempt(2)).Items) is var fill ? (fill.From, fill.Count) : default);
        Assert.Equal(ItemChildren.FilledMax, Listed(10_000, PlanOf.Lines("child").ForEach(256)).After.Stages[0].Items!.Flying[0].Count);
    }

    [Fact]
    public void Their_runs_are_written_down_before_they_are_started_and_no_two_have_the_same()
    {
        var asked = Listed(5, PlanOf.Lines("child").ForEach(2)).When(Filled(2, 0, 2));
        var children = Assert.IsType<RunEvent.ItemsAwait>(Assert.Single(asked.Events)).Children;
        Assert.Equal([0, 1], children.Select(child => child.Item));
        Assert.Equal(2, children.Select(child => child.Run.Run).Distinct().Count());
        asked.Owing([.. children.Select(child => new Debt.StartChild(0, child.Run.Run))]);
        Assert.Equal(children.Select(child => child.Run), Waiting().After.ChildrenOf(0));
        Assert.Equal(new ItemCounts(5, 0, 0, 2, 3, 0), Waiting().After.Counts());
    }

    [Fact]
    public void The_end_of_one_makes_room_and_goes_into_the_notes_with_the_next_attempt()
    {
        var waiting = Waiting();
        var given = waiting.Then(ItemRan(waiting.After, 0, null, Value("n", 3)));
        var fill = Assert.IsType<ItemWork.Fill>(given.After.Work(0, new Attempt(3)).Items);
        Assert.Equal((2, 1), (fill.From, fill.Count));
        Assert.Equal((0, Value("n", 3)), (fill.Ends[0].Item, fill.Ends[0].Values[0]));
        given = given.Then(ItemRan(given.After, 1));
        Assert.Single(Assert.IsType<ItemWork.Fill>(given.After.Work(0, new Attempt(3)).Items).Ends); // what it was told, it is told again
        var after = given.Then(Filled(3, 2, 1, kept: 1)).After;
        Assert.Equal([1], after.Stages[0].Items!.Children!.Ended.Select(end => end.Item));
        Assert.Equal((1, 4), (after.Stages[0].Items!.Kept, after.Stages[0].Attempt.Number));
    }

    [Fact]
    public void An_attempt_that_is_lost_has_noted_nothing_and_begun_nothing()
    {
        var waiting = Waiting();
        var given = waiting.Then(ItemRan(waiting.After, 0)).Then(Lose(0, 3));
        var items = given.After.Stages[0].Items!;
        Assert.Equal([3], items.Unheard);
        var fill = Assert.IsType<ItemWork.Fill>(given.After.Work(0, new Attempt(4)).Items);
        Assert.Equal((2, 1, 0), (fill.From, fill.Ends.Length, fill.Ends[0].Item));
        given.When(Filled(3, 2, 1)).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void The_last_ends_are_gathered_with_all_that_was_noted()
    {
        var run = Waiting(2);
        run = run.Then(ItemRan(run.After, 1)).Then(ItemRan(run.After, 0));
        var gather = Assert.IsType<ItemWork.Gather>(run.After.Work(0, new Attempt(3)).Items);
        Assert.Equal([1, 0], gather.Ends!.Value.Select(end => end.Item));
        run = run.Then(Succeed(0, 3, Result("child")));
        Assert.Equal([StepStatus.Succeeded, StepStatus.Running], run.After.Statuses());
        Assert.Null(run.After.Stages[0].Items!.Children);
    }

    [Fact]
    public void A_failure_stops_the_others_and_those_are_no_failures()
    {
        var waiting = Waiting();
        var asked = waiting.When(ItemRan(waiting.After, 0, Invalid));
        asked.Owing(new Debt.StopChild(0, waiting.After.ChildOfItem(1)));
        var halted = waiting.Then(ItemRan(waiting.After, 0, Invalid)).Then(ItemRan(waiting.After, 1, Cancelled));
        Assert.Equal((1, 4), (halted.After.Counts().Failed, halted.After.Counts().Waiting));
        var gather = Assert.IsType<ItemWork.Gather>(halted.After.Work(0, new Attempt(3)).Items);
        Assert.Equal([false, true], gather.Ends!.Value.Select(end => end.Stopped));
        var fault = halted.Then(Succeed(0, 3, Result("child"))).After.Stages[0].Fault!;
        Assert.Equal("ETL6201", fault.Code);
        Assert.StartsWith("1 of 5 items failed, 4 were not run", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_somebody_cancelled_has_failed_and_others_continue_where_they_are_to()
    {
        var waiting = Waiting(policy: OnItemFailure.Continue);
        var given = waiting.Then(ItemRan(waiting.After, 0, Cancelled));
        Assert.Equal(1, given.After.Counts().Failed);
        Assert.Single(given.After.Stages[0].Items!.Flying);
        Assert.All(Run.Owed(given.After), debt => Assert.False(debt is Debt.StopChild));
    }

    [Fact]
    public void An_item_that_cannot_be_filled_in_fails_and_starts_nothing()
    {
        var given = Listed(3, PlanOf.Lines("child").ForEach(2, OnItemFailure.Continue)).Then(Filled(
            2, 0, new FilledItem(0, SpecValue.Map.Empty, Invalid), new FilledItem(1, new SpecValue.Map([new("pipeline", new SpecValue.Text("no name"))]), null)));
        Assert.Equal(2, given.After.Counts().Failed);
        Assert.Equal(["ETL9003", "ETL4272"], given.After.Stages[0].Items!.Faults.Select(failure => failure.Fault.Code));
        Assert.Empty(given.After.ChildrenOf(0));
    }

    [Fact]
    public void A_run_that_is_stopped_stops_them_all_and_begins_no_other()
    {
        var waiting = Waiting();
        var run = waiting.Then(ItemRan(waiting.After, 0)).Then(Cancel());
        Assert.Equal([Saying.Of(new Debt.StopChild(0, waiting.After.ChildOfItem(1))), Saying.Of(Stop(0, 3))], Run.Owed(run.After).Select(Saying.Of));
        run = run.Then(Filled(3, 2, 1, kept: 1));
        Assert.Single(run.After.ChildrenOf(0));
        Assert.Equal(RunStatus.Cancelling, run.After.Status);
        run = run.Then(ItemRan(run.After, 1, Cancelled));
        Assert.Equal((RunStatus.Cancelled, StepStatus.Cancelled), (run.After.Status, run.After.Stages[0].Status));
    }

    [Fact]
    public void Those_that_are_abandoned_are_left_alone_by_a_stop_and_waited_for_after_a_failure()
    {
        var plan = PlanOf.Lines("childLeft").ForEach(2);
        var left = new SpecValue.Map([.. PlanOf.Other.Fields, new(AwaitFields.OnParentEnd, new SpecValue.Text(AwaitFields.Abandon))]);
        var waiting = Listed(5, plan).Then(Filled(2, 0, new FilledItem(0, left, null), new FilledItem(1, left, null)));
        Assert.Equal(RunStatus.Cancelled, waiting.Then(Cancel()).After.Status);
        var halted = waiting.Then(ItemRan(waiting.After, 0, Invalid));
        Assert.Equal(StepStatus.Running, halted.After.Stages[0].Status);
        Assert.Equal([Saying.Of(new Debt.StartChild(0, waiting.After.ChildOfItem(1)))], Run.Owed(halted.After).Select(Saying.Of));
        Assert.True(halted.Then(ItemRan(halted.After, 1)).After.Stages[0].Items!.IsGathering);
    }

    [Fact]
    public void While_the_run_is_paused_ends_are_heard_and_nothing_begins()
    {
        var waiting = Waiting();
        var run = waiting.Then(ItemRan(waiting.After, 0)).Then(Pause()).Then(Filled(3, 2, 1, kept: 1)).Then(ItemRan(waiting.After, 1));
        Assert.Empty(run.After.ChildrenOf(0));
        Assert.Empty(run.After.Stages[0].Items!.Flying);
        Assert.Equal(2, run.Then(Resume()).After.Stages[0].Items!.Flying[0].Count);
    }

    [Fact]
    public void A_list_that_cannot_be_read_fails_the_step_when_its_runs_have_ended()
    {
        var waiting = Waiting();
        var run = waiting.Then(ItemRan(waiting.After, 0)).Then(Fail(0, Invalid, 3));
        Assert.Contains(Saying.Of(new Debt.StopChild(0, waiting.After.ChildOfItem(1))), Run.Owed(run.After).Select(Saying.Of));
        Assert.Equal(Saying.Of(run.After), Saying.Of(Run.Of(run.After.State())));
        run = run.Then(ItemRan(run.After, 1, Cancelled));
        Assert.Equal((RunStatus.Failed, Invalid.Code), (run.After.Status, run.After.Stages[0].Fault!.Code));
    }

    [Fact]
    public void What_they_wait_for_is_seen_and_keeps_the_step_from_being_skipped()
    {
        var run = Waiting().After;
        var step = run.View().Steps[0];
        Assert.Equal((StepStatus.Awaiting, WaitFor.Run), (step.Status, step.Wait!.For));
        Assert.Equal($"waits for 2 runs of pipeline other: {run.ChildOfItem(0)}, {run.ChildOfItem(1)}", step.Wait.Text);
        Waiting().When(Skip("child")).ThenRefused(FaultKind.Conflict, "ETL6833");
        Assert.Equal(Saying.Of(run), Saying.Of(Run.Of(run.State())));
    }

    /// <summary>However many items there are, the run knows those that go on and those whose ends are not noted.</summary>
    [Fact]
    public void A_run_of_ten_thousand_items_stays_as_small_as_one_of_ten()
    {
        var run = Listed(10_000, PlanOf.Lines("child").ForEach(16)).After;
        var largest = 0;
        while (run.Stages[0].Items is { IsGathering: false } items)
        {
            RunCommand command = items.Flying is [var slice]
                ? Filled(slice.Attempt, slice.From, slice.Count, items.Children!.BeingNoted) : ItemRan(run, items.Children!.UnderWay[0].Item);
            run = ((Decision.Accepted)Run.Decide(run, command, Given.Noon)).Events.Aggregate(run, Run.Apply);
            if (run.Stages[0].Items!.Children is { } now) largest = Math.Max(largest, now.UnderWay.Length + now.Ended.Length);
        }
        Assert.Equal(10_000, run.Counts().Succeeded);
        Assert.InRange(largest, 16, 3 * 16);
    }
}
