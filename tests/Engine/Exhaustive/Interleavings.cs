using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Exhaustive;

public sealed class Interleavings
{
    [Fact]
    public void In_every_order_of_five_commands_to_at_most_three_stages_the_promises_are_kept()
    {
        var runs = Everything.Shapes().Sum(plan => Everything.Explore(plan, commandsMax: 5, Check));
        Assert.InRange(runs, 5_000, 1_000_000); // the search has found what there is to find
    }

    [Fact]
    public void In_every_order_of_commands_to_stages_with_conditions_the_promises_are_kept()
    {
        var runs = Everything.Conditions().Sum(plan => Everything.Explore(plan, commandsMax: 4, Check));
        Assert.InRange(runs, 500, 1_000_000);
    }

    [Fact]
    public void In_every_order_of_what_people_and_attempts_say_the_promises_are_kept()
    {
        var runs = Everything.Steered().Sum(plan => Everything.Explore(plan, commandsMax: 4, Check, steered: true));
        Assert.InRange(runs, 2_000, 1_000_000);
    }

    [Fact]
    public void In_every_order_of_what_items_say_the_promises_are_kept()
    {
        var runs = Everything.Mapped().Sum(plan => Everything.Explore(plan, commandsMax: 5, Check));
        Assert.InRange(runs, 2_000, 1_000_000);
        Assert.InRange(Everything.Mapped().Sum(plan => Everything.Explore(plan, commandsMax: 4, Check, steered: true)), 500, 1_000_000);
    }

    [Fact]
    public void In_every_order_of_what_can_be_said_to_a_run_that_undoes_the_promises_are_kept()
    {
        var runs = Everything.Undone().Sum(plan => Everything.Explore(plan, commandsMax: 5, Check, steered: true));
        Assert.InRange(runs, 2_000, 1_000_000);
    }

    [Fact]
    public void In_every_order_of_what_can_be_said_to_a_run_that_kills_the_promises_are_kept()
    {
        var runs = Everything.AllTroubled().Sum(given => Everything.Explore(given, commandsMax: 4, Check));
        Assert.InRange(runs, 2_000, 1_000_000);
    }

    private static void Check(Everything.Way way)
    {
        switch (way.Decision)
        {
            case Decision.Accepted { Events: var events }:
                var after = Promises.Kept(way.Before, events);
                DebtsAgree(way, events, after);
                Heard(way, events);
                break;
            case Decision.Refused refused:
                Assert.NotEmpty(refused.Faults);
                break;
        }
    }

    private static void DebtsAgree(Everything.Way way, ImmutableArray<RunEvent> events, Run after)
    {
        var books = Bookkeeping.Of(Run.Owed(way.Before));
        if (way.Command is RunCommand.Elapse) books.Woken(way.Now);
        books.Heard(after, events);
        var owed = Bookkeeping.Of(Run.Owed(after)).Open;
        if (!books.Open.SequenceEqual(owed))
            throw new BrokenPromise($"{way.Command}: a live owner owes {string.Join(", ", books.Open)}; the run {string.Join(", ", owed)}");
    }

    /// <summary>A report is heard exactly when its attempt is the current one and runs.</summary>
    private static void Heard(Everything.Way way, ImmutableArray<RunEvent> events)
    {
        (int Stage, Attempt Attempt)? about = way.Command switch
        {
            RunCommand.Report r => (r.Stage, r.Attempt),
            RunCommand.Lose l => (l.Stage, l.Attempt),
            RunCommand.HandBack b => (b.Stage, b.Attempt),
            _ => null,
        };
        if (about is not { } of) return;
        var state = way.Before.Stages[of.Stage];
        var isCurrent = state.Items is { IsGathering: false } items
            ? items.Flying.Any(slice => slice.Attempt == of.Attempt.Number) : state.Attempt == of.Attempt;
        Assert.True(state.Status == StepStatus.Running && isCurrent, $"{way.Command} was heard");
        if (way.Command is not RunCommand.HandBack) Assert.NotEmpty(events);
    }
}
