using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class ApprovalLaws
{
    private static readonly Plans.Plan Plan = PlanOf.Lines("ask", "t: ask when steps.ask.values.approved", "u: ask when not steps.ask.values.approved");

    [Fact]
    public void Later_steps_branch_on_the_answer()
    {
        Given.Run(Plan).When(Review("ask")).Then(
            Reviewed(0), Dispatched(1), Skipped(2, "its condition is false: not steps.ask.values.approved"));
        Given.Run(Plan).When(Review("ask", approved: false)).Then(
            Reviewed(0, false), Skipped(1, "its condition is false: steps.ask.values.approved"), Dispatched(2));
    }

    [Fact]
    public void Who_answered_and_what_they_said_are_the_steps_values()
    {
        var values = Given.Run(Plan).Then(Review("ask", by: "bob")).After.View().Steps[0].Values;
        Assert.Equal("""{"approved":true,"by":"bob","comment":"fine","decided_by_timeout":false}""", new SpecValue.Map(values).ToJson());
    }

    [Fact]
    public void The_same_answer_again_changes_nothing_and_another_one_is_refused_with_the_first()
    {
        var approved = Given.Run(Plan).Then(Review("ask", by: "bob"));
        approved.When(Review("ask", by: "ann")).ThenNothing();
        var refused = Assert.IsType<Decision.Refused>(approved.When(Review("ask", approved: false)).Decision);
        Assert.Equal(("ETL4268", true), (refused.Faults[0].Code, refused.Faults[0].Message.Contains("by bob: approved", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nobody_in_time_is_an_answer_too()
    {
        var late = Given.Run(PlanOf.Lines("askLate")).Then().When(Elapse(), afterSeconds: 10);
        Assert.Equal("""{"approved":false,"by":null,"comment":null,"decided_by_timeout":true}""",
            new SpecValue.Map(late.After.View().Steps[0].Values).ToJson());
        var refused = Run.Decide(late.After, Review("askLate"), At(11));
        Assert.Contains("by its timeout: rejected", Assert.IsType<Decision.Refused>(refused).Faults[0].Message);
    }

    [Fact]
    public void Without_another_wish_a_step_that_nobody_answers_in_time_fails()
    {
        var plan = PlanOf.Declaring(PlanOf.Lines("ask", "t: ask"), "ask", new Field(AwaitFields.Timeout, new SpecValue.Text("3s")));
        var failed = Given.Run(plan).When(Elapse(), afterSeconds: 3).After;
        Assert.Equal((StepStatus.Failed, "ETL4271", RunStatus.Failed), (failed.Stages[0].Status, failed.Stages[0].Fault!.Code, failed.Status));
    }

    [Fact]
    public void Only_a_step_that_asks_can_be_answered()
    {
        Given.Run(PlanOf.Lines("s", "ask: s")).When(Review("ask")).ThenRefused(FaultKind.Conflict, "ETL4270");
        Given.Run(PlanOf.Lines("s", "ask: s")).When(Review("s")).ThenRefused(FaultKind.Conflict, "ETL4269");
        Given.Run(Plan).Then(Skip("ask")).When(Review("ask")).ThenRefused(FaultKind.Conflict, "ETL4203");
    }

    [Fact]
    public void Nobody_is_told_on_an_old_view_that_a_wish_changes_nothing()
    {
        var plan = PlanOf.Lines("s", "ask: s", "t: ask");
        var old = Given.Run(plan);
        Assert.True(Run.IsBehind(old.After, Review("ask"))); // another owner may have heard that s succeeded
        Assert.False(Run.IsBehind(old.Then(Succeed(0)).After, Review("ask")));
        Assert.True(Run.IsBehind(old.After, Resume()));
        Assert.False(Run.IsBehind(old.After, Pause()));
        Assert.False(Run.IsIdle(old.After)); // what runs would tell it
        Assert.True(Run.IsIdle(old.Then(Succeed(0)).After));
    }

    [Fact]
    public void A_step_whose_fields_make_no_sense_fails_with_what_was_expected()
    {
        var plan = PlanOf.Declaring(PlanOf.Lines("s", "nap: s"), "nap", new Field(AwaitFields.Until, new SpecValue.Text("soon")));
        var failed = Given.Run(plan).When(Succeed(0)).After;
        Assert.Equal(("ETL4272", StepStatus.Failed), (failed.Stages[1].Fault!.Code, failed.Stages[1].Status));
    }
}
