using OrleansEtl.Engine.Alerts;
using static OrleansEtl.Engine.Tests.Alerts.Vigil;

namespace OrleansEtl.Engine.Tests.Alerts;

public sealed class AlertLaws
{
    [Fact]
    public void A_run_that_fails_is_told_once_however_often_its_end_is_heard()
    {
        var vigil = new Vigil();
        var run = vigil.Fails();
        for (var i = 0; i < 3; i++)
            vigil.Minutes(100).Hears(
                new News.Begins(run, null), new News.Ended(run, RunStatus.Failed, vigil.Now, Rule(AlertOn.Failed), Cause(run)), new News.Tick());
        var alert = Assert.Single(vigil.Alerts);
        Assert.Equal(($"shop/failed/{run}", 1, false), (alert.Key, alert.Count, alert.IsResolved));
        Assert.Equal(DeliveryStatus.Waiting, Assert.Single(alert.Deliveries).Status);
    }

    [Fact]
    public void A_pipeline_that_fails_every_minute_sends_one_alert_an_hour_with_a_count()
    {
        var vigil = new Vigil();
        for (var minute = 0; minute < 181; minute++)
        {
            vigil.Fails();
            vigil.Lives(TimeSpan.FromMinutes(1));
        }
        Assert.Equal([1, 59, 60, 60], vigil.Alerts.Select(alert => alert.Count));
        Assert.Equal(4, vigil.Alerts.Select(alert => alert.Key).Distinct().Count());
    }

    [Fact]
    public void What_failed_meanwhile_is_told_when_the_time_is_over_also_if_nothing_fails_any_more()
    {
        var vigil = new Vigil();
        vigil.Fails();
        vigil.Minutes(1);
        var second = vigil.Fails();
        Assert.Equal((1, 1), (vigil.Alerts.Length, vigil.Alerts[0].More));
        vigil.Lives(TimeSpan.FromHours(5));
        Assert.Equal([1, 1], vigil.Alerts.Select(alert => alert.Count));
        Assert.Equal(Noon.AddHours(1), vigil.Alerts[1].At);
        Assert.Equal($"shop/failed/{second}", vigil.Alerts[1].Key);
    }

    [Fact]
    public void One_that_fails_and_recovers_again_and_again_is_no_storm()
    {
        var vigil = new Vigil();
        for (var minute = 0; minute < 120; minute++)
        {
            if (minute % 2 == 0) vigil.Fails(Rule(AlertOn.Failed, resolved: true));
            else vigil.Succeeds();
            vigil.Lives(TimeSpan.FromMinutes(1));
        }
        Assert.Equal([false, true, false, true], vigil.Alerts.Select(alert => alert.IsResolved));
        Assert.Equal((1, 30), (vigil.Alerts[0].Count, vigil.Alerts[2].Count));
    }

    [Fact]
    public void It_is_told_that_it_is_over_to_those_who_were_told_of_it_and_only_if_the_rule_says_so()
    {
        var told = new Vigil();
        told.Fails(Rule(AlertOn.Failed, resolved: true));
        told.Minutes(5).Succeeds();
        told.Minutes(5).Succeeds();
        Assert.Equal([false, true], told.Alerts.Select(alert => alert.IsResolved));
        Assert.Equal(told.Alerts[0].Key + "/resolved", told.Alerts[1].Key);

        var silent = new Vigil();
        silent.Fails();
        silent.Minutes(5).Succeeds();
        Assert.Single(silent.Alerts);

        var quiet = new Vigil().Silenced(TimeSpan.FromHours(1));
        quiet.Fails(Rule(AlertOn.Failed, resolved: true));
        quiet.Minutes(5).Succeeds();
        quiet.Lives(TimeSpan.FromHours(4));
        Assert.Empty(quiet.Told); // of what nobody knew nobody need know that it is over
    }

    [Fact]
    public void Whoever_cancels_knows_it()
    {
        var vigil = new Vigil();
        vigil.Hears(new News.Ended(vigil.Begins(), RunStatus.Cancelled, vigil.Now));
        Assert.Empty(vigil.Alerts);
        Assert.Empty(vigil.Watch.Open);
    }

    [Fact]
    public void What_is_silenced_is_recorded_once_and_told_at_the_end_if_it_is_still_so()
    {
        var vigil = new Vigil().Silenced(TimeSpan.FromHours(2));
        for (var i = 0; i < 5; i++)
        {
            vigil.Fails();
            vigil.Lives(TimeSpan.FromMinutes(10));
        }
        var recorded = Assert.Single(vigil.Alerts);
        Assert.Equal(("lunch", 1, 4, true), (recorded.Silenced!.Reason, recorded.Count, recorded.More, recorded.Deliveries.IsEmpty));
        vigil.Lives(TimeSpan.FromHours(3));
        var told = Assert.Single(vigil.Told);
        Assert.Equal(5, told.Count);
        Assert.InRange(told.At, Noon.AddHours(2), Noon.AddHours(2) + Small.HeldEvery);
    }

    [Fact]
    public void What_is_over_when_the_silence_ends_is_not_told()
    {
        var vigil = new Vigil().Silenced(TimeSpan.FromHours(2));
        vigil.Fails();
        vigil.Minutes(30).Succeeds();
        vigil.Lives(TimeSpan.FromHours(5));
        Assert.NotNull(Assert.Single(vigil.Alerts).Silenced);
    }

    [Fact]
    public void A_silence_that_is_taken_back_ends_within_a_moment()
    {
        var vigil = new Vigil().Silenced(TimeSpan.FromDays(2));
        vigil.Fails();
        vigil.Minutes(1).Silence = null;
        vigil.Lives(Small.HeldEvery);
        Assert.Single(vigil.Told);
    }

    [Fact]
    public void A_silenced_alert_can_be_sent_all_the_same()
    {
        var vigil = new Vigil().Silenced(TimeSpan.FromHours(2));
        vigil.Fails();
        vigil.Hears(new News.Resend(1, Everywhere: false));
        Assert.Equal("ops", Assert.Single(vigil.Watch.Due(vigil.Now)).Delivery.Channel);
    }

    [Fact]
    public void Kinds_do_not_hide_each_other()
    {
        var vigil = new Vigil();
        vigil.Fails();
        vigil.Fails(Rule(AlertOn.CheckFailed));
        Assert.Equal([AlertOn.Failed, AlertOn.CheckFailed], vigil.Alerts.Select(alert => alert.On));
    }

    [Fact]
    public void A_run_that_was_announced_and_never_began_is_forgotten_after_a_while_and_not_before()
    {
        var vigil = new Vigil();
        var run = vigil.Begins();
        vigil.Minutes(4).Hears(new News.NotThere(run));
        Assert.Single(vigil.Watch.Open);
        vigil.Minutes(2).Hears(new News.NotThere(run));
        Assert.Empty(vigil.Watch.Open);
        Assert.Null(vigil.Watch.NextWake);
    }

    [Fact]
    public void Runs_of_which_nothing_is_heard_are_asked_after_again_and_again()
    {
        var vigil = new Vigil();
        vigil.Begins();
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(Noon + i * Small.LookEvery, vigil.Watch.NextWake);
            vigil.Now = vigil.Watch.NextWake!.Value;
            vigil.Hears(new News.Tick());
        }
    }
}
