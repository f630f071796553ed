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
    public void A_rerun_has_the_given_parameters_in_the_place_of_the_others() => Assert.Equal(
        [Value("lim", 6), Value("other", 1)], RerunPlan.Of(Ran(Plan), null, [Value("lim", 6)]).Command!.Params);

    [Theory]
    [InlineData("a", "")]
    [InlineData("b", "a c d")]
    [InlineData("c", "a b")] // c and d are one query
    [InlineData("d", "a b")]
    [InlineData("e", "a b c d")]
    public void What_reads_a_changed_parameter_and_what_depends_on_it_runs_again(string step, string reused)
    {
        var past = Ran(PlanOf.With(Plan, step, "field", "{{ params.lim }}"));
        Assert.Equal(reused, Reused(past, null, Value("lim", 6)));
        Assert.Equal(reused, Reused(past, null, Value("other", 1), Value("lim", 6)));
        Assert.Equal("a b c d e", Reused(past, null, Value("lim", 5))); // the value that it had
        Assert.Equal("a b c d e", Reused(past, null, Value("other", 2)));
    }

    [Fact]
    public void A_rerun_from_a_step_with_other_parameters_uses_again_what_came_before_it()
    {
        var past = Ran(PlanOf.With(Plan, "b", "field", "{{ params.lim }}"));
        Assert.Equal("a c d", Reused(past, "b", Value("lim", 6)));
        Assert.Equal("a", Reused(past, "c", Value("lim", 6)));
        Assert.Equal("a b", Reused(past, "c", Value("lim", 5)));
    }

    [Fact]
    public void A_parameter_that_the_earlier_run_did_not_have_has_changed() => Assert.Equal(
        "a c d", Reused(Ran(PlanOf.With(Plan, "b", "field", "{{ params.late | default(0) }}")), null, Value("late", 0)));

    [Theory]
    [InlineData("{{ params.lim }}", true)]
    [InlineData("up to {{ run.id }}, {{ 1 + (params.lim | default(3)) }}", true)]
    [InlineData("{{ params.lim.most }}", true)]
    [InlineData("{{ params }}", true)]
    [InlineData("{{ 1 + }}", true)] // nobody knows what it reads
    [InlineData("{{ params.lim", true)]
    [InlineData("{{ params.other }}", false)]
    [InlineData("{{ run.id }} params.lim", false)]
    public void A_text_anywhere_in_a_step_may_read_a_parameter(string text, bool reads)
    {
        var value = new SpecValue.Text(text);
        var nested = new Field("fields", new SpecValue.List([new SpecValue.Map([new Field("field", value)])]));
        Assert.Equal(reads, ParamUse.Reads(PlanOf.With(Plan, "b", [nested]), Plan.Stages[1], ["lim"]));
        var each = Plan.Steps[1] with { Spec = Plan.Steps[1].Spec with { ForEach = new ForEachSpec(ItemSource.Items, value) } };
        Assert.Equal(reads, ParamUse.Reads(Plan with { Steps = Plan.Steps.SetItem(1, each) }, Plan.Stages[1], ["lim"]));
        Assert.False(ParamUse.Reads(PlanOf.With(Plan, "b", [nested]), Plan.Stages[0], ["lim"]));
        Assert.False(ParamUse.Reads(PlanOf.With(Plan, "b", [nested]), Plan.Stages[1], []));
    }

    [Theory]
    [InlineData("params.lim > 1", true)]
    [InlineData("params.other > 1", false)]
    [InlineData("params.lim >", true)]
    public void A_condition_may_read_a_parameter(string condition, bool reads) =>
        Assert.Equal(reads, ParamUse.Reads(PlanOf.Lines("a", $"b: a when {condition}"), PlanOf.Lines("a", $"b: a when {condition}").Stages[1], ["lim"]));

    private static Run Ran(Plans.Plan plan)
    {
        var run = Given.Nothing().WhenBegun(plan, Given.Start(plan) with { Params = [Value("lim", 5), Value("other", 1)] }).After;
        RunCommand[] reports = [Succeed(0, 1, Result("a")), Succeed(1, 1, Result("b")), Succeed(2, 1, Result("c"), Result("d")), Succeed(3, 1, Result("e"))];
        foreach (var report in reports)
            run = Assert.IsType<Decision.Accepted>(Run.Decide(run, report, Given.Noon)).Events.Aggregate(run, Run.Apply);
        return run;
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
