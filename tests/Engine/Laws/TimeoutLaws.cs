using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class TimeoutLaws
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly Plans.Plan Plan = PlanOf.Lines(Patient(1), "s", "t", "u: s, t");

    [Fact]
    public void A_run_whose_time_is_up_is_stopped_as_by_a_cancel_and_fails()
    {
        var given = Given.Started(Plan, Minute, Retries(1, Unavailable, 50));
        var up = given.When(Elapse(), afterSeconds: 60).Then(TimedOut(60), Cancelled(1, at: 60), Cancelled(2, at: 60)).Owing(Stop(0));
        var stopping = Run.Decide(up.After, Stopped(0), At(61));
        var ended = Assert.IsType<RunEvent.RunEnded>(Assert.IsType<Decision.Accepted>(stopping).Events[^1]);
        Assert.Equal((RunStatus.Failed, "ETL4204"), (ended.Status, ended.Fault!.Code));
    }

    [Fact]
    public void Before_its_time_a_run_goes_on() =>
        Given.Started(Plan, Minute).When(Elapse(), afterSeconds: 59.999).ThenNothing();

    [Fact]
    public void A_run_without_a_timeout_never_times_out() => Given.Run(Plan).When(Elapse(), afterSeconds: 1e9).ThenNothing();

    [Fact]
    public void A_retry_that_is_due_with_the_deadline_is_not_started_any_more() =>
        Given.Started(PlanOf.Lines(Patient(1), "s"), Minute, Retries(0, Unavailable, 60)).When(Elapse(), afterSeconds: 60)
            .Then(TimedOut(60), Cancelled(0, at: 60), Ended(RunStatus.Failed, "ETL4204", at: 60));

    [Fact]
    public void The_next_wake_is_the_earlier_of_retry_and_deadline()
    {
        Assert.Equal(At(60), Given.Started(Plan, Minute).After.NextWake);
        Assert.Equal(At(1), Given.Started(Plan, Minute, Retries(0, Unavailable, 1)).After.NextWake);
        Assert.Equal(At(60), Given.Started(Plan, Minute, Retries(0, Unavailable, 99)).After.NextWake);
        Assert.Equal(At(99), Given.Run(Plan, Retries(0, Unavailable, 99)).After.NextWake);
        Assert.Null(Given.Run(Plan).After.NextWake);
        Assert.Null(Run.None.NextWake);
    }
}
