using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class RetryLaws
{
    private static readonly Plans.Plan Twice = PlanOf.Lines(Patient(2), "s", "t: s");

    [Fact]
    public void A_transient_fault_waits_and_is_tried_again()
    {
        foreach (var fault in new[] { Unavailable, Exhausted })
            Given.Run(Twice).When(Fail(0, fault)).Then(Retries(0, fault, retryAt: 1)).Owing(Wake(1));
    }

    [Fact]
    public void Only_transient_faults_are_tried_again()
    {
        foreach (var kind in Enum.GetValues<FaultKind>().Except([FaultKind.Unavailable, FaultKind.Exhausted]))
        {
            var fault = new Fault(kind, "ETL9004", "Trying again would not help.");
            Given.Run(Twice).When(Fail(0, fault)).Then(Failed(0, fault), Skipped(1, "s failed"), Ended(RunStatus.Failed, "ETL9004"));
        }
    }

    [Fact]
    public void A_retry_starts_when_its_time_has_come_and_not_before()
    {
        var waiting = Given.Run(Twice, Retries(0, Unavailable, retryAt: 1));
        waiting.When(Elapse(), afterSeconds: 0.999).ThenNothing();
        waiting.When(Elapse(), afterSeconds: 1).Then(Dispatched(0, 2, at: 1)).Owing(Dispatch(0, 2));
    }

    [Fact]
    public void Each_wait_is_longer_than_the_one_before_and_the_last_failure_is_for_good()
    {
        var second = Given.Run(Twice, Retries(0, Unavailable, 1), Dispatched(0, 2));
        second.When(Fail(0, Unavailable, 2)).Then(Retries(0, Unavailable, retryAt: 2, attempt: 2));
        var third = Given.Run(Twice, Retries(0, Unavailable, 1), Dispatched(0, 2), Retries(0, Unavailable, 2, 2), Dispatched(0, 3));
        third.When(Fail(0, Unavailable, 3))
            .Then(Failed(0, Unavailable, 3), Skipped(1, "s failed"), Ended(RunStatus.Failed, "ETL9001"));
    }

    [Fact]
    public void A_retry_that_begins_forgets_the_fault_and_one_that_succeeds_is_a_success()
    {
        var retried = Given.Run(Twice, Retries(0, Unavailable, 1), Dispatched(0, 2));
        Assert.Null(retried.After.Stages[0].Fault);
        retried.When(Succeed(0, 2)).Then(Succeeded(0, 2), Dispatched(1));
    }

    [Fact]
    public void While_a_stage_waits_for_its_retry_no_report_of_it_is_heard()
    {
        var waiting = Given.Run(Twice, Retries(0, Unavailable, 1));
        foreach (var late in new[] { Succeed(0), Succeed(0, 2), Stopped(0), Lose(0), Lose(0, 2) })
            waiting.When(late).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    /// <summary>The wake at 1 has been used up by the first retry; without a new one the second would wait for ever.</summary>
    [Fact]
    public void When_one_retry_starts_the_wake_for_the_next_one_is_owed()
    {
        var plan = PlanOf.Lines(Patient(1), "s", "t");
        var waiting = Given.Run(plan, Retries(0, Unavailable, 1), Retries(1, Unavailable, 7));
        waiting.When(Elapse(), afterSeconds: 1).Then(Dispatched(0, 2, at: 1)).Owing(Dispatch(0, 2), Wake(7));
    }

    [Fact]
    public void One_wake_starts_all_retries_that_are_due_earliest_first()
    {
        var plan = PlanOf.Lines(Patient(1), "s", "t", "u");
        Given.Run(plan, Retries(0, Unavailable, 3), Retries(1, Unavailable, 2), Retries(2, Unavailable, 9))
            .When(Elapse(), afterSeconds: 5)
            .Then(Dispatched(1, 2, at: 5), Dispatched(0, 2, at: 5))
            .Owing(Dispatch(1, 2), Dispatch(0, 2), Wake(9));
    }
}
