using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class PauseLaws
{
    private static readonly Plans.Plan Plan = PlanOf.Lines(Patient(1), "s", "t: s", "u: t");

    [Fact]
    public void A_paused_run_hears_what_runs_and_starts_nothing_that_this_frees()
    {
        var paused = Given.Run(Plan).Then(Pause());
        paused.When(Succeed(0)).Then(Succeeded(0)).Owing();
        Assert.Equal([1], paused.Then(Succeed(0)).After.Ready);
    }

    [Fact]
    public void Resuming_starts_all_that_became_ready_at_once()
    {
        var plan = PlanOf.Lines("s", "t: s", "u: s", "v: s when on_failure", "w: v");
        Given.Run(plan).Then(Pause(), Succeed(0)).When(Resume())
            .Then(Resumed(), Dispatched(1), Dispatched(2), Skipped(3, "nothing before it failed"), Skipped(4, "v was skipped"))
            .Owing(Dispatch(1), Dispatch(2));
    }

    [Fact]
    public void A_retry_that_is_due_while_the_run_is_paused_waits_until_it_is_resumed()
    {
        var retrying = Given.Run(Plan).Then(Fail(0, Unavailable), Pause());
        Assert.Null(retrying.After.NextWake);
        retrying.When(Elapse(), afterSeconds: 5).ThenNothing();
        retrying.When(Resume(), afterSeconds: 5).Then(Resumed(5), Dispatched(0, 2, at: 5)).Owing(Dispatch(0, 2));
    }

    [Fact]
    public void A_failure_while_the_run_is_paused_is_tried_again_after_the_pause()
    {
        var paused = Given.Run(Plan).Then(Pause());
        paused.When(Fail(0, Unavailable)).Then(Retries(0, Unavailable, 1));
        paused.Then(Fail(0, Unavailable)).When(Resume()).Then(Resumed()).Owing(Wake(1));
    }

    [Fact]
    public void An_attempt_that_is_lost_while_the_run_is_paused_costs_no_retry_and_begins_anew_after_it()
    {
        var lost = Given.Run(Plan).Then(Pause());
        lost.When(Lose(0)).Then(Lost(0)).Owing();
        lost.Then(Lose(0)).When(Resume()).Then(Resumed(), Dispatched(0, 2));
        Assert.Equal((0, 1), (lost.Then(Lose(0)).After.Stages[0].Retried, lost.Then(Lose(0)).After.Stages[0].Lost));
    }

    [Fact]
    public void The_runs_own_time_goes_on_while_it_is_paused()
    {
        var paused = Given.Started(Plan, TimeSpan.FromSeconds(60)).Then(Succeed(0), Pause(), Succeed(1));
        Assert.Equal(At(60), paused.After.NextWake);
        paused.When(Elapse(), afterSeconds: 60).Then(TimedOut(60), Cancelled(2, 60), Ended(RunStatus.Failed, "ETL4204", 60));
    }

    [Fact]
    public void A_paused_run_can_be_cancelled() => Given.Run(Plan).Then(Pause(), Succeed(0)).When(Cancel())
        .Then(CancelRequested(), Cancelled(1), Cancelled(2), Ended(RunStatus.Cancelled, "ETL4202"));

    [Fact]
    public void A_run_whose_last_step_ends_while_it_is_paused_has_ended()
    {
        var ended = Given.Run(PlanOf.Chain(1)).Then(Pause()).When(Succeed(0)).Then(Succeeded(0), Ended(RunStatus.Succeeded));
        Assert.Null(ended.After.Pause);
    }

    [Fact]
    public void Pausing_and_resuming_twice_changes_nothing()
    {
        Given.Run(Plan).Then(Pause("lunch")).When(Pause("tea")).ThenNothing();
        Given.Run(Plan).When(Resume()).ThenNothing();
    }

    [Fact]
    public void A_run_that_has_ended_or_is_being_cancelled_refuses()
    {
        var ended = Given.Run(PlanOf.Chain(1)).Then(Succeed(0));
        ended.When(Pause()).ThenRefused(FaultKind.Conflict, "ETL4203");
        ended.When(Resume()).ThenRefused(FaultKind.Conflict, "ETL4203");
        Given.Run(Plan).Then(Cancel()).When(Pause()).ThenRefused(FaultKind.Conflict, "ETL4260");
        Given.Run(Plan).Then(Cancel()).When(Resume()).ThenRefused(FaultKind.Conflict, "ETL4260");
    }

    [Fact]
    public void What_a_paused_run_shows_says_since_when_and_why()
    {
        var view = Given.Run(Plan).Then(Pause("lunch"), Succeed(0)).After.View();
        Assert.Equal((RunStatus.Paused, new RunPause(Given.Noon, "lunch", "ann")), (view.Status, view.Paused));
        Assert.Equal("waits until the run is resumed", view.Steps[1].Waiting);
        Assert.Equal("waits for t", view.Steps[2].Waiting);
    }

    [Fact]
    public void A_run_of_a_paused_pipeline_begins_paused_and_starts_all_that_is_ready_when_its_pipeline_goes_on()
    {
        var plan = PlanOf.Lines("a", "b: a", "c");
        var begun = new Asked(Run.None, Run.Begin(Run.None, Given.Id, plan, Given.Start(plan), Given.Noon, PipelinePaused));
        Assert.Equal([typeof(RunEvent.RunStarted), typeof(RunEvent.RunPaused)], begun.Events.Select(e => e.GetType()));
        Assert.Empty(Run.Owed(begun.After));
        Assert.Equal(begun.After.Ready, Run.Of(begun.After.State()).Ready);
        var resumed = new Asked(begun.After, Run.Decide(begun.After, WithPipeline, Given.Noon));
        Assert.Equal([Dispatch(0), Dispatch(2)], Run.Owed(resumed.After));
    }

    [Fact]
    public void What_is_paused_with_its_pipeline_goes_on_with_it_alone()
    {
        var held = Given.Run(Plan).Then(new RunCommand.Pause("lunch", "ann", WithPipeline: true));
        Assert.Equal(new RunPause(Given.Noon, "lunch", "ann", WithPipeline: true), held.After.Pause);
        held.When(Resume()).ThenRefused(FaultKind.Conflict, "ETL4273");
        Assert.Null(held.Then(WithPipeline).After.Pause);
    }

    [Fact]
    public void Who_paused_a_run_by_name_resumes_it_by_name()
    {
        var held = Given.Run(Plan).Then(Pause());
        held.When(new RunCommand.Pause("lunch", "ann", WithPipeline: true)).ThenNothing();
        held.When(WithPipeline).ThenNothing();
        Given.Run(Plan).When(WithPipeline).ThenNothing();
    }

    private static readonly PipelinePause PipelinePaused = new("chain", Given.Noon, "lunch", "ann");
    private static readonly RunCommand WithPipeline = new RunCommand.Resume(WithPipeline: true);

    [Fact]
    public void What_ran_when_the_run_was_paused_is_still_owed_its_dispatch_after_a_crash() =>
        Assert.Equal([Dispatch(0)], Run.Owed(Given.Run(Plan).Then(Pause()).After));

    [Fact]
    public void A_step_that_is_dispatched_and_a_pause_that_are_stored_together_leave_the_dispatch_owed()
    {
        var begun = Given.Run(Plan);
        var paused = begun.When(Pause());
        Assert.Equal([Dispatch(0)], Run.Owed(paused.After, [.. begun.Events, .. paused.Events]));
    }
}
