using OrleansEtl.Engine.Limits;
using static OrleansEtl.Engine.Tests.Limits.Desk;

namespace OrleansEtl.Engine.Tests.Limits;

/// <summary>Slices of a stage that runs for each item are attempts beside each other, and each takes the limit for itself.</summary>
public sealed class SliceLaws
{
    [Fact]
    public void Slices_of_a_stage_hold_and_wait_beside_each_other_in_whatever_order_they_ask()
    {
        var desk = With(2);
        Assert.Equal("queued 1/4, granted 1/4", desk.SliceAsks(1, 4));
        Assert.Equal("queued 1/2, granted 1/2", desk.SliceAsks(1, 2));
        Assert.Equal(("queued 1/5", "queued 1/3"), (desk.SliceAsks(1, 5), desk.SliceAsks(1, 3)));
        Assert.Equal(("heard 1/4", "heard 1/3"), (desk.SliceAsks(1, 4), desk.SliceAsks(1, 3)));
        Assert.Equal(1, desk.Limit.WaitOf(Ticket(1, 3), desk.Now)!.Before);
        Assert.Equal("heard 1/2", desk.Tell(new LimitCommand.Renew([Ticket(1, 2), Ticket(1, 3)])));
        Assert.Equal("released 1/4, granted 1/5", desk.Tell(Release(1, attempt: 4)));
        Assert.Equal("withdrawn 1/3", desk.Tell(Release(1, attempt: 3))); // it never got in
        Assert.Equal("freed 1/5", desk.Tell(Order(new LimitOrder.Free(Ticket(1, 5), "burnt", "ann"))));
        Assert.Equal("released 1/2", desk.Tell(Release(1, attempt: 2)));
        Assert.Equal(0, desk.Limit.HoldersCount);
    }

    [Fact]
    public void A_slice_takes_the_place_of_the_attempt_that_listed_the_items_which_is_not_heard_any_more()
    {
        var desk = With(1);
        desk.Asks(1);
        Assert.Equal("released 1, queued 1/2, granted 1/2", desk.SliceAsks(1, 2));
        Assert.Equal("queued 1/3", desk.SliceAsks(1, 3));
        Assert.Equal("queued 1/4", desk.Asks(1, attempt: 4)); // it gathers: who asks after slices that are silent are their runs
        Assert.Equal("refused ETL6304", desk.SliceAsks(1, 1));
        Assert.Equal("withdrawn 1/4, queued 1/5", desk.Asks(1, attempt: 5));
    }

    [Fact]
    public void A_slice_that_is_silent_is_asked_after_like_any_other_and_its_next_try_does_not_wait_for_it_for_ever()
    {
        var desk = With(1);
        desk.SliceAsks(1, 2);
        Assert.Equal("queued 1/3", desk.SliceAsks(1, 3));
        desk.Pass(LimitBounds.HolderPatience);
        Assert.Equal([new LimitDebt.AskAfter(Ticket(1, 2))], Limit.Owed(desk.Limit, desk.Now).OfType<LimitDebt.AskAfter>());
        Assert.Equal("released 1/2, granted 1/3", desk.Tell(Release(1, attempt: 2)));
    }

    [Fact]
    public void What_slices_hold_is_known_to_who_reads_it_from_the_store()
    {
        var desk = With(2);
        desk.SliceAsks(1, 2);
        desk.SliceAsks(1, 3);
        desk.Limit = Limit.Named("api").With(desk.Limit.State(), desk.Now);
        Assert.Equal(("heard 1/2", "heard 1/3", "queued 1/4"), (desk.SliceAsks(1, 2), desk.SliceAsks(1, 3), desk.SliceAsks(1, 4)));
        Assert.Equal("released 1/3, granted 1/4", desk.Tell(Release(1, attempt: 3)));
    }

    /// <summary>Several stages of items share a limit: slices ask again, are stopped in line, end, die and are tried again.</summary>
    [Fact]
    public void Whatever_order_slices_come_in_each_that_stays_is_let_in_once_and_nothing_is_held_afterwards() => Seeds.Each(200, seed =>
    {
        var random = new Random(seed);
        var desk = With(random.Next(1, 5));
        var attempts = new int[3];
        var under = new List<LimitTicket>();
        var (left, served) = (random.Next(20, 60), new HashSet<LimitTicket>());
        for (var step = 0; left > 0 || under.Count > 0; step++)
        {
            Assert.True(step < 10_000, "the slices never end");
            desk.Now += TimeSpan.FromMilliseconds(random.Next(500));
            if (left > 0 && under.Count < 8 && random.Next(2) == 0) Send();
            if (under.Count == 0) continue;
            var one = under[random.Next(under.Count)];
            if (random.Next(50) == 0) desk.Limit = Limit.Named("api").With(desk.Limit.State(), desk.Now); // its silo died: the line asks again
            Assert.DoesNotContain("refused", desk.SliceAsks(one.Stage!.Value, one.Attempt.Number));
            var isIn = desk.Limit.IsHeldBy(one);
            if (random.Next(isIn ? 3 : 20) != 0) continue;
            under.Remove(one);
            if (isIn && random.Next(5) != 0) Assert.True(served.Add(one));
            else left++; // it died, or was stopped: its items go with a later attempt
            desk.Tell(new LimitCommand.Release(one));
        }
        Assert.NotEmpty(served);
        Assert.Equal((0, 0L, 0), (desk.Limit.HoldersCount, desk.Limit.Held, desk.Limit.Line.Count));
        Assert.Equal("deleted", desk.Tell(Order(new LimitOrder.Delete(null))));

        void Send()
        {
            var stage = random.Next(attempts.Length);
            under.Add(Ticket(stage, ++attempts[stage]));
            left--;
        }
    });
}
