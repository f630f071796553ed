using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

/// <summary>Results of another run that did the same work.</summary>
public sealed class ReuseLaws
{
    private static readonly RunId Earlier = new("run_01kd000000000000000000000e");
    private static readonly Plan Plan = Reusing(PlanOf.Lines("a+b", "c: b"));

    private static Plan Reusing(Plan plan) =>
        plan with { Stages = [.. plan.Stages.Select(stage => stage with { Reuse = TimeSpan.FromDays(7) })] };

    private static RunCommand Found(int stage, params StepResult[] results) =>
        new RunCommand.Report(stage, new Attempt(1), new StageOutcome.Succeeded([.. results], "key", Earlier));

    private static Run Begun(Refresh? refresh = null, Plan? plan = null) =>
        Given.Nothing().WhenBegun(plan ?? Plan, Given.Start(plan ?? Plan) with { Refresh = refresh }).After;

    [Fact]
    public void Results_of_another_run_end_a_stage_and_what_needs_it_goes_on()
    {
        var asked = Given.Run(Plan).When(Found(0, Result("a"), Result("b", 9)), 2);
        asked.Then(
            new RunEvent.StageReused(Given.Noon.AddSeconds(2), 0, [Result("a"), Result("b", 9)], Earlier), Dispatched(1, at: 2))
            .Owing(Dispatch(1));
        var view = asked.After.View().Steps[1];
        Assert.Equal((StepStatus.Reused, Earlier, 9L), (view.Status, view.ReusedFrom!.Value, view.RowsOut!.Value));
        Assert.Equal($"reused from {Earlier}/b", view.Waiting);
        Assert.Equal((Given.Noon, Given.Noon.AddSeconds(2)), (view.StartedAt, view.EndedAt)); // looking for it took its time
    }

    [Fact]
    public void What_was_found_is_refused_like_any_report_that_comes_too_late()
    {
        var ended = Given.Run(Plan).Then(Succeed(0, 1, Result("a"), Result("b")));
        ended.When(Found(0, Result("a"), Result("b"))).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void Work_that_was_done_keeps_its_name_and_work_that_was_found_or_marked_has_none()
    {
        var report = new RunCommand.Report(0, new Attempt(1), new StageOutcome.Succeeded([Result("a"), Result("b")], "key"));
        Assert.Equal("key", Given.Run(Plan).When(report).Events.OfType<RunEvent.StageSucceeded>().Single().ReuseKey);
        Assert.Empty(Given.Run(Plan).When(Found(0, Result("a"), Result("b"))).Events.OfType<RunEvent.StageSucceeded>());
        Assert.Empty(Given.Run(Plan).When(Skip("a", whole: true)).Events.OfType<RunEvent.StageSucceeded>());
    }

    [Fact]
    public void A_retry_that_finds_results_forgets_the_fault_before()
    {
        var plan = Reusing(PlanOf.Lines(Patient(3), "a", "b: a"));
        var again = Given.Run(plan).Then(Fail(0, Unavailable)).When(Elapse(), 1).After;
        var found = new RunCommand.Report(0, new Attempt(2), new StageOutcome.Succeeded([Result("a")], "key", Earlier));
        var after = ((Decision.Accepted)Run.Decide(again, found, Given.Noon)).Events.Aggregate(again, Run.Apply);
        Assert.Null(after.View().Steps[0].Fault);
        Assert.Equal(StepStatus.Reused, after.Stages[0].Status);
    }

    [Fact]
    public void An_attempt_is_told_how_old_results_may_be_and_whether_to_do_its_work_anyway()
    {
        var work = Begun().Work(0, new Attempt(1));
        Assert.Equal((TimeSpan.FromDays(7), false), (work.Reuse!.Value, work.Refresh));
        Assert.True(Begun(new Refresh(true, [])).Work(0, new Attempt(1)).Refresh);
        Assert.True(Begun(new Refresh(false, [new StepId("b")])).Work(0, new Attempt(1)).Refresh); // a and b are one query
        Assert.False(Begun(new Refresh(false, [new StepId("c")])).Work(0, new Attempt(1)).Refresh);
        Assert.Null(Begun(new Refresh(true, []), PlanOf.Lines("a+b")).Work(0, new Attempt(1)).Reuse);
    }

    [Fact]
    public void A_step_to_be_refreshed_must_be_there()
    {
        Given.Nothing().WhenBegun(Plan, Given.Start(Plan) with { Refresh = new Refresh(false, [new StepId("z")]) })
            .ThenRefused(FaultKind.NotFound, "ETL4224");
    }

    [Fact]
    public void Starting_again_with_other_steps_to_be_refreshed_is_another_start()
    {
        var refresh = new Refresh(false, [new StepId("a")]);
        var run = Begun(refresh);
        Assert.IsType<Decision.Accepted>(Run.Begin(
            run, Given.Id, Plan, Given.Start(Plan) with { Refresh = new Refresh(false, [new StepId("a")]) }, Given.Noon));
        Assert.IsType<Decision.Refused>(Run.Begin(run, Given.Id, Plan, Given.Start(Plan), Given.Noon));
    }

    [Fact]
    public void A_rerun_from_a_step_runs_that_step_whatever_others_gave()
    {
        var past = Given.Run(Plan).Then(Succeed(0, 1, Result("a"), Result("b")), Succeed(1, 1, Result("c"))).After;
        Assert.Equal(new Refresh(false, [new StepId("c")]), RerunPlan.Of(past, new StepId("c"), []).Command!.Refresh);
        Assert.Null(RerunPlan.Of(past, null, []).Command!.Refresh);
    }

    [Fact]
    public void What_a_rerun_takes_over_says_where_it_comes_from()
    {
        var past = Given.Run(Plan).Then(Succeed(0, 1, Result("a"), Result("b")), Fail(1, Invalid)).After;
        var again = Given.Nothing().WhenBegun(Plan, RerunPlan.Of(past, null, []).Command!).After;
        Assert.Equal(Given.Id, again.View().Steps[0].ReusedFrom);
    }

    [Fact]
    public void A_run_that_is_stored_and_read_is_the_same()
    {
        var run = Given.Nothing().WhenBegun(Plan, Given.Start(Plan) with { Refresh = new Refresh(false, [new StepId("c")]) }).After;
        var decided = (Decision.Accepted)Run.Decide(run, Found(0, Result("a"), Result("b")), Given.Noon);
        run = decided.Events.Aggregate(run, Run.Apply);
        Assert.Equal(Saying.Of(run), Saying.Of(Run.Of(run.State())));
    }
}
