using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class CancelLaws
{
    private static readonly Plans.Plan Plan = PlanOf.Lines(Patient(1), "s", "t", "u: s, t");

    [Fact]
    public void A_cancel_ends_at_once_what_waits_and_owes_a_stop_to_what_runs() =>
        Given.Run(Plan, Retries(1, Unavailable, 1)).When(Cancel("enough"))
            .Then(CancelRequested("enough"), Cancelled(1), Cancelled(2))
            .Owing(Stop(0));

    [Fact]
    public void A_cancelled_run_ends_when_the_last_of_what_runs_has_reported()
    {
        var cancelling = Given.Run(Plan).Then(Cancel());
        cancelling.When(Stopped(0)).Then(Cancelled(0)).Owing();
        cancelling.Then(Stopped(0)).When(Stopped(1)).Then(Cancelled(1), Ended(RunStatus.Cancelled, "ETL4202"));
    }

    [Fact]
    public void A_run_in_which_nothing_runs_is_cancelled_at_once()
    {
        var waiting = Given.Run(PlanOf.Lines(Patient(1), "s"), Retries(0, Unavailable, 1));
        waiting.When(Cancel()).Then(CancelRequested(), Cancelled(0), Ended(RunStatus.Cancelled, "ETL4202")).Owing();
    }

    [Fact]
    public void A_success_that_arrives_while_cancelling_counts_but_starts_nothing() =>
        Given.Run(Plan).Then(Cancel(), Stopped(1)).When(Succeed(0))
            .Then(Succeeded(0), Ended(RunStatus.Cancelled, "ETL4202"));

    [Fact]
    public void A_failure_that_arrives_while_cancelling_is_not_tried_again() =>
        Given.Run(Plan).Then(Cancel(), Stopped(1)).When(Fail(0, Unavailable))
            .Then(Failed(0, Unavailable), Ended(RunStatus.Cancelled, "ETL4202"));

    [Fact]
    public void Not_even_steps_that_always_run_start_in_a_cancelled_run()
    {
        var plan = PlanOf.Lines("s", "after: s when always", "mend: s when on_failure");
        var cancelling = Given.Run(plan).Then(Cancel());
        Assert.Equal([StepStatus.Running, StepStatus.Cancelled, StepStatus.Cancelled], cancelling.After.Statuses());
        cancelling.When(Fail(0, Invalid)).Then(Failed(0, Invalid), Ended(RunStatus.Cancelled, "ETL4202"));
    }

    [Fact]
    public void A_second_cancel_and_the_passing_of_time_change_nothing()
    {
        var cancelling = Given.Started(Plan, TimeSpan.FromSeconds(60)).Then(Cancel());
        cancelling.When(Cancel("again")).ThenNothing();
        cancelling.When(Elapse(), afterSeconds: 3600).ThenNothing();
        Assert.Null(cancelling.After.NextWake);
    }
}
