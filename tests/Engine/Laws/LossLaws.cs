using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class LossLaws
{
    [Fact]
    public void A_lost_attempt_is_followed_at_once_by_a_new_one() =>
        Given.Run(PlanOf.Chain(2)).When(Lose(0), afterSeconds: 0).Then(Lost(0), Dispatched(0, 2)).Owing(Dispatch(0, 2));

    [Fact]
    public void An_attempt_that_stopped_because_its_process_ends_is_lost() =>
        Given.Run(PlanOf.Chain(2)).When(Stopped(0)).Then(Lost(0), Dispatched(0, 2)).Owing(Dispatch(0, 2));

    [Fact]
    public void Lost_attempts_cost_no_retry()
    {
        var afterLosses = Given.Run(PlanOf.Lines(Patient(1), "s")).Then(Lose(0), Lose(0, 2), Lose(0, 3));
        afterLosses.When(Fail(0, Unavailable, 4)).Then(Retries(0, Unavailable, retryAt: 1, attempt: 4));
        Assert.Equal((0, 3), (afterLosses.After.Stages[0].Retried, afterLosses.After.Stages[0].Lost));
    }

    [Fact]
    public void A_stage_whose_process_keeps_dying_is_given_up_in_the_end()
    {
        var losses = Enumerable.Range(1, Run.LossesMax - 1).Select(attempt => Lose(0, attempt)).ToArray();
        var nearly = Given.Run(PlanOf.Lines("s", "t: s")).Then(losses);
        nearly.When(Succeed(0, Run.LossesMax)).Then(Succeeded(0, Run.LossesMax), Dispatched(1));
        var given = nearly.When(Lose(0, Run.LossesMax));
        Assert.Equal([StepStatus.Failed, StepStatus.Skipped], given.After.Statuses());
        Assert.Equal((RunStatus.Failed, "ETL4208"), (given.After.Status, given.After.Fault!.Code));
    }

    [Fact]
    public void A_loss_while_cancelling_starts_nothing_new() =>
        Given.Run(PlanOf.Chain(2)).Then(Cancel()).When(Lose(0)).Then(Lost(0), Cancelled(0), Ended(RunStatus.Cancelled, "ETL4202"));
}
