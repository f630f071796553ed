using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class RerunLaws
{
    private static readonly RunId Earlier = new("run_0000000000000000000000000z");
    private static readonly Plans.Plan Plan = PlanOf.Lines("a", "b: a", "c+d: a", "e: b, d");

    private static Asked Rerun(params StepResult[] results) =>
        Given.Nothing().WhenBegun(Plan, Given.Start(Plan, rerun: new RerunOf(Earlier, [.. results])));

    private static StepStatus[] StatusesOf(params StepResult[] results) => Rerun(results).After.Statuses();

    [Fact]
    public void Finished_steps_are_used_again_and_the_others_run()
    {
        var run = Rerun(Result("a"), Result("b")).After;
        Assert.Equal([StepStatus.Reused, StepStatus.Reused, StepStatus.Running, StepStatus.Waiting], run.Statuses());
        Assert.Equal(Earlier, run.RerunOf);
        Assert.Equal("b", run.Stages[1].Results[0].Step.Value);
    }

    [Fact]
    public void A_result_is_never_used_below_a_stage_that_runs_anew() =>
        Assert.Equal(
            [StepStatus.Running, StepStatus.Waiting, StepStatus.Waiting, StepStatus.Waiting],
            StatusesOf(Result("b"), Result("c"), Result("d"), Result("e")));

    [Fact]
    public void A_stage_is_used_again_as_a_whole_or_not_at_all()
    {
        Assert.Equal(StepStatus.Running, StatusesOf(Result("a"), Result("c"))[2]);
        Assert.Equal(StepStatus.Reused, StatusesOf(Result("a"), Result("c"), Result("d"))[2]);
    }

    [Fact]
    public void A_join_below_reused_and_running_stages_waits_for_those_that_run()
    {
        var run = Rerun(Result("a"), Result("b")).After;
        Assert.Equal(1, run.Stages[3].NeedsOpen);
    }

    [Fact]
    public void A_rerun_in_which_everything_is_used_again_has_succeeded_at_once() =>
        Assert.Equal(RunStatus.Succeeded, Rerun(Result("a"), Result("b"), Result("c"), Result("d"), Result("e")).After.Status);

    [Fact]
    public void Results_of_unknown_steps_and_results_given_twice_do_no_harm() =>
        Assert.Equal(
            [StepStatus.Reused, StepStatus.Running, StepStatus.Running, StepStatus.Waiting],
            StatusesOf(Result("a"), Result("a"), Result("gone")));
}
