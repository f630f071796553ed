using OrleansEtl.Engine.Limits;
using static OrleansEtl.Engine.Tests.Limits.Desk;

namespace OrleansEtl.Engine.Tests.Limits;

public sealed class LimitLaws
{
    [Fact]
    public void Who_fits_is_let_in_at_once_and_who_does_not_waits()
    {
        var desk = With(concurrency: 2);
        Assert.Equal("queued 1, granted 1", desk.Asks(1));
        Assert.Equal("queued 2", desk.Asks(2, weight: 2));
        Assert.Equal("queued 3", desk.Asks(3)); // it would fit, and waits for the one before it
        Assert.Equal("released 1, granted 2", desk.Tell(Release(1)));
        Assert.Equal("released 2, granted 3", desk.Tell(Release(2)));
    }

    [Fact]
    public void Asking_twice_and_releasing_twice_and_too_late_are_harmless()
    {
        var desk = With(1);
        desk.Asks(1);
        desk.Asks(2);
        Assert.Equal(("heard 1", "heard 2"), (desk.Asks(1), desk.Asks(2)));
        Assert.Equal("released 1, granted 2", desk.Tell(Release(1)));
        Assert.Equal(("", ""), (desk.Tell(Release(1)), desk.Tell(Release(99))));
        Assert.True(desk.Limit.IsHeldBy(Ticket(2)));
    }

    [Fact]
    public void A_newer_attempt_takes_the_place_of_a_dead_one_which_is_not_heard_any_more()
    {
        var desk = With(1);
        desk.Asks(1);
        desk.Asks(2);
        Assert.Equal("released 1, queued 1/2, granted 2", desk.Asks(1, attempt: 2));
        Assert.Equal("refused ETL6304", desk.Asks(1, attempt: 1));
        Assert.Equal("", desk.Tell(Release(1, attempt: 1)));
        Assert.Equal("withdrawn 1/2, queued 1/3", desk.Asks(1, attempt: 3));
        Assert.Equal("released 2, granted 1/3", desk.Tell(Release(2)));
        Assert.Equal("", desk.Tell(new LimitCommand.Renew([Ticket(1, 2)])));
        Assert.Equal("", desk.Tell(new LimitCommand.Leave(Ticket(1, 3)))); // it holds, and goes on to
        Assert.Equal("released 1/3", desk.Tell(Release(1, attempt: 3)));
    }

    [Fact]
    public void Who_gives_up_waiting_leaves_the_line_and_lets_the_next_one_pass()
    {
        var desk = With(2);
        desk.Asks(1);
        desk.Asks(2, weight: 2);
        desk.Asks(3);
        Assert.Equal("withdrawn 2, granted 3", desk.Tell(new LimitCommand.Leave(Ticket(2))));
    }

    [Fact]
    public void Less_than_is_held_takes_nothing_from_anybody_and_more_lets_in()
    {
        var desk = With(3);
        foreach (var number in new[] { 1, 2, 3, 4, 5 }) desk.Asks(number);
        Assert.Equal("changed", desk.Tell(Set(1)));
        Assert.Equal(3, desk.Limit.Held);
        Assert.Equal(("released 1", "released 2"), (desk.Tell(Release(1)), desk.Tell(Release(2))));
        Assert.Equal("released 3, granted 4", desk.Tell(Release(3)));
        Assert.Equal("", desk.Tell(Set(1)));
        Assert.Equal("changed, granted 5", desk.Tell(Set(2)));
    }

    [Fact]
    public void One_that_is_set_stays_where_it_is_only_to_be_there()
    {
        var usual = new LimitCommand.Order(new LimitOrder.Set(new LimitSpec(16, null, LimitOf.Steps, []), "ann", UnlessSet: true));
        var desk = With(1);
        Assert.Equal("", desk.Tell(usual));
        Assert.Equal(1, desk.Limit.Spec!.Concurrency);
        desk.Tell(new LimitCommand.Order(new LimitOrder.Delete("ann")));
        Assert.Equal("changed", desk.Tell(usual));
        Assert.Equal(16, desk.Limit.Spec!.Concurrency);
    }

    [Fact]
    public void Who_asks_for_more_than_there_is_at_all_waits_and_holds_nobody_up()
    {
        var desk = With(1);
        Assert.Equal("queued 1", desk.Asks(1, weight: 2));
        Assert.Equal(LimitCause.TooLarge, desk.Limit.WaitOf(Ticket(1), desk.Now)!.Cause);
        Assert.Equal("queued 2, granted 2", desk.Asks(2));
        Assert.Equal("changed", desk.Tell(Set(2)));
        Assert.Equal("released 2, granted 1", desk.Tell(Release(2)));
    }

    [Fact]
    public void A_paused_limit_lets_nobody_in_and_those_that_hold_it_go_on()
    {
        var desk = With(2);
        desk.Asks(1);
        Assert.Equal("paused", desk.Tell(Order(new LimitOrder.Pause("the database is repaired", "ann"))));
        Assert.Equal("", desk.Tell(Order(new LimitOrder.Pause("again", "ann"))));
        Assert.Equal(("queued 2", "released 1"), (desk.Asks(2), desk.Tell(Release(1))));
        Assert.Equal(LimitCause.Paused, desk.Limit.WaitOf(Ticket(2), desk.Now)!.Cause);
        Assert.Equal("resumed, granted 2", desk.Tell(Order(new LimitOrder.Resume("ann"))));
    }

    [Fact]
    public void A_limit_that_is_not_set_lets_nobody_in_until_it_is()
    {
        var desk = new Desk();
        Assert.Equal("queued 1", desk.Asks(1));
        Assert.Equal("waits for limit api, which is not set: etl limits set api", desk.Limit.WaitOf(Ticket(1), desk.Now)!.Wait().Text);
        Assert.Equal("changed, granted 1", desk.Tell(Set(1)));
        Assert.Equal("refused ETL6303", desk.Tell(Order(new LimitOrder.Delete("ann"))));
        desk.Tell(Release(1));
        Assert.Equal("deleted", desk.Tell(Order(new LimitOrder.Delete("ann"))));
        Assert.Equal("refused ETL6301", desk.Tell(Order(new LimitOrder.Delete("ann"))));
        Assert.Null(desk.Limit.View());
        Assert.Equal("refused ETL6301", desk.Tell(Order(new LimitOrder.Pause("why", "ann"))));
    }

    [Fact]
    public void Taking_it_from_a_holder_is_written_down_and_frees_it()
    {
        var desk = With(1);
        desk.Asks(1);
        desk.Asks(2);
        Assert.Equal("freed 1, granted 2", desk.Tell(Order(new LimitOrder.Free(Ticket(1), "burnt", "ann"))));
        Assert.Equal("refused ETL6307", desk.Tell(Order(new LimitOrder.Free(Ticket(1), "burnt", "ann"))));
        Assert.Equal(
            [$"ann: released {Ticket(1)}: burnt", "ann: set to concurrency 1"], desk.Limit.View()!.Acts.Select(act => $"{act.By}: {act.What}"));
    }

    [Fact]
    public void Steps_and_runs_never_share_a_limit()
    {
        var desk = With(1);
        var run = new LimitCommand.Ask(new LimitAsk(LimitTicket.Of(Given.Id), 1, 0, "n", desk.Now, "test"));
        Assert.Equal("refused ETL6306", desk.Tell(run));
        desk.Asks(1);
        Assert.Equal("refused ETL6303", desk.Tell(Set(1, null, LimitOf.Runs)));
        desk.Tell(Release(1));
        Assert.Equal("changed", desk.Tell(Set(1, null, LimitOf.Runs)));
        Assert.Equal("queued run, granted run", desk.Tell(run));
        Assert.Equal("refused ETL6306", desk.Asks(1));
    }

    [Fact]
    public void A_silent_holder_keeps_what_it_has_until_its_run_says_that_it_is_dead()
    {
        var desk = With(2);
        desk.Asks(1);
        desk.Asks(2);
        Assert.Equal("", desk.Pass(LimitBounds.HolderPatience / 2));
        desk.Tell(new LimitCommand.Renew([Ticket(2)]));
        Assert.Equal("", desk.Pass(LimitBounds.HolderPatience / 2));
        Assert.Equal([new LimitDebt.AskAfter(Ticket(1))], Limit.Owed(desk.Limit, desk.Now).OfType<LimitDebt.AskAfter>());
        Assert.Equal("", desk.Pass(TimeSpan.FromDays(1)));
        Assert.Equal(2, desk.Limit.HoldersCount);
        Assert.Equal("released 1", desk.Tell(Release(1)));
    }

    [Fact]
    public void Who_does_not_ask_again_for_long_has_left_the_line()
    {
        var desk = With(1);
        desk.Asks(1);
        desk.Asks(2);
        desk.Pass(LimitBounds.WaiterPatience);
        desk.Asks(3);
        Assert.Equal("withdrawn 2", desk.Pass(TimeSpan.FromSeconds(1)));
        Assert.Equal("released 1, granted 3", desk.Tell(Release(1)));
        Assert.Null(desk.Limit.NextWake(desk.Now));
    }

    [Fact]
    public void A_rate_lets_in_its_burst_and_then_as_many_as_flow_in()
    {
        var desk = With(rate: new LimitRate(60, TimeSpan.FromMinutes(1), Burst: 2));
        foreach (var number in new[] { 1, 2, 3, 4 }) desk.Asks(number);
        Assert.Equal(2, desk.Limit.HoldersCount);
        var wait = desk.Limit.WaitOf(Ticket(4), desk.Now)!;
        Assert.Equal((LimitCause.Rate, 1, desk.Now.AddSeconds(1)), (wait.Cause, wait.Before, wait.Until));
        Assert.Equal(desk.Now.AddSeconds(1), desk.Limit.NextWake(desk.Now));
        Assert.Equal("released 1", desk.Tell(Release(1))); // ending early gives nothing back of a rate
        Assert.Equal("", desk.Pass(TimeSpan.FromMilliseconds(999)));
        Assert.Equal("granted 3", desk.Pass(TimeSpan.FromMilliseconds(1)));
        Assert.Equal("granted 4", desk.Pass(TimeSpan.FromSeconds(1)));
        foreach (var number in new[] { 5, 6, 7 }) desk.Asks(number, since: desk.Now);
        Assert.Equal("granted 5", desk.Pass(TimeSpan.FromSeconds(1)));
        desk.Now += TimeSpan.FromSeconds(10);
        Assert.Equal("heard 6, granted 6, granted 7", desk.Tell(desk.Ask(6)));
    }

    [Fact]
    public void What_was_used_of_a_rate_is_not_forgotten_by_who_reads_it_from_the_store()
    {
        var desk = With(rate: new LimitRate(1, TimeSpan.FromHours(1), Burst: 1));
        desk.Asks(1);
        desk.Limit = Limit.Named("api").With(desk.Limit.State(), desk.Now);
        Assert.Equal("heard 1", desk.Asks(1));
        desk.Now += TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1);
        Assert.Equal("queued 2", desk.Asks(2));
        Assert.Equal("granted 2", desk.Pass(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void The_line_is_bounded()
    {
        var limit = With(1).Limit;
        for (var number = 0; number <= LimitBounds.WaitingMax; number++)
            limit = ((LimitDecision.Accepted)Limit.Decide(limit, With(1).Ask(number), Noon)).Events.Aggregate(limit, Limit.Apply);
        Assert.Equal(LimitBounds.WaitingMax, limit.Line.Count);
        var refused = Assert.IsType<LimitDecision.Refused>(Limit.Decide(limit, With(1).Ask(-1), Noon));
        Assert.Equal((FaultKind.Exhausted, "ETL6305"), (refused.Fault.Kind, refused.Fault.Code));
    }

    [Theory]
    [InlineData(null, null, "ETL6302"), InlineData(0, null, "ETL6302"), InlineData(10_001, null, "ETL6302")]
    [InlineData(null, 0, "ETL6302"), InlineData(1, 5, null), InlineData(10_000, 1_000_000, null)]
    public void A_limit_is_set_within_its_bounds(int? concurrency, int? rate, string? code)
    {
        var spec = new LimitSpec(
            concurrency, rate is { } count ? new LimitRate(count, TimeSpan.FromMinutes(1), Math.Max(1, count)) : null, LimitOf.Steps, []);
        Assert.Equal(code, LimitCheck.Fault("api", spec)?.Code);
        Assert.Equal("ETL6302", LimitCheck.Fault("a/b", spec)?.Code);
    }

    [Fact]
    public void A_ticket_is_read_as_it_is_written()
    {
        foreach (var ticket in new[] { Ticket(3, 2), LimitTicket.Of(Given.Id) })
            Assert.Equal((true, ticket), (LimitTicket.TryParse(ticket.ToString(), out var read), read));
        Assert.All(["", "a/b/c", $"{Given.Id}/1", $"{Given.Id}/1/x", $"{Given.Id}/-1/2"], text => Assert.False(LimitTicket.TryParse(text, out _)));
    }
}
