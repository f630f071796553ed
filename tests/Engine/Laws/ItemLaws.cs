using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.ItemWords;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class ItemLaws
{
    private static readonly Plan Two = PlanOf.Lines(Patient(1), "s", "t: s").ForEach(concurrency: 2);

    private static Given Running(int items, Plan? plan = null) => Given.Run(plan ?? Two).Then(Listed(items));

    [Fact]
    public void The_list_is_made_first_and_as_many_slices_as_may_run_at_once_are_sent() =>
        Given.Run(Two).When(Listed(5)).Then(WasListed(5), Sent(2, 0, 1, 0, 1, 1, 0)).Owing(Dispatch(0, 2), Dispatch(0, 3));

    [Fact]
    public void A_list_may_be_a_value_of_an_earlier_step_and_fields_may_speak_of_item_and_run()
    {
        var plan = PlanOf.With(PlanOf.Lines("signal", "s: signal"), "s", "path", "{{ params.day }}/{{ item.path }}")
            .ForEach(new ForEachSpec(ItemSource.Items, new SpecValue.Text("{{ steps.signal.values.files }}")), step: 1);
        var files = new SpecValue.List([new SpecValue.Text("a"), new SpecValue.Text("b")]);
        var listing = Given.Run(plan).Then(Signal(data: new Field("files", files)));
        Assert.Equal(files, Assert.IsType<ItemWork.List>(listing.After.Work(1, new Attempt(1)).Items).Of);
        var running = listing.Then(new RunCommand.Report(1, new Attempt(1), new StageOutcome.Listed(List(2), 0)));
        var work = running.After.Work(1, new Attempt(3));
        var slice = Assert.IsType<ItemWork.Slice>(work.Items);
        Assert.Equal((1, 1), (slice.From, slice.Count));
        Assert.Equal(["params.day"], slice.Names.Select(name => name.Name));
        Assert.Equal("{{ params.day }}/{{ item.path }}", work.Steps[0].With["path"]!.ToPlainText());
    }

    [Fact]
    public void A_slice_that_ends_makes_room_for_the_next_one() =>
        Running(5).When(Did(2, 1)).Then(ItemsDone(2, 1), Sent(4, 2, 1, 0)).Owing(Dispatch(0, 4));

    [Fact]
    public void When_all_items_have_ended_what_they_gave_is_gathered_and_that_ends_the_stage()
    {
        var gathering = Running(2).Then(Did(2, 1));
        gathering.When(Did(3, 1)).Then(ItemsDone(3, 1), Dispatched(0, 4)).Owing(Dispatch(0, 4));
        gathering.Then(Did(3, 1)).When(Succeed(0, 4, Result("s"))).Then(Succeeded(0, 4, 0, Result("s")), Dispatched(1));
    }

    [Fact]
    public void No_items_are_gathered_at_once() => Given.Run(Two).When(Listed(0)).Then(WasListed(0), Dispatched(0, 2));

    [Fact]
    public void A_report_of_a_slice_that_is_not_under_way_changes_nothing()
    {
        var running = Running(5).Then(Did(2, 1));
        foreach (var late in new[] { Did(2, 1), Did(1, 1), Did(9, 1), Lose(0, 2), HandBack(2, 1) })
            running.When(late).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void Slices_of_quick_items_grow_and_one_of_slow_items_makes_the_next_ones_small()
    {
        var plan = PlanOf.Lines("s").ForEach(concurrency: 1);
        var growing = Given.Run(plan).Then(Listed(100_000), DidQuickly(2, 1));
        Assert.Equal(8, growing.After.Stages[0].Items!.Flying[0].Count);
        growing = growing.Then(DidQuickly(3, 8), DidQuickly(4, 64), DidQuickly(5, 512));
        Assert.Equal(ItemProgress.SizeMax, growing.After.Stages[0].Items!.Flying[0].Count);
        Assert.Equal(1, growing.Then(Did(6, 10)).After.Stages[0].Items!.Flying[0].Count);
    }

    [Fact]
    public void Towards_the_end_the_slices_are_small_enough_for_all_to_have_one()
    {
        var plan = PlanOf.Lines("s").ForEach(concurrency: 4);
        var given = Given.Run(plan).Then(Listed(44), DidQuickly(2, 1));
        Assert.Equal([1, 1, 1, 8], given.After.Stages[0].Items!.Flying.Select(slice => slice.Count));
        Assert.All(given.Then(DidQuickly(3, 1), DidQuickly(4, 1)).After.Stages[0].Items!.Flying, slice => Assert.InRange(slice.Count, 1, 8));
    }

    [Fact]
    public void What_a_slice_has_not_begun_waits_again_and_rejoins_what_it_was_cut_from()
    {
        var plan = PlanOf.Lines("s").ForEach(concurrency: 1);
        var given = Given.Run(plan).Then(Listed(100), DidQuickly(2, 1));
        var items = given.Then(DidQuickly(3, 3)).After.Stages[0].Items!;
        Assert.Equal(4, items.Succeeded);
        Assert.Equal(4, items.Flying[0].From);
        Assert.Equal([new ItemRange(4 + items.Flying[0].Count, 100 - 4 - items.Flying[0].Count)], items.Unsent);
    }

    [Fact]
    public void A_slice_with_a_slow_item_keeps_it_and_hands_the_rest_back()
    {
        var plan = PlanOf.Lines("s").ForEach(concurrency: 2);
        var given = Given.Run(plan).Then(Listed(100), DidQuickly(2, 1), DidQuickly(3, 1));
        var slow = given.After.Stages[0].Items!.Flying[0];
        var after = given.Then(HandBack(slow.Attempt, 2)).After;
        Assert.Equal(2, after.Stages[0].Items!.Find(new Attempt(slow.Attempt))!.Value.Count);
        Assert.Contains(after.Stages[0].Items!.Unsent, range => range.From == slow.From + 2);
        given.Then(HandBack(slow.Attempt, 2)).When(HandBack(slow.Attempt, 2)).ThenNothing();
    }

    [Fact]
    public void An_item_that_fails_transiently_waits_is_tried_again_and_then_fails_for_good()
    {
        var waiting = Running(1);
        waiting.When(Did(2, 1, (0, Unavailable))).Then(ItemsDone(2, 1, retries: [new ItemRetry(At(1), 0, 1, 1)]) is RunEvent.ItemsEnded e
            ? e with { Kept = 1 } : throw new InvalidOperationException()).Owing(Wake(1));
        var given = waiting.Then(Did(2, 1, (0, Unavailable)));
        given.When(Elapse(), afterSeconds: 0.9).ThenNothing();
        given.When(Elapse(), afterSeconds: 1).Then(SentAt(1, 3, 0, 1, 1)).Owing(Dispatch(0, 3));
    }

    [Fact]
    public void The_first_failure_stops_the_rest_and_the_stage_fails_once_what_there_is_was_gathered()
    {
        var failed = Running(9).When(Did(2, 1, (0, Invalid)));
        Assert.Equal([Words.Stop(0, 3)], Run.Owed(failed.After, failed.Events));
        var stopped = Running(9).Then(Did(2, 1, (0, Invalid)), Stopped(0, 3));
        Assert.Equal(new ItemCounts(9, 0, 1, 0, 8, 0), stopped.After.Counts());
        var ended = stopped.When(Succeed(0, 4, Result("s", 0, "items")));
        var fault = Assert.IsType<RunEvent.StageFailed>(ended.Events[0]).Fault;
        Assert.Equal("ETL6201", fault.Code);
        Assert.Contains("1 of 9 items failed, 8 were not run", fault.Message, StringComparison.Ordinal);
        Assert.Equal([StepStatus.Failed, StepStatus.Skipped], ended.After.Statuses());
    }

    [Theory]
    [InlineData(OnItemFailure.Continue, null, null, StepStatus.Failed), InlineData(OnItemFailure.Tolerate, 1, null, StepStatus.Succeeded)]
    [InlineData(OnItemFailure.Tolerate, 0, null, StepStatus.Failed), InlineData(OnItemFailure.Tolerate, null, 50.0, StepStatus.Succeeded)]
    [InlineData(OnItemFailure.Tolerate, null, 49.0, StepStatus.Failed)]
    public void How_many_failures_a_step_bears_is_its_own_to_say(OnItemFailure policy, int? count, double? percent, StepStatus end)
    {
        var given = Running(2, PlanOf.Lines("s").ForEach(2, policy, count, percent)).Then(Did(3, 1), Did(2, 1, (0, Invalid)));
        Assert.Equal(end, given.Then(Succeed(0, 4)).After.Stages[0].Status);
    }

    [Fact]
    public void A_lost_slice_runs_again_under_another_number_and_what_it_wrote_does_not_count()
    {
        Running(5).When(Lose(0, 2)).Then(new RunEvent.ItemsLost(Given.Noon, 0, new Attempt(2), null), Sent(4, 0, 1, 0)).Owing(Dispatch(0, 4));
        Assert.Equal([2], Running(5).Then(Lose(0, 2)).After.Stages[0].Items!.Unheard);
    }

    [Fact]
    public void A_slice_that_could_not_begin_for_want_of_something_transient_waits_as_a_retry_does()
    {
        var given = Running(1);
        given.When(Fail(0, Unavailable, 2)).Then(new RunEvent.ItemsLost(Given.Noon, 0, new Attempt(2), At(1))).Owing(Wake(1));
        given.When(Fail(0, Invalid, 2)).Then(Failed(0, Invalid, 2), Skipped(1, "s failed"), Ended(RunStatus.Failed, "ETL9003"));
    }

    [Fact]
    public void A_slice_whose_processes_die_again_and_again_is_given_up()
    {
        var given = Given.Run(PlanOf.Lines("s").ForEach(concurrency: 1)).Then(Listed(1));
        for (var attempt = 2; attempt < 101; attempt++) given = given.Then(Lose(0, attempt));
        Assert.Equal("ETL4208", given.Then(Lose(0, 101)).After.Fault!.Code);
    }

    /// <summary>A slice that was begun twice: one of the two has handed back what the other has run.</summary>
    [Fact]
    public void An_answer_for_more_items_than_the_slice_keeps_does_not_count()
    {
        var given = Given.Run(PlanOf.Lines("s").ForEach(concurrency: 1)).Then(Listed(100), DidQuickly(2, 1), HandBack(3, 2));
        var after = given.Then(DidQuickly(3, 8)).After.Stages[0].Items!;
        Assert.Equal((1, 3), (after.Succeeded, after.Unheard[0]));
    }

    /// <summary>As an older silo would that does not know of items.</summary>
    [Fact]
    public void An_answer_to_another_question_fails_the_stage()
    {
        foreach (var wrong in new[] { Succeed(0, 2), Listed(3, attempt: 2) })
            Assert.Equal("ETL6203", Running(5).Then(wrong).After.Stages[0].Fault!.Code);
        foreach (var wrong in new[] { Succeed(0), DidQuickly(1, 1) })
            Assert.Equal("ETL6203", Given.Run(Two).Then(wrong).After.Stages[0].Fault!.Code);
        Assert.Equal("ETL6203", Given.Run(PlanOf.Lines("s")).Then(Listed(1)).After.Stages[0].Fault!.Code);
    }

    [Fact]
    public void A_paused_run_sends_no_items_and_goes_on_with_them_when_it_is_resumed()
    {
        var paused = Running(5).Then(Pause(), Did(2, 1));
        Assert.Equal([3], paused.After.Stages[0].Items!.Flying.Select(slice => slice.Attempt));
        paused.When(Resume()).Then(Resumed(), Sent(4, 2, 1, 0));
        var all = Running(2).Then(Pause(), Did(2, 1), Did(3, 1));
        all.When(Resume()).Then(Resumed(), Dispatched(0, 4));
    }

    [Fact]
    public void A_cancelled_run_stops_its_items_and_ends_with_the_last_of_them()
    {
        var cancelled = Running(5).When(Cancel());
        cancelled.Then(CancelRequested(), Cancelled(1)).Owing(Stop(0, 2), Stop(0, 3));
        Running(5).Then(Cancel(), Stopped(0, 2)).When(Did(3, 1))
            .Then(ItemsDone(3, 1), Cancelled(0), Ended(RunStatus.Cancelled, "ETL4202"));
    }

    [Fact]
    public void A_step_that_is_skipped_by_hand_hears_its_items_no_more()
    {
        var skipped = Running(5).Then(Skip("s"));
        skipped.When(Did(2, 1)).ThenRefused(FaultKind.Fenced, "ETL4207");
        Assert.True(Run.IsOutdated(skipped.After, 0, new Attempt(2)));
        Assert.Null(skipped.After.NextWake);
    }

    [Fact]
    public void A_run_of_a_million_items_is_as_small_as_one_of_ten()
    {
        var given = Given.Run(PlanOf.Lines("s").ForEach(16)).Then(Listed(1_000_000)).After;
        var random = new Random(1);
        var most = 0;
        for (var reports = 0; reports < 3_000 && given.Stages[0].Items is { IsGathering: false } items; reports++)
        {
            var slice = items.Flying[random.Next(items.Flying.Length)];
            var command = random.Next(10) == 0 ? Lose(0, slice.Attempt) : DidQuickly(slice.Attempt, random.Next(1, slice.Count + 1));
            given = Assert.IsType<Decision.Accepted>(Run.Decide(given, command, Given.Noon)).Events.Aggregate(given, Run.Apply);
            most = Math.Max(most, given.Stages[0].Items!.Unsent.Length);
        }
        Assert.InRange(most, 1, 40);
    }
}
