using OrleansEtl.Engine.Slots;

namespace OrleansEtl.Engine.Tests.Slots;

public sealed class SlotPoolProperties
{
    [Fact]
    public void Whatever_is_asked_in_whatever_order_nothing_leaks_and_everybody_who_stays_is_served() => Seeds.Each(200, seed =>
    {
        var random = new Random(seed);
        var pool = new Pools(random.Next(1, 6), 1000);
        for (var step = 0; step < 200; step++) pool.Tell(Any(random));

        // From here on nobody new comes: holders release, and the line must run dry.
        while (!pool.Pool.Holding.IsEmpty) pool.Tell(new SlotCommand.Release(pool.Pool.Holding.Keys.First()));
        Assert.Empty(pool.Pool.Line);
        Assert.Equal(SlotNeed.None, pool.Pool.Held);
    });

    [Fact]
    public void Nobody_is_overtaken_more_often_than_the_bound_says() => Seeds.Each(10, seed =>
    {
        var random = new Random(seed);
        var pool = new Pools(4);
        var arrivals = new Dictionary<int, int>();
        var grantedBefore = new Dictionary<int, int>();
        for (var ticket = 0; ticket < 700; ticket++)
        {
            arrivals[ticket] = ticket;
            pool.Tell(Pools.Ask(ticket, random.Next(1, 5), priority: random.Next(8) == 0 ? 0 : SlotPool.PriorityMax));
            while (pool.Pool.Line.Count > 60) pool.Tell(new SlotCommand.Release(pool.Pool.Holding.Keys.First()));
        }
        while (!pool.Pool.Holding.IsEmpty) pool.Tell(new SlotCommand.Release(pool.Pool.Holding.Keys.First()));

        var served = pool.History.OfType<SlotEvent.Granted>().Select(granted => granted.Ticket.Stage).ToArray();
        Assert.Equal(arrivals.Count, served.Length);
        for (var place = 0; place < served.Length; place++)
            grantedBefore[served[place]] = served.Take(place).Count(earlier => earlier > served[place]);
        Assert.InRange(grantedBefore.Values.Max(), 1, SlotPool.OvertakersMax);
    });

    [Fact]
    public void A_pool_is_what_its_events_make_of_it() => Seeds.Each(100, seed =>
    {
        var random = new Random(seed);
        var pool = new Pools(3);
        for (var step = 0; step < 100; step++) pool.Tell(Any(random));
        var again = pool.History.Aggregate(SlotPool.Of(new SlotNeed(3, 1000)), SlotPool.Apply);
        Assert.Equal(pool.Pool.Held, again.Held);
        Assert.Equal(pool.Pool.Line.Values, again.Line.Values);
        Assert.Equal(pool.Pool.Holding.Keys.ToHashSet(), again.Holding.Keys.ToHashSet());
    });

    private static SlotCommand Any(Random random) => random.Next(12) switch
    {
        < 6 => Pools.Ask(random.Next(40), random.Next(0, 5), random.Next(0, 600), random.Next(-1, 12), $"h{random.Next(4)}"),
        < 10 => Pools.Release(random.Next(40)),
        10 => Pools.Died($"h{random.Next(4)}"),
        _ => Pools.Resize(random.Next(1, 6), random.Next(200, 1200)),
    };
}
