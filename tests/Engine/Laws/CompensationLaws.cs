using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class CompensationLaws
{
    private static readonly Plan One = PlanOf.Lines("s", "undo: s when compensation", "t: s");
    private static readonly Plan Two = PlanOf.Lines(Patient(1),
        "a", "undo_a: a when compensation", "b", "undo_b: b when compensation", "last: a, b");

    [Fact]
    public void Nothing_is_undone_when_the_run_succeeds() =>
        Given.Run(One).Then(Succeed(0)).When(Succeed(2))
            .Then(Succeeded(2), Skipped(1, "the run succeeded"), Ended(RunStatus.Succeeded));

    [Fact]
    public void What_has_succeeded_is_undone_when_the_run_fails()
    {
        var failed = Given.Run(One).Then(Succeed(0));
        failed.When(Fail(2, Invalid)).Then(Failed(2, Invalid), CompensationBegan(), Dispatched(1)).Owing(Dispatch(1));
        failed.Then(Fail(2, Invalid)).When(Succeed(1)).Then(Succeeded(1), Ended(RunStatus.Failed, "ETL9003"));
    }

    [Fact]
    public void What_has_not_succeeded_is_not_undone() =>
        Given.Run(One).When(Fail(0, Invalid))
            .Then(Failed(0, Invalid), Skipped(2, "s failed"), Skipped(1, "s failed"), Ended(RunStatus.Failed, "ETL9003"));

    [Theory, InlineData(0, 2), InlineData(2, 0)]
    public void The_newest_success_is_undone_first_and_one_after_another(int first, int second)
    {
        var failed = Given.Run(Two).Then(Succeed(first), Succeed(second)).When(Fail(4, Invalid));
        failed.Then(Failed(4, Invalid), CompensationBegan(), Dispatched(second + 1));
        Given.Run(Two).Then(Succeed(first), Succeed(second), Fail(4, Invalid)).When(Succeed(second + 1))
            .Then(Succeeded(second + 1), Dispatched(first + 1)).Owing(Dispatch(first + 1));
    }

    [Fact]
    public void It_begins_after_handlers_of_failure_and_steps_that_always_run()
    {
        var plan = PlanOf.Lines("s", "undo: s when compensation", "t: s", "mend: t when on_failure", "after: mend when always");
        var given = Given.Run(plan).Then(Succeed(0), Fail(2, Invalid), Succeed(3));
        Assert.Equal(StepStatus.Waiting, given.After.Stages[1].Status);
        given.When(Succeed(4)).Then(Succeeded(4), CompensationBegan(), Dispatched(1));
    }

    [Fact]
    public void A_cancelled_run_is_undone_too_and_ends_as_cancelled()
    {
        var cancelled = Given.Run(One).Then(Succeed(0), Cancel());
        cancelled.When(Stopped(2)).Then(Cancelled(2), CompensationBegan(), Dispatched(1)).Owing(Dispatch(1));
        cancelled.Then(Stopped(2)).When(Succeed(1)).Then(Succeeded(1), Ended(RunStatus.Cancelled, "ETL4202"));
    }

    [Fact]
    public void A_success_that_comes_while_the_run_is_being_cancelled_is_undone() =>
        Given.Run(One).Then(Cancel()).When(Succeed(0)).Then(Succeeded(0), CompensationBegan(), Dispatched(1));

    [Fact]
    public void A_run_whose_time_is_up_is_undone_without_haste()
    {
        var late = Given.Started(One, TimeSpan.FromSeconds(10)).Then(Succeed(0)).At(At(10), Elapse(), Stopped(2));
        Assert.Equal((RunStatus.Compensating, StepStatus.Running, null), (late.After.Status, late.After.Stages[1].Status, late.After.NextWake));
        late.When(Elapse(), afterSeconds: 1_000).ThenNothing();
        Assert.Equal("ETL4204", late.Then(Succeed(1)).After.Fault!.Code);
    }

    [Fact]
    public void One_that_cannot_be_undone_does_not_keep_the_others_from_it_and_the_run_ends_with_both_faults()
    {
        var given = Given.Run(Two).Then(Succeed(0), Succeed(2), Fail(4, Invalid));
        given.When(Fail(3, Weird, step: "undo_b")).Then(Failed(3, Weird, step: "undo_b"), Dispatched(1));
        var ended = given.Then(Fail(3, Weird, step: "undo_b"), Succeed(1)).After;
        Assert.Equal((RunStatus.Failed, "ETL6411"), (ended.Status, ended.Fault!.Code));
        Assert.Contains("ETL9003 There is no such column. What step b did is not undone: undo_b failed: ETL9009 It does not let go.", ended.Fault.Message);
        Assert.Equal((RunStatus.Failed, "ETL6411"), Ends(Given.Run(One).Then(Succeed(0), Cancel(), Stopped(2), Fail(1, Weird))));
    }

    private static readonly Fault Weird = new(FaultKind.Invalid, "ETL9009", "It does not let go.");

    private static (RunStatus, string) Ends(Given given) => (given.After.Status, given.After.Fault!.Code);

    [Fact]
    public void It_is_tried_again_by_its_own_retries_and_begun_anew_after_a_loss_and_ends_all_the_same()
    {
        var undoing = Given.Run(Two).Then(Succeed(0), Fail(2, Invalid));
        undoing.When(Fail(1, Unavailable)).Then(Retries(1, Unavailable, retryAt: 1)).Owing(Wake(1));
        undoing.Then(Fail(1, Unavailable)).When(Elapse(), afterSeconds: 1).Then(Dispatched(1, 2, at: 1)).Owing(Dispatch(1, 2));
        undoing.When(Die(1)).Then(Lost(1, died: true), Dispatched(1, 2)).Owing(Dispatch(1, 2));
        undoing.Then(Succeed(1)).When(Succeed(1)).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void It_is_not_stopped_half_way_but_a_step_that_hangs_can_be_skipped()
    {
        var undoing = Given.Run(Two).Then(Succeed(0), Succeed(2), Fail(4, Invalid));
        foreach (var wish in new[] { Cancel(), Pause(), Resume() }) undoing.When(wish).ThenRefused(FaultKind.Conflict, "ETL6412");
        undoing.When(Skip("undo_b")).Then(SkippedByHand(3), Dispatched(1));
        Assert.Equal(RunStatus.Failed, undoing.Then(Skip("undo_b"), Mark("undo_a")).After.Status);
    }

    [Fact]
    public void A_paused_run_begins_to_be_undone_when_it_is_resumed()
    {
        var paused = Given.Run(One).Then(Succeed(0), Pause());
        paused.When(Fail(2, Invalid)).Then(Failed(2, Invalid));
        paused.Then(Fail(2, Invalid)).When(Resume()).Then(Resumed(), CompensationBegan(), Dispatched(1)).Owing(Dispatch(1));
    }

    [Fact]
    public void What_is_known_of_it_survives_a_crash()
    {
        foreach (var given in new[] { Given.Run(Two).Then(Succeed(2), Succeed(0)), Given.Run(Two).Then(Succeed(2), Succeed(0), Fail(4, Invalid)) })
            Assert.Equal(Saying.Of(given.After), Saying.Of(Run.Of(given.After.State())));
    }

    [Fact]
    public void A_rerun_runs_again_what_was_undone_and_uses_again_what_was_not()
    {
        var undone = Given.Run(One).Then(Succeed(0, 1, Result("s")), Fail(2, Invalid), Succeed(1, 1, Result("undo")));
        Assert.Empty(RerunPlan.Of(undone.After, null, []).Command!.Rerun!.Results);
        var kept = Given.Run(One).Then(Succeed(0, 1, Result("s")), Skip("undo"), Fail(2, Invalid));
        Assert.Equal(["s"], RerunPlan.Of(kept.After, null, []).Command!.Rerun!.Results.Select(result => result.Step.Value));
    }

    [Fact]
    public void What_was_used_again_is_not_undone()
    {
        var begun = (Decision.Accepted)Run.Begin(Run.None, Given.Id, One, Given.Start(One, rerun: new RerunOf(Given.Id, [Result("s")])), Given.Noon);
        var run = begun.Events.Aggregate(Run.None, Run.Apply);
        var ended = ((Decision.Accepted)Run.Decide(run, Fail(2, Invalid), Given.Noon)).Events.Aggregate(run, Run.Apply);
        Assert.Equal([StepStatus.Reused, StepStatus.Skipped, StepStatus.Failed], ended.Statuses());
    }

    [Fact]
    public void What_it_asks_for_may_come_of_what_it_undoes()
    {
        var plan = PlanOf.With(One, "undo", "rows", "{{ steps.s.values.rows_out }}");
        var undoing = Given.Run(plan).Then(Succeed(0, 1, Result("s", rows: 7)), Fail(2, Invalid));
        Assert.Equal(new SpecValue.Integer(7), undoing.After.Work(1, new Attempt(1)).Steps[0].With["rows"]);
    }
}
