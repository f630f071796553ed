using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class ReportLaws
{
    private static readonly Plans.Plan Diamond = PlanOf.Lines("a", "b: a", "c: a", "d: b, c");

    [Fact]
    public void A_success_is_written_together_with_the_dispatch_of_what_waited_for_it() =>
        Given.Run(PlanOf.Chain(3)).When(Succeed(0), afterSeconds: 4)
            .Then(Succeeded(0, at: 4), Dispatched(1, at: 4))
            .Owing(Dispatch(1));

    [Fact]
    public void A_stage_starts_the_moment_its_own_needs_have_ended_and_not_when_their_layer_has() =>
        Given.Run(PlanOf.Lines("slow", "fast", "after-fast: fast", "after-both: slow, fast"))
            .When(Succeed(1))
            .Then(Succeeded(1), Dispatched(2))
            .Owing(Dispatch(2));

    [Fact]
    public void A_join_waits_for_the_last_of_its_needs()
    {
        var halfway = Given.Run(Diamond).Then(Succeed(0));
        halfway.When(Succeed(2)).Then(Succeeded(2)).Owing();
        halfway.Then(Succeed(2)).When(Succeed(1)).Then(Succeeded(1), Dispatched(3)).Owing(Dispatch(3));
    }

    [Fact]
    public void The_last_success_ends_the_run() =>
        Given.Run(PlanOf.Chain(2)).Then(Succeed(0)).When(Succeed(1)).Then(Succeeded(1), Ended(RunStatus.Succeeded)).Owing();

    [Fact]
    public void A_late_report_from_an_old_attempt_changes_nothing()
    {
        var second = Given.Run(PlanOf.Chain(2)).Then(Lose(0));
        foreach (var late in new[] { Succeed(0, 1), Fail(0, Unavailable, 1), Fail(0, Invalid, 1), Stopped(0, 1), Lose(0, 1) })
            second.When(late).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void A_report_of_an_attempt_that_has_not_been_made_changes_nothing()
    {
        Given.Run(Diamond).When(Succeed(0, 2)).ThenRefused(FaultKind.Fenced, "ETL4207");
        Given.Run(Diamond).When(Succeed(0, 0)).ThenRefused(FaultKind.Fenced, "ETL4207");
        Given.Run(Diamond).When(Succeed(1, 0)).ThenRefused(FaultKind.Fenced, "ETL4207"); // it waits: its attempt is 0
        Given.Run(Diamond).When(Succeed(1, 1)).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void An_owner_who_hears_of_an_attempt_that_it_has_not_made_is_behind()
    {
        Assert.True(Runs.Run.IsBehind(Given.Run(Diamond).After, Succeed(0, 2)));
        Assert.True(Runs.Run.IsBehind(Given.Run(Diamond).After, Lose(1, 1)));
        Assert.False(Runs.Run.IsBehind(Given.Run(Diamond).After, Succeed(0, 1)));
        Assert.False(Runs.Run.IsBehind(Given.Run(Diamond).Then(Lose(0)).After, Succeed(0, 1)));
        Assert.False(Runs.Run.IsBehind(Given.Run(Diamond).After, Succeed(4, 1)));
        Assert.False(Runs.Run.IsBehind(Given.Run(Diamond).After, Cancel()));
        foreach (var command in new[] { Succeed(0), Lose(0), Cancel(), Elapse() })
            Assert.True(Runs.Run.IsBehind(Runs.Run.None, command)); // it may have been started meanwhile
        Assert.False(Runs.Run.IsBehind(Runs.Run.None, Given.Start(Diamond)));
    }

    [Theory, InlineData(-1), InlineData(4), InlineData(int.MaxValue), InlineData(int.MinValue)]
    public void A_report_of_a_stage_that_is_not_in_the_plan_is_refused(int stage)
    {
        Given.Run(Diamond).When(Succeed(stage)).ThenRefused(FaultKind.NotFound, "ETL4206");
        Given.Run(Diamond).When(Lose(stage)).ThenRefused(FaultKind.NotFound, "ETL4206");
    }

    [Fact]
    public void The_same_report_twice_counts_once()
    {
        Given.Run(PlanOf.Chain(2)).Then(Succeed(0)).When(Succeed(0)).ThenRefused(FaultKind.Fenced, "ETL4207");
        Given.Run(PlanOf.Lines(Patient(1), "a")).Then(Fail(0, Unavailable)).When(Fail(0, Unavailable))
            .ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void No_report_changes_a_stage_that_has_ended()
    {
        foreach (var first in new[] { Succeed(0), Fail(0, Invalid) })
        foreach (var then in new[] { Succeed(0), Fail(0, Invalid), Fail(0, Unavailable), Stopped(0), Lose(0) })
            Given.Run(Diamond).Then(first).When(then).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void Nothing_changes_a_run_that_has_ended()
    {
        var ended = new[]
        {
            Given.Run(PlanOf.Chain(1)).Then(Succeed(0)),
            Given.Run(PlanOf.Chain(1)).Then(Fail(0, Invalid)),
            Given.Run(PlanOf.Chain(1)).Then(Cancel(), Stopped(0)),
        };
        foreach (var run in ended)
        {
            Assert.True(run.After.Status.IsTerminal());
            Assert.Empty(Runs.Run.Owed(run.After));
            Assert.Null(run.After.NextWake);
            run.When(Succeed(0)).ThenRefused(FaultKind.Fenced, "ETL4207");
            run.When(Lose(0)).ThenRefused(FaultKind.Fenced, "ETL4207");
            run.When(Cancel()).ThenRefused(FaultKind.Conflict, "ETL4203");
            run.When(Elapse(), afterSeconds: 1e6).ThenNothing();
        }
    }
}
