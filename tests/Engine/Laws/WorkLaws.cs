using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class WorkLaws
{
    [Fact]
    public void An_attempt_is_told_its_fence_its_steps_in_order_and_where_paths_start()
    {
        var work = Given.Run(PlanOf.Lines("a+b+c")).Then(Lose(0)).After.Work(0, new Attempt(2));
        Assert.Equal((Given.Id, 0, 2, "/folder"), (work.Run, work.Stage, work.Attempt.Number, work.Folder));
        Assert.Equal(["a", "b", "c"], work.Steps.Select(step => step.Id.Value));
        Assert.Equal([false, false, true], work.Steps.Select(step => step.Published));
    }

    [Fact]
    public void A_step_reads_what_came_out_of_other_stages_by_step_and_other_ports_by_step_and_port()
    {
        var given = Given.Run(PlanOf.Lines("a", "b", "c+d: a, a.rejects, b"))
            .Then(Succeed(0, 1, Result("a", 1, "out", "rejects", "more")), Succeed(1, 1, Result("b", 1, "out")));
        var work = given.After.Work(2, new Attempt(1));
        Assert.Equal(
            ["a = test/a.out@v1", "a.rejects = test/a.rejects@v1", "b = test/b.out@v1"],
            work.Steps[0].Inputs.Select(input => $"{input.Name} = {input.Dataset.Ref}"));
        Assert.Empty(work.Steps[1].Inputs); // what the step before it in the chain gives stays within the query
    }

    [Fact]
    public void A_step_that_always_runs_reads_what_there_is()
    {
        var given = Given.Run(PlanOf.Lines("a", "b", "c: a, b when always"))
            .Then(Succeed(0, 1, Result("a", 1, "out")), Fail(1, Invalid));
        Assert.Equal(["a"], given.After.Work(2, new Attempt(1)).Steps[0].Inputs.Select(input => input.Name));
    }

    [Fact]
    public void A_rerun_reads_what_the_earlier_run_gave()
    {
        var plan = PlanOf.Lines("a", "b: a");
        var rerun = new RerunOf(new RunId("run_0000000000000000000000000z"), [Result("a", 1, "out")]);
        var run = Given.Nothing().WhenBegun(plan, Given.Start(plan, rerun: rerun)).After;
        Assert.Equal("test/a.out@v1", run.Work(1, new Attempt(1)).Steps[0].Inputs.Single().Dataset.Ref.ToString());
    }

    [Fact]
    public void A_file_outside_is_no_input()
    {
        var outside = Result("a") with { Outputs = [new StepOutput("out", null, "/exports/a.csv", 1, 10)] };
        Assert.Empty(Given.Run(PlanOf.Lines("a", "b: a")).Then(Succeed(0, 1, outside)).After.Work(1, new Attempt(1)).Steps[0].Inputs);
    }
}
