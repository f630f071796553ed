using OrleansEtl.Engine.Limits;
using static OrleansEtl.Engine.Tests.Limits.Desk;

namespace OrleansEtl.Engine.Tests.Limits;

public sealed class FairnessLaws
{
    [Fact]
    public void The_namespace_of_a_pipeline_is_its_name_up_to_the_first_dot() =>
        Assert.Equal(["shop", "shop", "shop_b"], new[] { "shop.orders.daily", "shop", "shop_b.x" }.Select(Limit.NamespaceOf));

    [Fact]
    public void Namespaces_take_turns_however_many_of_one_came_first()
    {
        var desk = With(1);
        desk.Asks(0, of: "z");
        for (var number = 1; number <= 3; number++) desk.Asks(number, of: "many");
        for (var number = 11; number <= 13; number++) desk.Asks(number, of: "few");
        Assert.Equal([11, 1, 12, 2, 13, 3], Served(desk));
    }

    [Fact]
    public void A_namespace_with_a_share_of_three_has_three_turns_where_another_has_one()
    {
        var desk = With(1, null, new LimitShare("big", 3));
        desk.Asks(0, of: "z");
        for (var number = 1; number <= 40; number++) desk.Asks(number, of: "big");
        for (var number = 101; number <= 140; number++) desk.Asks(number, of: "small");
        var first = Served(desk).Take(40).ToArray();
        Assert.Equal(30, first.Count(number => number <= 40));
    }

    [Fact]
    public void Who_comes_one_at_a_time_does_not_pass_those_who_wait()
    {
        var desk = With(1);
        desk.Asks(0, of: "z");
        for (var number = 1; number <= 20; number++) desk.Asks(number, of: "patient");
        var sly = 0;
        for (var turn = 0; turn < 20; turn++)
        {
            desk.Asks(100 + turn, of: "a");
            desk.Tell(Release(Holder(desk)));
            if (Holder(desk) >= 100) sly++;
        }
        Assert.InRange(sly, 9, 11);
    }

    [Fact]
    public void Within_a_namespace_the_more_important_is_first_and_among_equals_who_waits_longer()
    {
        var desk = With(1);
        desk.Asks(0);
        desk.Asks(1);
        desk.Now += TimeSpan.FromSeconds(1);
        desk.Asks(2, priority: 1); // worth three seconds
        desk.Asks(3);
        desk.Asks(4, since: desk.Now.AddSeconds(-10)); // it has waited before, where its limit was held by another silo
        desk.Asks(5, since: desk.Now.AddYears(1)); // nobody waits since a time to come
        Assert.Equal([4, 2, 1, 3, 5], Served(desk));
    }

    [Fact]
    public void The_least_important_is_not_passed_by_who_comes_after_it_has_waited_for_ten_minutes()
    {
        var desk = With(1);
        desk.Asks(0);
        desk.Asks(1, priority: -LimitBounds.PriorityMax);
        var oldest = desk.Now;
        var passedBy = TimeSpan.Zero;
        for (var number = 2; !desk.Limit.IsHeldBy(Ticket(1)); number++)
        {
            desk.Now += TimeSpan.FromSeconds(10);
            desk.Asks(number, priority: LimitBounds.PriorityMax);
            desk.Asks(1, priority: -LimitBounds.PriorityMax);
            desk.Tell(Release(Holder(desk)));
            if (Holder(desk) > 1) passedBy = desk.Now - oldest;
        }
        Assert.InRange(passedBy, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Everybody_is_told_how_many_are_before_him()
    {
        var desk = With(1, null, new LimitShare("big", 2));
        desk.Asks(0, of: "z");
        for (var number = 1; number <= 7; number++) desk.Asks(number, of: "big");
        for (var number = 11; number <= 14; number++) desk.Asks(number, of: "small");
        desk.Asks(21, of: "last");
        var told = desk.Limit.Line.All.ToDictionary(ask => ask.Ticket.Stage!.Value, ask => desk.Limit.WaitOf(ask.Ticket, desk.Now)!.Before);
        Assert.Equal(desk.Limit.View()!.Line.Select(one => one.Ticket.Stage!.Value), told.OrderBy(one => one.Value).Select(one => one.Key));
        Assert.Equal(Enumerable.Range(0, 12), told.Values.Order());
        Assert.Equal(told.OrderBy(one => one.Value).Select(one => one.Key), Served(desk));
    }

    private static int Holder(Desk desk) => desk.Limit.Holders.Single().Stage!.Value;

    /// <summary>In which order they are let in, when each releases at once.</summary>
    private static List<int> Served(Desk desk)
    {
        var served = new List<int>();
        while (desk.Limit.Line.Count > 0)
        {
            desk.Tell(Release(Holder(desk)));
            served.Add(Holder(desk));
        }
        return served;
    }
}
