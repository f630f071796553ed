using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class ViewLaws
{
    private static StepView Step(Given given, string id) => given.After.View().Steps.Single(step => step.Id.Value == id);

    [Fact]
    public void A_view_shows_the_run_and_its_steps_in_the_order_of_the_spec()
    {
        var view = Given.Run(PlanOf.Lines("b", "a: b")).Then(Succeed(0, 1, Result("b", rows: 7, "out"))).After.View();
        Assert.Equal((Given.Id, "test", RunStatus.Running, 4L), (view.Id, view.Pipeline, view.Status, view.Version));
        Assert.Equal(["b succeeded 7", "a running "], view.Steps.Select(s => $"{s.Id} {s.Status.Word()} {s.RowsOut}"));
        Assert.Equal("test/b.out", view.Steps[0].Outputs.Single().Dataset!.Ref.Name);
    }

    [Fact]
    public void A_step_that_waits_says_for_whom_and_a_few_names_are_enough()
    {
        Assert.Equal("waits for a, b", Step(Given.Run(PlanOf.Lines("a", "b", "c: a, b")), "c").Waiting);
        Assert.Equal("waits for b", Step(Given.Run(PlanOf.Lines("a", "b", "c: a, b")).Then(Succeed(0)), "c").Waiting);
        Assert.Equal("waits for s0, s1, s2 and 9997 more", Step(Given.Run(PlanOf.FanOutAndIn(10_000)), "to").Waiting);
    }

    [Fact]
    public void A_cancelled_run_and_its_steps_say_who_cancelled_it_and_why()
    {
        var plan = PlanOf.Lines("s", "t: s");
        var run = Given.Run(plan).Then(new RunCommand.Cancel("wrong day", "ann"));
        Assert.Equal("cancelled by ann: wrong day", Step(run, "t").Waiting);
        Assert.Equal(new Intervention(Given.Noon, "wrong day", "ann"), run.After.View().Cancelled);
        Assert.Equal("wrong day", run.After.View().Fault!.Message);
        Assert.Equal("cancelled by ann: wrong day", Step(run.Then(Stopped(0)), "s").Waiting);
        Assert.Equal("enough", Step(Given.Run(plan).Then(Cancel("enough")), "t").Waiting);
        Assert.Equal(
            "the run took longer than its timeout", Step(Given.Started(plan, TimeSpan.Zero).Then(Elapse()), "t").Waiting);
    }

    [Fact]
    public void A_step_that_waits_for_its_retry_says_when_and_why()
    {
        var step = Step(Given.Run(PlanOf.Lines(Patient(1), "s"), Retries(0, Unavailable, 61)), "s");
        Assert.Equal((StepStatus.Retrying, "tries again at 12:01:01", "ETL9001"), (step.Status, step.Waiting, step.Fault?.Code));
    }

    [Fact]
    public void Every_step_that_waits_says_what_for_and_for_how_long()
    {
        var run = Given.Run(PlanOf.Lines(Patient(1), "s", "t: s"), Retries(0, Unavailable, 61));
        Assert.Equal(new Wait(WaitFor.Retry, "tries again at 12:01:01", null, At(61)), Step(run, "s").Wait);
        Assert.Equal(new Wait(WaitFor.Input, "waits for s", Given.Noon), Step(run, "t").Wait);
        Assert.Equal(WaitFor.Retry, run.After.View().Wait?.For);
    }

    [Fact]
    public void An_attempt_that_is_held_up_is_shown_as_waiting_and_not_as_running()
    {
        var wait = new SlotWait(At(1), 3, true, false).Wait();
        var run = Given.Run(PlanOf.Lines("a", "b", "c: a")).After;
        var progress = new Dictionary<StepId, StepProgress> { [new("a")] = new(new("a"), 5, null, 0.5) };
        var held = run.View(progress, (stage, attempt) => (stage, attempt.Number) == (0, 1) ? wait : null);
        Assert.Equal(["a waiting", "b running", "c waiting"], held.Steps.Select(step => $"{step.Id} {step.Status.Word()}"));
        Assert.Equal(("waits for a processor slot, 3 before it", wait), (held.Steps[0].Waiting, held.Steps[0].Wait));
        Assert.Equal((null, null, null), (held.Steps[0].StartedAt, held.Steps[0].Progress, held.Wait));
        Assert.Equal(wait, run.View(null, (_, _) => wait).Wait);
    }

    [Fact]
    public void What_held_up_an_attempt_that_has_ended_is_asked_for_no_more()
    {
        var ended = Given.Run(PlanOf.Lines(Patient(1), "s", "t")).Then(Succeed(0)).Then(Succeed(1)).After;
        var view = ended.View(null, (_, _) => throw new InvalidOperationException(), new Wait(WaitFor.Store, "away"));
        Assert.Null(view.Wait);
        Assert.All(view.Steps, step => Assert.Null(step.Wait));
        Given.Run(PlanOf.Lines(Patient(1), "s"), Retries(0, Unavailable, 61), Dispatched(0, 2)).After.View(null, (_, attempt) =>
        {
            Assert.Equal(2, attempt.Number);
            return null;
        });
    }

    [Fact]
    public void A_skipped_step_says_why() =>
        Assert.Equal("s failed", Step(Given.Run(PlanOf.Lines("s", "t: s")).Then(Fail(0, Invalid)), "t").Waiting);

    [Fact]
    public void In_a_stage_that_failed_the_fault_is_shown_at_its_own_step_only()
    {
        var failed = Given.Run(PlanOf.Lines("a+b+c")).Then(Fail(0, Invalid, step: "b"));
        Assert.Equal((StepStatus.Failed, "ETL9003"), (Step(failed, "b").Status, Step(failed, "b").Fault?.Code));
        foreach (var other in new[] { "a", "c" })
        {
            Assert.Equal((StepStatus.Skipped, null), (Step(failed, other).Status, Step(failed, other).Fault));
            Assert.Equal("runs as one query with b, which failed", Step(failed, other).Waiting);
        }
    }

    [Fact]
    public void Progress_is_shown_of_running_steps_only()
    {
        var progress = new[] { "a", "b" }.ToDictionary(id => new StepId(id), id => new StepProgress(new StepId(id), 5, null, 0.5));
        var view = Given.Run(PlanOf.Lines("a", "b: a")).After.View(progress);
        Assert.Equal([5L, null], view.Steps.Select(step => step.Progress?.Rows));
    }
}
