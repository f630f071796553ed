using OrleansEtl.Engine.Alerts;
using static OrleansEtl.Engine.Tests.Alerts.Vigil;

namespace OrleansEtl.Engine.Tests.Alerts;

public sealed class DeliveryLaws
{
    private static readonly Fault Away = new(FaultKind.Unavailable, "ETL6761", "The webhook was not reached.");

    private static Vigil WithAlert(params string[] to)
    {
        var vigil = new Vigil();
        vigil.Fails(Rule(AlertOn.Failed, to: to));
        return vigil;
    }

    private static Delivery Of(Vigil vigil, string channel = "ops") => vigil.Alerts[0].To(channel)!;

    [Fact]
    public void A_message_is_tried_with_growing_waits_and_then_given_up()
    {
        var vigil = WithAlert("ops");
        var waits = new List<TimeSpan>();
        for (var tries = 1; tries <= Small.TriesMax; tries++)
        {
            vigil.Now = vigil.Watch.NextWake ?? vigil.Now;
            vigil.Hears(new News.Sends(1, "ops"), new News.Sent(1, "ops", tries, Away));
            waits.Add(Of(vigil).At - vigil.Now);
        }
        Assert.Equal([5d, 15, 45], waits.Take(3).Select(wait => wait.TotalSeconds));
        Assert.Equal((DeliveryStatus.Dead, Away), (Of(vigil).Status, Of(vigil).Fault));
        Assert.Null(vigil.Watch.NextWake);
    }

    [Fact]
    public void The_waits_of_all_tries_last_a_day()
    {
        var bounds = AlertBounds.Default;
        var all = Enumerable.Range(1, bounds.TriesMax - 1).Aggregate(TimeSpan.Zero, (sum, tries) => sum + bounds.Wait(tries));
        Assert.InRange(all, TimeSpan.FromHours(20), TimeSpan.FromHours(30));
    }

    [Fact]
    public void A_dead_letter_is_sent_again_with_all_of_its_tries()
    {
        var vigil = WithAlert("ops");
        for (var tries = 1; tries <= Small.TriesMax; tries++)
        {
            vigil.Now = vigil.Watch.NextWake ?? vigil.Now;
            vigil.Hears(new News.Sends(1, "ops"), new News.Sent(1, "ops", tries, Away));
        }
        vigil.Hears(new News.Resend(1, Everywhere: false), new News.Sends(1, "ops"), new News.Sent(1, "ops", Small.TriesMax + 1, Away));
        Assert.Equal(DeliveryStatus.Waiting, Of(vigil).Status);
        Assert.Equal(1, vigil.Alerts[0].View("shop").Deliveries[0].Tries);
        vigil.Minutes(10).Hears(new News.Sends(1, "ops"), new News.Sent(1, "ops", Small.TriesMax + 2, null));
        Assert.Equal(DeliveryStatus.Sent, Of(vigil).Status);
    }

    [Fact]
    public void Of_two_who_would_send_one_does()
    {
        var vigil = WithAlert("ops");
        vigil.Hears(new News.Sends(1, "ops"));
        var before = vigil.Watch;
        vigil.Hears(new News.Sends(1, "ops"));
        Assert.Same(before, vigil.Watch);
    }

    [Fact]
    public void A_try_of_which_nothing_is_heard_is_made_again_and_what_is_heard_of_it_then_changes_nothing()
    {
        var vigil = WithAlert("ops");
        vigil.Hears(new News.Sends(1, "ops"));
        vigil.After(Small.UnheardAfter).Hears(new News.Tick());
        Assert.Equal((DeliveryStatus.Waiting, vigil.Now), (Of(vigil).Status, Of(vigil).At));
        vigil.Hears(new News.Sends(1, "ops"), new News.Sent(1, "ops", 1, Away));
        Assert.Equal((DeliveryStatus.Sending, 2), (Of(vigil).Status, Of(vigil).Tries));
    }

    [Fact]
    public void One_that_always_dies_while_it_sends_does_not_send_for_ever()
    {
        var vigil = WithAlert("ops");
        for (var i = 0; i < Small.TriesMax; i++) vigil.Hears(new News.Sends(1, "ops")).After(Small.UnheardAfter).Hears(new News.Tick());
        Assert.Equal(DeliveryStatus.Dead, Of(vigil).Status);
    }

    [Fact]
    public void A_channel_that_is_away_does_not_keep_the_others()
    {
        var vigil = WithAlert("ops", "team");
        vigil.Hears(new News.Sends(1, "ops"), new News.Sent(1, "ops", 1, Away), new News.Sends(1, "team"), new News.Sent(1, "team", 1, null));
        Assert.Equal((DeliveryStatus.Waiting, DeliveryStatus.Sent), (Of(vigil).Status, Of(vigil, "team").Status));
        vigil.Hears(new News.Resend(1, Everywhere: false));
        Assert.Equal("ops", Assert.Single(vigil.Watch.Due(vigil.Now)).Delivery.Channel);
        vigil.Hears(new News.Resend(1, Everywhere: true));
        Assert.Equal(2, vigil.Watch.Due(vigil.Now).Count());
    }

    [Fact]
    public void What_is_under_way_outlives_what_has_arrived()
    {
        var vigil = new Vigil();
        vigil.Fails();
        for (var i = 0; i < 100; i++)
        {
            vigil.After(TimeSpan.FromHours(2));
            vigil.Fails();
            var number = vigil.Watch.Number;
            vigil.Hears(new News.Sends(number, "ops"), new News.Sent(number, "ops", 1, null));
        }
        Assert.Equal(Small.KeptMax, vigil.Alerts.Length);
        Assert.Equal(1, vigil.Alerts[0].Number);
    }
}
