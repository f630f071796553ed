using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class ByHandLaws
{
    private static readonly Plans.Plan Plan = PlanOf.Lines(Patient(1), "s", "t: s", "u: t when always");

    [Fact]
    public void What_needs_a_skipped_step_is_treated_as_after_a_false_condition() => Given.Run(Plan).When(Skip("s"))
        .Then(SkippedByHand(0), Skipped(1, "s was skipped"), Dispatched(2));

    [Fact]
    public void A_late_report_of_a_step_that_was_skipped_changes_nothing()
    {
        var skipped = Given.Run(Plan).Then(Skip("s"));
        skipped.When(Succeed(0)).ThenRefused(FaultKind.Fenced, "ETL4207");
        skipped.When(Lose(0)).ThenRefused(FaultKind.Fenced, "ETL4207");
        Assert.True(Run.IsOutdated(skipped.After, 0, new Attempt(1))); // so its next heartbeat stops it
    }

    [Fact]
    public void A_late_report_of_a_step_that_was_marked_as_succeeded_changes_nothing() => Given.Run(PlanOf.Lines("s", "t: s"))
        .Then(Skip("t"), Mark("s")).When(Succeed(0)).ThenRefused(FaultKind.Fenced, "ETL4207");

    [Fact]
    public void A_skipped_retry_is_not_started_and_its_wake_is_not_waited_for()
    {
        var skipped = Given.Run(Plan).Then(Fail(0, Unavailable), Skip("s"));
        Assert.Null(skipped.After.NextWake);
        Assert.Null(skipped.After.View().Steps[0].Fault);
        skipped.When(Elapse(), afterSeconds: 9).ThenNothing();
    }

    [Fact]
    public void A_step_can_be_skipped_before_its_turn_and_its_turn_passes()
    {
        var skipped = Given.Run(Plan).Then(Skip("t"));
        Assert.Equal([StepStatus.Running, StepStatus.Skipped, StepStatus.Running], skipped.After.Statuses());
        skipped.When(Succeed(0)).Then(Succeeded(0));
    }

    [Fact]
    public void A_failure_before_a_step_that_was_skipped_early_is_a_failure_for_all_after_it()
    {
        var plan = PlanOf.Lines("s", "v", "t: s", "u: t, v when on_failure");
        Given.Run(plan).Then(Skip("t"), Fail(0, Invalid)).When(Succeed(1)).Then(Succeeded(1), Dispatched(3));
    }

    [Fact]
    public void A_step_that_is_marked_as_succeeded_lets_go_what_needs_it_and_gives_its_values()
    {
        var plan = PlanOf.Lines("ask", "t: ask when steps.ask.values.n == 7");
        var marked = Given.Run(plan).When(Mark("ask", false, Value("n", 7)));
        marked.Then(MarkedAsSucceeded(0, "ask", Value("n", 7)), Dispatched(1));
        Assert.Equal(new Intervention(Given.Noon, "done elsewhere", "ann"), marked.After.View().Steps[0].ByHand);
    }

    [Fact]
    public void A_step_whose_dataset_is_read_later_cannot_be_marked_as_succeeded_and_the_reader_is_named()
    {
        var refused = Assert.IsType<Decision.Refused>(Given.Run(Plan).When(Mark("s")).Decision);
        Assert.Equal("ETL4263", refused.Faults[0].Code);
        Assert.Contains("Step t reads the dataset s", refused.Faults[0].Message);
        Given.Run(Plan).Then(Skip("t"), Skip("u")).When(Mark("s")).Then(MarkedAsSucceeded(0, "s"), Ended(RunStatus.Succeeded));
    }

    [Fact]
    public void A_step_that_runs_as_one_query_with_others_is_ended_with_them_or_not_at_all()
    {
        var fused = Given.Run(PlanOf.Lines("s+t", "u: t"));
        var refused = Assert.IsType<Decision.Refused>(fused.When(Skip("t")).Decision);
        Assert.Equal(("ETL4262", true), (refused.Faults[0].Code, refused.Faults[0].Message.Contains("with s.", StringComparison.Ordinal)));
        fused.When(Skip("t", whole: true)).Then(SkippedByHand(0), Skipped(1, "s was skipped"), Ended(RunStatus.Succeeded));
    }

    [Fact]
    public void What_has_ended_is_not_ended_again_and_the_same_wish_again_changes_nothing()
    {
        Given.Run(Plan).Then(Succeed(0)).When(Skip("s")).ThenRefused(FaultKind.Conflict, "ETL4261");
        Given.Run(Plan).Then(Skip("s")).When(Skip("s")).ThenNothing();
        Given.Run(Plan).Then(Skip("s")).When(Mark("s")).ThenRefused(FaultKind.Conflict, "ETL4261");
        Given.Run(Plan).Then(Skip("s"), Succeed(2)).When(Skip("s")).ThenNothing(); // even after the run's end
        Given.Run(Plan).Then(Cancel()).When(Skip("s")).ThenRefused(FaultKind.Conflict, "ETL4260");
        Given.Run(Plan).When(Skip("nowhere")).ThenRefused(FaultKind.NotFound, "ETL4224");
    }

    [Fact]
    public void A_step_that_is_ready_in_a_paused_run_can_be_skipped_and_does_not_start_when_it_is_resumed() =>
        Given.Run(Plan).Then(Pause(), Succeed(0), Skip("t")).When(Resume()).Then(Resumed(), Dispatched(2));

    [Fact]
    public void Values_that_are_too_large_or_cannot_be_named_are_refused()
    {
        var large = new Field("text", new SpecValue.Text(new string('x', Run.ValuesBytesMax)));
        Given.Run(PlanOf.Chain(1)).When(Mark("s0", false, large)).ThenRefused(FaultKind.Invalid, "ETL4264");
        Given.Run(PlanOf.Chain(1)).When(Mark("s0", false, Value("a b", 1))).ThenRefused(FaultKind.Invalid, "ETL4264");
    }
}
