using OrleansEtl.Engine.Slots;
using static OrleansEtl.Engine.Tests.Slots.Pools;

namespace OrleansEtl.Engine.Tests.Slots;

public sealed class SlotPoolLaws
{
    [Fact]
    public void Who_fits_is_granted_at_once_and_who_does_not_waits()
    {
        var pool = With(cpus: 2);
        Assert.Equal("queued 1, granted 1", pool.Tell(Ask(1)));
        Assert.Equal("queued 2", pool.Tell(Ask(2, cpus: 2)));
        Assert.True(pool.Pool.Holds(Ticket(1)));
        Assert.True(pool.Pool.Waits(Ticket(2)));
    }

    [Fact]
    public void A_release_grants_to_the_first_in_line_and_to_all_after_it_that_fit()
    {
        var pool = With(2, Ask(1, 2), Ask(2), Ask(3), Ask(4));
        Assert.Equal("released 1, granted 2, granted 3", pool.Tell(Release(1)));
    }

    [Fact]
    public void Memory_counts_as_much_as_processors()
    {
        var pool = With(8, Ask(1, 1, memory: 700));
        Assert.Equal("queued 2", pool.Tell(Ask(2, 1, memory: 301)));
        Assert.Equal("released 1, granted 2", pool.Tell(Release(1)));
    }

    [Fact]
    public void Asking_twice_and_releasing_twice_are_harmless()
    {
        var pool = With(1, Ask(1), Ask(2));
        Assert.Equal("", pool.Tell(Ask(1)));
        Assert.Equal("", pool.Tell(Ask(2)));
        Assert.Equal("released 1, granted 2", pool.Tell(Release(1)));
        Assert.Equal("", pool.Tell(Release(1)));
        Assert.Equal("", pool.Tell(Release(99)));
    }

    [Fact]
    public void Those_who_wait_are_told_in_their_order_and_each_hears_what_is_short()
    {
        static string[] Line(Pools pool) => [.. pool.Pool.Waiting().Select(one => $"{one.Ticket.Stage} {one.Short}")];
        string Short(bool cpu, bool memory) => $"{new SlotShortage(cpu, memory)}";
        var pool = With(2, Ask(1, 1, memory: 700));
        Assert.Empty(Line(pool));
        pool.Tell(Ask(2, 1, memory: 600));
        pool.Tell(Ask(3, 1, memory: 10)); // fits, and waits for the one before it
        pool.Tell(Ask(4, 2, memory: 10, priority: 1));
        Assert.Equal([$"4 {Short(true, false)}", $"2 {Short(false, true)}", $"3 {Short(true, false)}"], Line(pool));
        pool.Tell(Release(1));
        Assert.Equal([$"2 {Short(true, false)}", $"3 {Short(true, false)}"], Line(pool));
    }

    [Fact]
    public void Who_gives_up_waiting_leaves_the_line_and_lets_the_next_one_pass()
    {
        var pool = With(2, Ask(1), Ask(2, 2), Ask(3));
        Assert.Equal("withdrawn 2, granted 3", pool.Tell(Release(2)));
    }

    [Fact]
    public void A_dead_holder_frees_its_slots_and_leaves_the_line()
    {
        var pool = With(2, Ask(1, holder: "dead"), Ask(2, holder: "alive"), Ask(3, 2, holder: "dead"), Ask(4, holder: "alive"));
        Assert.Equal("withdrawn 3, released 1, granted 4", pool.Tell(Died("dead")));
        Assert.Equal("", pool.Tell(Died("dead")));
    }

    [Fact]
    public void Small_asks_do_not_slip_past_a_big_one_for_ever()
    {
        var pool = With(2, Ask(1), Ask(2, 2));
        Assert.Equal("queued 3", pool.Tell(Ask(3))); // it would fit, but the big one was first
        Assert.Equal("released 1, granted 2", pool.Tell(Release(1)));
    }

    [Fact]
    public void The_more_important_passes_and_among_equals_the_first_come_is_first()
    {
        var pool = With(1, Ask(1), Ask(2), Ask(3), Ask(4, priority: 5), Ask(5, priority: 5));
        var order = new List<string>();
        foreach (var ticket in new[] { 1, 4, 5, 2 }) order.Add(pool.Tell(Release(ticket)));
        Assert.Equal(["released 1, granted 4", "released 4, granted 5", "released 5, granted 2", "released 2, granted 3"], order);
    }

    [Fact]
    public void The_least_important_has_its_turn_after_a_bounded_number_of_more_important_ones()
    {
        var pool = With(1, Ask(0), Ask(1, priority: 0));
        var overtakers = 0;
        for (var ticket = 2; !pool.Pool.Holds(Ticket(1)); ticket++)
        {
            pool.Tell(Ask(ticket, priority: SlotPool.PriorityMax));
            pool.Tell(Release(ticket == 2 ? 0 : ticket - 1));
            if (pool.Pool.Holds(Ticket(ticket))) overtakers++;
        }
        Assert.Equal(SlotPool.OvertakersMax, overtakers);
    }

    [Theory, InlineData(3, 0), InlineData(1, 1001)]
    public void An_ask_for_more_than_there_is_at_all_is_refused(int cpus, long memory) =>
        Assert.Equal("refused ETL4230", With(2).Tell(Ask(1, cpus, memory)));

    [Fact]
    public void When_the_capacity_shrinks_nobody_is_robbed_but_who_can_never_be_served_is_turned_away()
    {
        var pool = With(4, Ask(1, 3), Ask(2, 3), Ask(3, 2));
        Assert.Equal("resized 2, turned away 2 ETL4230", pool.Tell(Resize(2)));
        Assert.True(pool.Pool.Holds(Ticket(1)));
        Assert.Equal("released 1, granted 3", pool.Tell(Release(1)));
    }

    [Fact]
    public void When_the_capacity_grows_those_who_wait_are_served()
    {
        var pool = With(1, Ask(1), Ask(2));
        Assert.Equal("resized 2, granted 2", pool.Tell(Resize(2)));
        Assert.Equal("", pool.Tell(Resize(2)));
    }

    [Fact]
    public void A_capacity_without_bounds_does_not_overflow()
    {
        var pool = new Pools(int.MaxValue, long.MaxValue);
        Assert.Equal("queued 1, granted 1", pool.Tell(Ask(1, int.MaxValue - 1, long.MaxValue - 1)));
        Assert.Equal("queued 2, granted 2", pool.Tell(Ask(2, 1, 1)));
    }

    [Fact]
    public void The_line_is_bounded()
    {
        var pool = SlotPool.Of(new SlotNeed(1, 0));
        for (var ticket = 0; ticket <= SlotPool.WaitingMax; ticket++)
            pool = ((SlotDecision.Accepted)SlotPool.Decide(pool, Ask(ticket))).Events.Aggregate(pool, SlotPool.Apply);
        Assert.Equal(SlotPool.WaitingMax, pool.Line.Count);
        var refused = Assert.IsType<SlotDecision.Refused>(SlotPool.Decide(pool, Ask(-1)));
        Assert.Equal((FaultKind.Exhausted, "ETL4231"), (refused.Fault.Kind, refused.Fault.Code));
    }
}
