using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class QuarantineLaws
{
    private static readonly Plans.Plan Two = PlanOf.Lines("s", "t: s");

    /// <summary>The process of the step dies so often, each time while it runs.</summary>
    private static Given Died(Given given, int times, int stage = 0)
    {
        for (var death = 0; death < times; death++)
        {
            var attempt = given.After.Stages[stage].Attempt.Number;
            given = given.Then(Begin(stage, attempt), Die(stage, attempt));
        }
        return given;
    }

    private static Given RescuedOften(Given given) =>
        given.Then([.. Enumerable.Range(1, Run.RescuesMax).Select(death => Rescue($"p{death}"))]);

    private static Given Quarantined() => Died(Given.Started(Two, TimeSpan.FromHours(1)), Run.DeathsMax);

    [Fact]
    public void A_step_that_takes_its_process_with_it_again_and_again_puts_its_run_in_quarantine_and_is_named()
    {
        var deadly = Died(Given.Run(PlanOf.Lines(Patient(3), "s", "t: s", "u")), Run.DeathsMax - 1).Then(Begin(0, 5));
        deadly.When(Succeed(0, 5)).Then(Succeeded(0, 5), Dispatched(1));
        var after = deadly.When(Die(0, 5)).Owing().After;
        Assert.Equal((RunStatus.Quarantined, "ETL6400"), (after.Status, after.Quarantine!.Fault.Code));
        Assert.Contains("Step s was begun again and again, and the process that ran it died 5 times", after.Quarantine.Fault.Message);
        Assert.Equal([StepStatus.Retrying, StepStatus.Waiting, StepStatus.Retrying], after.Statuses());
        Assert.Empty(Run.Owed(after));
        Assert.Equal(after.Quarantine.Fault, after.View().Fault);
        Assert.Equal(WaitFor.Redrive, after.View().Wait!.For);
        Assert.Equal(Saying.Of(after), Saying.Of(Run.Of(after.State())));
    }

    [Fact]
    public void After_some_deaths_a_step_has_the_process_to_itself_and_says_when_it_begins()
    {
        var once = Given.Run(Two).Then(Die(0));
        once.When(Begin(0, 2)).ThenNothing();
        Assert.False(once.After.Work(0, new(2)).Alone);
        var suspect = once.Then(Die(0, 2));
        Assert.True(suspect.After.Work(0, new(3)) is { Alone: true, IsSuspect: true });
        suspect.When(Begin(0, 3)).Then(Began(0, 3)).Owing();
        suspect.Then(Begin(0, 3)).When(Begin(0, 3)).ThenNothing();
        suspect.When(Begin(0, 2)).ThenRefused(FaultKind.Fenced, "ETL4207");
    }

    [Fact]
    public void What_only_stood_beside_a_step_that_kills_is_never_blamed()
    {
        var given = Given.Run(PlanOf.Lines("s"));
        for (var death = 1; death <= 50; death++) given = given.Then(Rescue($"p{death}"), Die(0, death));
        Assert.Equal((RunStatus.Running, Run.DeathsBeside, Run.DeathsBeside),
            (given.After.Status, given.After.Stages[0].Died, given.After.Rescued.Length));
    }

    [Fact]
    public void A_step_whose_processes_leave_is_not_taken_for_one_that_kills()
    {
        var moved = Given.Run(PlanOf.Lines("s"));
        for (var attempt = 1; attempt <= 50; attempt++) moved = moved.Then(attempt % 2 == 0 ? Stopped(0, attempt) : Lose(0, attempt));
        Assert.Equal((StepStatus.Running, 0), (moved.After.Stages[0].Status, moved.After.Stages[0].Died));
    }

    [Fact]
    public void An_item_that_kills_is_found_among_others_which_go_on()
    {
        var given = Given.Run(PlanOf.Lines("s").ForEach(2)).Then(ItemWords.Listed(100));
        var deaths = 0;
        while (given.After.Status == RunStatus.Running)
        {
            var items = given.After.Stages[0].Items!;
            var process = items.Flying.Any(given.After.IsAlone) ? [items.Flying.First(given.After.IsAlone)] : items.Flying.ToArray();
            var deadly = process.Any(slice => slice.From <= 42 && 42 < slice.From + slice.Count);
            foreach (var slice in process)
            {
                given = given.Then(Begin(0, slice.Attempt));
                if (deadly) given = given.Then(Die(0, slice.Attempt));
                else given = given.Then(ItemWords.Did(slice.Attempt, slice.Count));
                if (given.After.Status != RunStatus.Running) break;
            }
            if (deadly) deaths++;
            Assert.True(deaths <= 2 * Run.DeathsMax, Saying.Of(given.After));
        }
        Assert.Equal((RunStatus.Quarantined, "ETL6400"), (given.After.Status, given.After.Quarantine!.Fault.Code));
        Assert.Contains("Item 42 of step s", given.After.Quarantine.Fault.Message);
        Assert.Equal(Run.DeathsMax, deaths);
        Assert.Empty(Run.Owed(given.After));
        Assert.Equal(Saying.Of(given.After), Saying.Of(Run.Of(given.After.State())));

        var redriven = given.Then(Redrive());
        Assert.Equal((RunStatus.Running, null), (redriven.After.Status, redriven.After.Stages[0].Items!.Deaths));
        while (redriven.After.Stages[0].Items is { IsGathering: false } items)
            redriven = redriven.Then(ItemWords.Did(items.Flying[0].Attempt, items.Flying[0].Count));
        Assert.Equal(100, redriven.After.Stages[0].Items!.Succeeded);
    }

    [Fact]
    public void A_rescue_changes_nothing_but_is_counted_and_the_same_death_once()
    {
        Given.Run(Two).When(Rescue("p1")).Then(Rescued("p1")).Owing();
        Given.Run(Two, Rescued("p1")).When(Rescue("p1")).ThenNothing();
    }

    [Fact]
    public void A_run_that_takes_whoever_drives_it_is_left_alone_after_so_many_rescues()
    {
        var after = RescuedOften(Given.Run(Two)).When(Rescue("p6")).Owing().After;
        Assert.Equal((RunStatus.Quarantined, "ETL6401"), (after.Status, after.Quarantine!.Fault.Code));
        Assert.Equal(["p1", "p2", "p3", "p4", "p5", "p6"], after.Quarantine.Lost);
        Assert.Contains("p1, p2, p3, p4, p5, p6. Last ran: s.", after.Quarantine.Fault.Message);
        Assert.Equal([StepStatus.Retrying, StepStatus.Waiting], after.Statuses());
    }

    [Fact]
    public void Progress_begins_the_count_anew()
    {
        foreach (var progress in new[] { Succeed(0), Fail(0, Unavailable) })
        {
            var given = RescuedOften(Given.Run(PlanOf.Lines(Patient(1), "s", "t: s", "u"))).Then(progress);
            Assert.Empty(given.After.Rescued);
            Assert.Equal(RunStatus.Running, RescuedOften(given).After.Status);
        }
    }

    [Fact]
    public void A_run_that_only_waits_is_never_quarantined_however_often_its_process_dies()
    {
        foreach (var waits in new[] { "signal", "ask", "nap" })
            for (var death = 1; death <= 50; death++) Given.Run(PlanOf.Lines(waits)).When(Rescue($"p{death}")).ThenNothing();
        Given.Run(PlanOf.Lines(Patient(1), "s"), Retries(0, Unavailable, 1)).When(Rescue("p1")).ThenNothing();
        Given.Run(Two).Then(Pause(), Lose(0)).When(Rescue("p1")).ThenNothing();
    }

    [Fact]
    public void In_a_home_where_one_process_does_all_the_step_is_blamed_and_not_the_run()
    {
        var given = Given.Run(PlanOf.Lines("s"));
        for (var death = 1; given.After.Status == RunStatus.Running; death++) given = given.Then(Begin(0, death), Rescue($"p{death}"), Die(0, death));
        Assert.Equal("ETL6400", given.After.Quarantine!.Fault.Code);
        Assert.Equal(Run.DeathsMax, given.After.Quarantine.Lost.Length);
    }

    [Fact]
    public void No_time_and_no_late_report_moves_a_quarantined_run()
    {
        var quarantined = Quarantined();
        quarantined.When(Elapse(), afterSeconds: 1_000_000).ThenNothing();
        quarantined.When(Succeed(0, 5)).ThenRefused(FaultKind.Fenced, "ETL4207");
        quarantined.When(Rescue("p7")).ThenNothing();
        quarantined.When(Pause()).ThenRefused(FaultKind.Conflict, "ETL6402");
        quarantined.When(Resume()).ThenRefused(FaultKind.Conflict, "ETL6402");
    }

    [Fact]
    public void Redriven_it_goes_on_with_the_next_attempt_a_clean_slate_and_the_time_that_it_had_left()
    {
        var redriven = Quarantined().When(Redrive(), afterSeconds: 7_200).Then(Redriven(7_200), Dispatched(0, 6, at: 7_200))
            .Owing(Dispatch(0, 6), Wake(3_600 + 7_200));
        Assert.Equal((RunStatus.Running, 0, 0), (redriven.After.Status, redriven.After.Rescued.Length, redriven.After.Stages[0].Died));
        Quarantined().Then(Redrive()).When(Redrive()).ThenNothing();
        Given.Run(Two).Then(Cancel(), Stopped(0)).When(Redrive()).ThenRefused(FaultKind.Conflict, "ETL4203");
    }

    [Fact]
    public void Redriven_while_its_pipeline_is_paused_it_begins_nothing()
    {
        var decision = Run.Redrive(Quarantined().After, new RunCommand.Redrive("ann"), Given.Noon, new PipelinePause(null, Given.Noon, "holidays", "bob"));
        var after = Assert.IsType<Decision.Accepted>(decision).Events.Aggregate(Quarantined().After, Run.Apply);
        Assert.Equal((RunStatus.Paused, StepStatus.Retrying), (after.Status, after.Stages[0].Status));
        Assert.Empty(Run.Owed(after).Where(debt => debt is Debt.Dispatch));
    }

    [Fact]
    public void Deaths_in_a_paused_run_leave_it_paused()
    {
        var paused = Died(Given.Run(Two), Run.DeathsMax - 1).Then(Begin(0, 5), Pause(), Die(0, 5));
        Assert.Equal((RunStatus.Paused, StepStatus.Retrying), (paused.After.Status, paused.After.Stages[0].Status));
        Assert.Equal(RunStatus.Quarantined, Died(paused.Then(Resume()), 1).After.Status);
    }

    [Fact]
    public void In_quarantine_a_step_can_be_skipped_and_the_run_be_cancelled()
    {
        var skipped = Quarantined().Then(Skip("s"));
        Assert.Equal([StepStatus.Skipped, StepStatus.Waiting], skipped.After.Statuses());
        Assert.Equal([StepStatus.Skipped, StepStatus.Skipped], skipped.Then(Redrive()).After.Statuses());
        Assert.Equal(RunStatus.Cancelled, Quarantined().Then(Cancel()).After.Status);
    }

    [Fact]
    public void A_quarantined_run_ends_when_its_last_step_is_ended_by_hand() =>
        Assert.Equal(RunStatus.Succeeded, Died(Given.Run(PlanOf.Lines("s")), Run.DeathsMax).Then(Skip("s")).After.Status);

    [Fact]
    public void In_quarantine_nobody_works_for_the_run_any_more_so_that_its_limits_come_back()
    {
        var after = Quarantined().After;
        Assert.False(Run.IsAtWork(after, 0, new(5)));
        Assert.False(Run.IsAtWork(after, null, Attempt.None));
        Assert.True(Run.IsAtWork(Quarantined().Then(Redrive()).After, null, Attempt.None));
    }
}

file static class OfSlices
{
    public static bool IsAlone(this Run run, ItemSlice slice) => run.Work(0, new(slice.Attempt)).Alone;
}
