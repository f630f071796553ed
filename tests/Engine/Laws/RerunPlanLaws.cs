using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class RerunPlanLaws
{
    private static readonly Plans.Plan Plan = PlanOf.Lines("a", "b: a", "c+d: a", "e: b, d");

    private static Given Past(bool succeeds) => Given.Started(Plan, TimeSpan.FromMinutes(5))
        .Then(Succeed(0, 1, Result("a")), Succeed(1, 1, Result("b")))
        .Then(succeeds ? Succeed(2, 1, Result("c"), Result("d")) : Fail(2, Invalid, step: "c"))
        .Then(succeeds ? [Succeed(3, 1, Result("e"))] : []);

    private static string Reused(Run past, string? from = null, params Field[] changed)
    {
        var plan = RerunPlan.Of(past, from is null ? null : new StepId(from), [.. changed]);
        return string.Join(' ', plan.Command!.Rerun!.Results.Select(result => result.Step));
    }

    [Fact]
    public void A_rerun_of_a_failed_run_uses_again_what_succeeded() => Assert.Equal("a b", Reused(Past(succeeds: false).After));

    [Fact]
    public void A_rerun_from_a_step_runs_it_and_all_below_it_again()
    {
        var past = Past(succeeds: true).After;
        Assert.Equal("a c d", Reused(past, from: "b"));
        Assert.Equal("a b", Reused(past, from: "d")); // c and d are one query
        Assert.Equal("", Reused(past, from: "a"));
        Assert.Equal("a b c d e", Reused(past));
    }

    [Fact]
    public void A_rerun_with_other_parameters_runs_everything_again()
    {
        var day = new Field("day", new SpecValue.Text("monday"));
        var past = Past(succeeds: true).After;
        Assert.Equal("", Reused(past, null, day));
        Assert.Equal(day, Assert.Single(RerunPlan.Of(past, null, [day]).Command!.Params));
    }

    [Fact]
    public void A_rerun_starts_the_same_definition_in_the_same_folder_and_remembers_where_it_comes_from()
    {
        var start = RerunPlan.Of(Past(succeeds: false).After, null, []).Command!;
        Assert.Equal((Plan.Spec, "/folder", Given.Id), (start.Spec, start.Folder, start.Rerun!.From));
        var begun = Given.Nothing().WhenBegun(Plan, start).After;
        Assert.Equal([StepStatus.Reused, StepStatus.Reused, StepStatus.Running, StepStatus.Waiting], begun.Statuses());
    }

    [Fact]
    public void A_run_that_goes_on_or_a_step_that_is_not_there_cannot_be_run_again()
    {
        Assert.Equal("ETL4223", RerunPlan.Of(Given.Run(Plan).After, null, []).Fault!.Code);
        Assert.Equal("ETL4224", RerunPlan.Of(Past(succeeds: true).After, new StepId("nowhere"), []).Fault!.Code);
    }

    [Fact]
    public void A_step_that_was_marked_as_succeeded_runs_again_for_those_that_read_its_dataset()
    {
        var plan = PlanOf.Lines("s", "t: s");
        Assert.Equal("", Reused(Given.Run(plan).Then(Skip("t"), Mark("s")).After, from: "t"));
    }
}
