using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Engine.Tests.Limits;

public sealed class LimitProperties
{
    private static readonly string[] Namespaces = ["a", "b", "c"];

    [Fact]
    public void Whatever_is_asked_in_whatever_order_nothing_leaks_and_everybody_who_stays_is_served() => Seeds.Each(200, seed =>
    {
        var random = new Random(seed);
        var desk = Desk.With(random.Next(1, 6));
        for (var step = 0; step < 200; step++)
        {
            desk.Now += TimeSpan.FromMilliseconds(random.Next(2_000));
            desk.Tell(Any(desk, random));
            if (random.Next(40) == 0) desk.Limit = desk.Limit with { }; // a copy is as good
            if (random.Next(60) == 0) desk.Limit = Limit.Named("api").With(desk.Limit.State(), desk.Now); // its silo died: the line asks again
        }
        // From here on nobody new comes, holders release or are dead, and the line must run dry.
        desk.Tell(Desk.Set(5));
        desk.Tell(Desk.Order(new LimitOrder.Resume(null)));
        while (desk.Limit.HoldersCount > 0) desk.Tell(new LimitCommand.Release(desk.Limit.Holders.First()));
        Assert.Equal((0, 0L), (desk.Limit.Line.Count, desk.Limit.Held));
        Assert.Empty(desk.Limit.State().Holders);
    });

    [Fact]
    public void A_limit_is_what_its_events_make_of_it() => Seeds.Each(100, seed =>
    {
        var random = new Random(seed);
        var desk = Desk.With(3);
        for (var step = 0; step < 100; step++)
        {
            desk.Now += TimeSpan.FromMilliseconds(random.Next(2_000));
            desk.Tell(Any(desk, random));
        }
        var again = desk.History.Aggregate(Limit.Named("api"), Limit.Apply);
        Assert.Equal((desk.Limit.Held, desk.Limit.Level), (again.Held, again.Level));
        Assert.Equal(desk.Limit.View()?.Line, again.View()?.Line, (one, other) => one!.Value.SequenceEqual(other!.Value));
        Assert.Equal(desk.Limit.Holders.ToHashSet(), again.Holders.ToHashSet());
    });

    [Fact]
    public void No_more_is_let_in_than_the_rate_allows_whenever_who_asks() => Seeds.Each(50, seed =>
    {
        var random = new Random(seed);
        var rate = new LimitRate(random.Next(1, 50), TimeSpan.FromSeconds(random.Next(1, 20)), random.Next(1, 10));
        var (desk, granted) = (Desk.With(rate: rate), new List<(DateTimeOffset, int)>());
        var weights = new Dictionary<LimitTicket, int>();
        for (var number = 0; number < 300; number++)
        {
            desk.Now += TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerSecond)) * (random.Next(10) == 0 ? 10 : 1);
            var (known, weight) = (desk.History.Count, random.Next(1, rate.Burst + 1));
            weights[Desk.Ticket(number)] = weight;
            desk.Asks(number, weight, of: Namespaces[random.Next(3)]);
            if (random.Next(30) == 0) desk.Limit = Limit.Named("api").With(desk.Limit.State(), desk.Now);
            if (random.Next(4) == 0 && desk.Limit.NextWake(desk.Now) is { } at) desk.Pass(at - desk.Now);
            granted.AddRange(desk.History.Skip(known).OfType<LimitEvent.Granted>().Select(one => (one.At, weights[one.Ticket])));
        }
        Assert.True(granted.Count > 10);
        LimitPromises.RateKept(granted, rate);
    });

    [Fact]
    public void Every_namespace_that_waits_gets_its_share() => Seeds.Each(30, seed =>
    {
        var random = new Random(seed);
        var shares = Namespaces.Select(name => new LimitShare(name, random.Next(1, 6))).ToArray();
        var desk = Desk.With(random.Next(1, 4), null, shares);
        var served = Namespaces.ToDictionary(name => name, _ => 0);
        var (next, owner) = (0, new Dictionary<LimitTicket, string>());
        foreach (var name in Namespaces)
            for (var i = 0; i < 20; i++) Ask(name);
        var known = desk.History.Count;
        for (var turn = 0; turn < 600; turn++)
        {
            desk.Now += TimeSpan.FromMilliseconds(10);
            desk.Tell(new LimitCommand.Release(desk.Limit.Holders.ElementAt(random.Next(desk.Limit.HoldersCount))));
            foreach (var granted in desk.History.Skip(known).OfType<LimitEvent.Granted>().ToArray())
            {
                served[owner[granted.Ticket]]++;
                Ask(owner[granted.Ticket]); // so that nobody's line runs dry
            }
            known = desk.History.Count;
        }
        foreach (var share in shares)
            Assert.InRange(served[share.Namespace], 600.0 * share.Share / shares.Sum(one => one.Share) - 3, 600.0 * share.Share / shares.Sum(one => one.Share) + 3);

        void Ask(string name)
        {
            owner[Desk.Ticket(next)] = name;
            desk.Asks(next++, priority: random.Next(-5, 6), of: name);
        }
    });

    [Fact]
    public void Nobody_waits_longer_than_the_bound_says() => Seeds.Each(20, seed =>
    {
        // One place, ten seconds each, and always somebody important who has just come.
        var random = new Random(seed);
        var (desk, since, next) = (Desk.With(1), new Dictionary<int, DateTimeOffset>(), 0);
        var longest = TimeSpan.Zero;
        for (var turn = 0; turn < 400; turn++)
        {
            if (turn % 3 != 2 && desk.Limit.Line.Count < 60) Come(random.Next(10) == 0 ? -LimitBounds.PriorityMax : random.Next(0, LimitBounds.PriorityMax + 1));
            if (desk.Limit.Line.Count < 10) Come(LimitBounds.PriorityMax);
            desk.Now += TimeSpan.FromSeconds(10);
            foreach (var ask in desk.Limit.Line.All.ToArray()) desk.Tell(new LimitCommand.Ask(ask)); // they are still there
            if (desk.Limit.HoldersCount == 0) continue;
            desk.Tell(new LimitCommand.Release(desk.Limit.Holders.Single()));
            if (desk.Limit.HoldersCount > 0 && desk.Now - since[desk.Limit.Holders.Single().Stage!.Value] is var waited && waited > longest) longest = waited;
        }
        // After ten minutes nobody new passes, and before it there were at most sixty, each for ten seconds.
        Assert.InRange(longest, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10 + 10));

        void Come(int priority)
        {
            since[next] = desk.Now;
            desk.Asks(next++, priority: priority);
        }
    });

    private static LimitCommand Any(Desk desk, Random random) => random.Next(20) switch
    {
        >= 16 => desk.AskOfSlice(random.Next(40), random.Next(1, 4), random.Next(1, 5)),
        < 7 => desk.Ask(random.Next(40), random.Next(1, 5), random.Next(-100, 101), Namespaces[random.Next(3)], random.Next(1, 4),
            desk.Now.AddSeconds(random.Next(-30, 5))),
        < 10 => Desk.Release(random.Next(40), random.Next(1, 4)),
        10 => new LimitCommand.Leave(Desk.Ticket(random.Next(40), random.Next(1, 4))),
        11 => new LimitCommand.Renew([Desk.Ticket(random.Next(40), random.Next(1, 4)), Desk.Ticket(random.Next(40))]),
        12 => new LimitCommand.Elapse(),
        13 => Desk.Set(random.Next(1, 6)),
        14 => Desk.Order(random.Next(2) == 0 ? new LimitOrder.Pause("why", null) : new LimitOrder.Resume(null)),
        _ => Desk.Order(random.Next(3) == 0 ? new LimitOrder.Delete(null) : new LimitOrder.Free(Desk.Ticket(random.Next(40)), "why", "ann")),
    };
}
