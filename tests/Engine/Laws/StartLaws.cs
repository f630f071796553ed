using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class StartLaws
{
    private static readonly Plans.Plan Diamond = PlanOf.Lines("a", "b: a", "c: a", "d: b, c");

    private static RunEvent.RunStarted Started(Plans.Plan plan, double? deadline = null, RunId? rerunOf = null) =>
        new(Given.Noon, Given.Id, plan, [], "/folder", deadline is { } at ? At(at) : null, rerunOf);

    [Fact]
    public void A_start_dispatches_every_stage_that_needs_nothing() =>
        Given.Nothing().WhenBegun(PlanOf.Lines("a", "b", "c: a, b"), Given.Start(PlanOf.Lines("a", "b", "c: a, b")))
            .Then(Started(PlanOf.Lines("a", "b", "c: a, b")), Dispatched(0), Dispatched(1))
            .Owing(Dispatch(0), Dispatch(1));

    [Fact]
    public void A_start_with_a_timeout_owes_the_wake_that_will_end_it() =>
        Given.Nothing().WhenBegun(Diamond, Given.Start(Diamond, TimeSpan.FromSeconds(90)))
            .Then(Started(Diamond, deadline: 90), Dispatched(0))
            .Owing(Dispatch(0), Wake(90));

    [Fact]
    public void The_same_start_again_changes_nothing()
    {
        var start = Given.Start(Diamond, TimeSpan.FromMinutes(1));
        Given.Started(Diamond, TimeSpan.FromMinutes(1)).When(start, afterSeconds: 5).ThenNothing();
        Given.Started(Diamond, TimeSpan.FromMinutes(1)).WhenBegun(Diamond, start).ThenNothing();
    }

    [Fact]
    public void The_same_start_changes_nothing_in_a_run_that_has_ended() =>
        Given.Run(PlanOf.Chain(1)).Then(Succeed(0)).When(Given.Start(PlanOf.Chain(1))).ThenNothing();

    [Fact]
    public void Another_start_under_the_same_id_is_a_conflict()
    {
        var start = Given.Start(Diamond);
        RunCommand[] others =
        [
            Given.Start(PlanOf.Chain(2)),
            start with { Params = [new Field("day", new SpecValue.Text("monday"))] },
            start with { Folder = "/elsewhere" },
            start with { Timeout = TimeSpan.FromSeconds(1) },
            start with { Rerun = new RerunOf(new RunId("run_0000000000000000000000000z"), []) },
        ];
        foreach (var other in others) Given.Run(Diamond).When(other).ThenRefused(FaultKind.Conflict, "ETL4205");
    }

    [Fact]
    public void Nothing_but_a_start_is_heard_by_a_run_that_does_not_exist()
    {
        foreach (var command in new[] { Succeed(0), Lose(0), Cancel(), Elapse(), Given.Start(Diamond) })
            Given.Nothing().When(command).ThenRefused(FaultKind.NotFound, "ETL4201");
    }

    [Fact]
    public void A_plan_without_stages_has_succeeded_as_soon_as_it_starts() =>
        Given.Nothing().WhenBegun(PlanOf.Lines(), Given.Start(PlanOf.Lines()))
            .Then(Started(PlanOf.Lines()), Ended(RunStatus.Succeeded))
            .Owing();

    [Fact]
    public void A_handler_of_failure_that_depends_on_nothing_is_skipped_at_once_and_so_is_what_follows_it()
    {
        var plan = PlanOf.Lines("a when on_failure", "b: a");
        Given.Nothing().WhenBegun(plan, Given.Start(plan)).Then(
            Started(plan), Skipped(0, "nothing before it failed"), Skipped(1, "a was skipped"), Ended(RunStatus.Succeeded));
    }
}
