using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Laws;

/// <summary>A step that waits for a run of another pipeline.</summary>
public sealed class ChildLaws
{
    [Fact]
    public void Its_id_is_written_down_before_it_is_started_and_is_owed_until_it_has_ended()
    {
        var (run, events) = Started("child", "u: child");
        var child = run.ChildOf(0)!;
        Assert.Equal("other", child.Pipeline);
        Assert.Equal([Saying.Of(new Debt.StartChild(0, child.Run))], Run.Owed(run, events).Select(Saying.Of));
        Assert.Equal([Saying.Of(new Debt.StartChild(0, child.Run))], Run.Owed(run).Select(Saying.Of));
        Assert.Equal(child.Run, Started("child", "u: child").Run.ChildOf(0)!.Run);
        Assert.NotEqual(child.Run, Started("childLeft").Run.ChildOf(0)!.Run);
    }

    [Fact]
    public void Its_success_gives_values_and_lets_others_begin()
    {
        var run = Heard(Started("child", "u: child").Run, Words.ChildEnded, values: Words.Value("n", 3));
        Assert.Equal([StepStatus.Succeeded, StepStatus.Running], run.Statuses());
        Assert.Equal(Words.Value("n", 3), Assert.Single(run.Stages[0].Results[0].Values));
        Assert.Empty(Run.Owed(run).OfType<Debt.StartChild>());
    }

    [Fact]
    public void Its_failure_fails_the_step_and_nothing_else_is_heard_of_it()
    {
        var before = Started("child", "u: child").Run;
        var told = Words.ChildEnded(before, "child", Words.Invalid);
        var run = Tell(before, told);
        Assert.Equal((RunStatus.Failed, "u"), (run.Status, run.Plan!.Steps[1].Spec.Id.Value));
        Assert.Equal([StepStatus.Failed, StepStatus.Skipped], run.Statuses());
        Assert.Same(Decision.Nothing, Run.Decide(run, told, Given.Noon));
        Assert.Same(Decision.Nothing, Run.Decide(before, new RunCommand.ChildEnded(new StepId("child"), Given.Id, null, []), Given.Noon));
    }

    [Fact]
    public void A_run_that_is_stopped_stops_it_first_and_ends_when_it_has()
    {
        var before = Started("child", "s").Run;
        var child = before.ChildOf(0)!.Run;
        var run = Tell(before, Words.Cancel());
        Assert.Equal(RunStatus.Cancelling, run.Status);
        Assert.Contains(Saying.Of(new Debt.StopChild(0, child)), Run.Owed(run).Select(Saying.Of));
        run = Tell(Tell(run, Words.Stopped(1)), Words.ChildEnded(run, "child", Words.Invalid));
        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.Equal([StepStatus.Cancelled, StepStatus.Cancelled], run.Statuses());
    }

    [Fact]
    public void One_that_is_abandoned_is_left_alone()
    {
        var run = Tell(Started("childLeft").Run, Words.Cancel());
        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.Empty(Run.Owed(run));
    }

    [Fact]
    public void A_pause_does_not_reach_it_and_its_end_is_heard_meanwhile()
    {
        var run = Tell(Started("child", "u: child").Run, Words.Pause());
        Assert.Single(Run.Owed(run).OfType<Debt.StartChild>());
        run = Tell(run, Words.ChildEnded(run, "child"));
        Assert.Equal([StepStatus.Succeeded, StepStatus.Waiting], run.Statuses());
        Assert.Equal(StepStatus.Running, Tell(run, Words.Resume()).Stages[1].Status);
    }

    [Fact]
    public void It_cannot_be_skipped_or_marked_while_its_run_goes_on()
    {
        var run = Started("child").Run;
        Assert.Equal("ETL6833", Refused(Run.Decide(run, Words.Skip("child"), Given.Noon)));
        Assert.Equal("ETL6833", Refused(Run.Decide(run, Words.Mark("child"), Given.Noon)));
    }

    [Fact]
    public void Pipelines_that_run_each_other_come_to_an_end()
    {
        var plan = PlanOf.Lines("child");
        var pipeline = new PipelineVersion(2, "d", plan.Spec, "/there", Given.Noon, null, null);
        var parent = new ParentRun(Given.Id, new StepId("x"), ParentRun.DepthMax);
        var run = Begun(plan, Given.Start(plan) with { Parent = parent });
        Assert.Equal(parent, run.View().Parent);
        var start = run.StartOf(0, run.ChildOf(0)!, pipeline);
        Assert.Equal(new ParentRun(run.Id, new StepId("child"), ParentRun.DepthMax + 1), start.Parent);
        Assert.Equal("ETL6831", Refused(Run.Begin(Run.None, new RunId("run_deep"), plan, start, Given.Noon)));
        Assert.Equal("ETL4205", Refused(Run.Begin(run, run.Id, plan, Given.Start(plan), Given.Noon)));
    }

    [Fact]
    public void What_it_waits_for_is_seen_and_survives_being_stored()
    {
        var run = Started("child").Run;
        var child = run.ChildOf(0)!.Run;
        Assert.Equal((WaitFor.Run, $"waits for run {child} of pipeline other"), (run.View().Steps[0].Wait!.For, run.View().Wait!.Text));
        Assert.Equal(Saying.Of(run), Saying.Of(Run.Of(run.State())));
        Assert.Equal(child, Run.Of(run.State()).ChildOf(0)!.Run);
    }

    [Fact]
    public void The_end_of_a_run_tells_its_steps_and_its_fault()
    {
        var run = Started("child").Run;
        var other = Tell(Begun(PlanOf.Lines("s", "t: s"), null), Words.Succeed(0));
        var failed = run.EndOf(0, Tell(other, Words.Fail(1, Words.Invalid)).View());
        Assert.Equal(("ETL6832", FaultKind.Invalid), (failed.Fault!.Code, failed.Fault.Kind));
        Assert.Contains(Words.Invalid.Code, failed.Fault.Message);
        var values = run.EndOf(0, Tell(other, Words.Succeed(1)).View()) is { Fault: null } ended ? new SpecValue.Map(ended.Values) : null;
        Assert.Equal("succeeded", ((SpecValue.Map)((SpecValue.Map)values!["steps"]!)["t"]!)["status"]!.ToPlainText());
    }

    private static (Run Run, System.Collections.Immutable.ImmutableArray<RunEvent> Events) Started(params string[] lines)
    {
        var plan = PlanOf.Lines(lines);
        var events = ((Decision.Accepted)Run.Begin(Run.None, Given.Id, plan, Given.Start(plan), Given.Noon)).Events;
        return (Promises.Kept(Run.None, events), events);
    }

    private static Run Begun(Plans.Plan plan, RunCommand.Start? start) => Promises.Kept(
        Run.None, ((Decision.Accepted)Run.Begin(Run.None, Given.Id, plan, start ?? Given.Start(plan), Given.Noon)).Events);

    private static Run Heard(Run run, Func<Run, string, Fault?, Field[], RunCommand> command, params Field[] values) =>
        Tell(run, command(run, "child", null, values));

    private static Run Tell(Run run, RunCommand command) => Promises.Kept(run, ((Decision.Accepted)Run.Decide(run, command, Given.Noon)).Events);

    private static string Refused(Decision decision) => ((Decision.Refused)decision).Faults[0].Code;
}
