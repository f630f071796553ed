using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class ConditionLaws
{
    [Fact]
    public void What_follows_a_failure_is_skipped_down_to_the_last_step_and_the_run_fails_with_the_first_fault() =>
        Given.Run(PlanOf.Lines("s", "t: s", "u: t")).When(Fail(0, Invalid))
            .Then(Failed(0, Invalid), Skipped(1, "s failed"), Skipped(2, "t was skipped"), Ended(RunStatus.Failed, "ETL9003"));

    [Fact]
    public void Of_several_failures_the_first_is_the_one_of_the_run() =>
        Given.Run(PlanOf.Lines("s", "t")).Then(Fail(1, Exhausted)).When(Fail(0, Invalid))
            .Then(Failed(0, Invalid), Ended(RunStatus.Failed, "ETL9002"));

    [Fact]
    public void A_failure_leaves_other_branches_alone()
    {
        var failed = Given.Run(PlanOf.Lines("s", "t", "u: s", "v: t", "w: u, v")).Then(Fail(0, Invalid));
        Assert.Equal(
            [StepStatus.Failed, StepStatus.Running, StepStatus.Skipped, StepStatus.Waiting, StepStatus.Waiting], failed.After.Statuses());
        failed.When(Succeed(1)).Then(Succeeded(1), Dispatched(3)).Owing(Dispatch(3));
        failed.Then(Succeed(1)).When(Succeed(3)).Then(Succeeded(3), Skipped(4, "u was skipped"), Ended(RunStatus.Failed, "ETL9003"));
    }

    [Fact]
    public void A_handler_of_failure_runs_when_something_before_it_failed_however_far_before()
    {
        var plan = PlanOf.Lines("s", "t: s", "mend: t when on_failure");
        Given.Run(plan).When(Fail(0, Invalid)).Then(Failed(0, Invalid), Skipped(1, "s failed"), Dispatched(2)).Owing(Dispatch(2));
    }

    [Fact]
    public void A_handler_of_failure_remembers_a_failure_though_what_ends_after_it_succeeds()
    {
        var plan = PlanOf.Lines("s", "t", "mend: s, t when on_failure");
        Given.Run(plan).Then(Fail(0, Invalid)).When(Succeed(1)).Then(Succeeded(1), Dispatched(2)).Owing(Dispatch(2));
    }

    [Fact]
    public void A_handler_of_failure_is_skipped_when_nothing_failed_and_the_run_succeeds() =>
        Given.Run(PlanOf.Lines("s", "mend: s when on_failure")).When(Succeed(0))
            .Then(Succeeded(0), Skipped(1, "nothing before it failed"), Ended(RunStatus.Succeeded));

    [Fact]
    public void A_run_whose_failure_was_handled_has_failed_all_the_same() =>
        Given.Run(PlanOf.Lines("s", "mend: s when on_failure")).Then(Fail(0, Invalid)).When(Succeed(1))
            .Then(Succeeded(1), Ended(RunStatus.Failed, "ETL9003"));

    [Theory, InlineData(true), InlineData(false)]
    public void A_step_that_always_runs_waits_for_its_needs_and_then_runs_however_they_ended(bool succeeds)
    {
        var plan = PlanOf.Lines("s", "t", "after: s, t when always");
        var first = Given.Run(plan).Then(succeeds ? Succeed(0) : Fail(0, Invalid));
        Assert.Equal(StepStatus.Waiting, first.After.Stages[2].Status);
        Assert.Equal(StepStatus.Running, first.Then(Succeed(1)).After.Stages[2].Status);
    }

    [Fact]
    public void What_follows_a_handler_runs_when_the_handler_succeeded()
    {
        var plan = PlanOf.Lines("s", "mend: s when on_failure", "t: mend");
        Given.Run(plan).Then(Fail(0, Invalid)).When(Succeed(1)).Then(Succeeded(1), Dispatched(2));
        var never = Given.Run(plan).Then(Succeed(0));
        Assert.Equal([StepStatus.Succeeded, StepStatus.Skipped, StepStatus.Skipped], never.After.Statuses());
        Assert.Equal(RunStatus.Succeeded, never.After.Status);
    }

    [Fact]
    public void A_step_behind_a_skipped_one_can_still_always_run()
    {
        var plan = PlanOf.Lines("s", "t: s", "after: t when always");
        Given.Run(plan).When(Fail(0, Invalid)).Then(Failed(0, Invalid), Skipped(1, "s failed"), Dispatched(2));
    }

    [Theory, InlineData(5, true), InlineData(0, false)]
    public void A_step_whose_condition_is_an_expression_runs_when_it_is_true(int rows, bool runs)
    {
        var given = Given.Run(PlanOf.Lines("s", "t: s when steps.s.values.rows_out > 0"));
        var told = given.When(Succeed(0, 1, Result("s", rows)));
        if (runs) told.Then(Succeeded(0, 1, 0, Result("s", rows)), Dispatched(1));
        else
            told.Then(
                Succeeded(0, 1, 0, Result("s", rows)), Skipped(1, "its condition is false: steps.s.values.rows_out > 0"),
                Ended(RunStatus.Succeeded));
    }

    [Fact]
    public void A_condition_that_is_an_expression_is_not_even_asked_when_something_before_it_did_not_succeed() =>
        Given.Run(PlanOf.Lines("s", "t: s when 1 / 0 > 0")).When(Fail(0, Invalid))
            .Then(Failed(0, Invalid), Skipped(1, "s failed"), Ended(RunStatus.Failed, "ETL9003"));

    [Fact]
    public void A_condition_that_cannot_be_worked_out_fails_its_step_without_an_attempt_and_others_go_on()
    {
        var given = Given.Run(PlanOf.Lines("s", "t: s when 1 / steps.s.values.rows_out > 0", "u: t", "mend: t when on_failure", "v: s"));
        var told = given.When(Succeed(0, 1, Result("s", rows: 0))).Owing(Dispatch(4), Dispatch(3));
        Assert.Equal(
            [StepStatus.Succeeded, StepStatus.Failed, StepStatus.Skipped, StepStatus.Running, StepStatus.Running], told.After.Statuses());
        Assert.Equal(Attempt.None, told.After.Stages[1].Attempt);
        Assert.Equal(FaultKind.Invalid, told.After.Stages[1].Fault!.Kind);
    }

    [Fact]
    public void What_a_step_asks_for_is_filled_in_with_what_came_before_it_and_if_that_fails_so_does_the_step()
    {
        var plan = PlanOf.With(PlanOf.Lines("s", "t: s"), "t", "limit", "{{ 10 / steps.s.values.rows_out }}");
        var filled = Given.Run(plan).Then(Succeed(0, 1, Result("s", rows: 5))).After.Work(1, new Attempt(1));
        Assert.Equal(new SpecValue.Real(2), filled.Steps[0].With["limit"]);
        var faulty = Given.Run(plan).Then(Succeed(0, 1, Result("s", rows: 0))).After;
        Assert.Equal((StepStatus.Failed, "steps[1].with.limit"), (faulty.Stages[1].Status, faulty.Stages[1].Fault!.Path));
        Assert.Equal(RunStatus.Failed, faulty.Status);
    }

    [Fact]
    public void Each_stage_of_a_ladder_of_diamonds_is_skipped_once()
    {
        var skipped = Given.Run(PlanOf.Ladder(60)).When(Fail(0, Invalid)); // 2^60 ways lead down
        Assert.Equal(1 + 120 + 1, skipped.Events.Length);
        Assert.Equal(RunStatus.Failed, skipped.After.Status);
    }

    [Fact]
    public void A_chain_of_ten_thousand_skips_neither_overflows_the_stack_nor_grows_faster_than_its_length()
    {
        var small = Bytes(1_000);
        var large = Bytes(10_000);
        Assert.True(large < 20 * small, $"ten times the stages took {large / (double)small:0.0} times the memory");

        static long Bytes(int stages)
        {
            var given = Given.Run(PlanOf.Chain(stages));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var decision = Run.Decide(given.After, Fail(0, Invalid), Given.Noon);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(stages + 1, Assert.IsType<Decision.Accepted>(decision).Events.Length);
            return allocated;
        }
    }
}
