using OrleansEtl.Engine.Alerts;
using static OrleansEtl.Engine.Tests.Alerts.Vigil;

namespace OrleansEtl.Engine.Tests.Alerts;

/// <summary>Late runs and stale pipelines.</summary>
public sealed class TimeLaws
{
    private static readonly AlertRule Late = Rule(AlertOn.Late, resolved: true);
    private static readonly AlertRule Stale = Rule(AlertOn.Stale, resolved: true);

    private static PipelineSpec Spec(AlertRule rule) => new("shop", null, [], [], Alerts: [rule]);

    private static News.Late IsLate(RunId run) => new(run, Late, Cause(run));

    [Fact]
    public void A_run_is_late_once_and_not_before_its_time()
    {
        var vigil = new Vigil();
        var run = vigil.Begins(Noon.AddMinutes(10));
        vigil.Minutes(9).Hears(IsLate(run));
        Assert.Empty(vigil.Alerts);
        Assert.Empty(vigil.Watch.Overdue(vigil.Now));
        vigil.Minutes(1);
        Assert.Equal([run], vigil.Watch.Overdue(vigil.Now));
        vigil.Hears(IsLate(run)).Minutes(500).Hears(IsLate(run));
        Assert.Equal($"shop/late/{run}", Assert.Single(vigil.Alerts).Key);
        Assert.Empty(vigil.Watch.Overdue(vigil.Now));
    }

    [Fact]
    public void It_is_late_no_longer_when_no_run_is()
    {
        var vigil = new Vigil();
        var (one, other) = (vigil.Begins(Noon.AddMinutes(10)), vigil.Begins(Noon.AddMinutes(10)));
        vigil.Minutes(10).Hears(IsLate(one), IsLate(other));
        vigil.Hears(new News.Ended(one, RunStatus.Cancelled, vigil.Now));
        Assert.Single(vigil.Alerts);
        vigil.Hears(new News.Ended(other, RunStatus.Succeeded, vigil.Now));
        Assert.Equal([false, true], vigil.Alerts.Select(alert => alert.IsResolved));
    }

    [Fact]
    public void Time_in_which_it_is_held_does_not_count()
    {
        var vigil = new Vigil();
        var run = vigil.Begins(Noon.AddMinutes(10));
        vigil.Minutes(10); // it has been paused for seven of them
        for (var i = 0; i < 60; i++) vigil.Hears(new News.Held(run, Noon.AddMinutes(3))).After(Small.HeldEvery);
        Assert.Empty(vigil.Alerts);
        vigil.Hears(IsLate(run)); // it goes on, and has seven minutes left
        Assert.Empty(vigil.Alerts);
        vigil.Minutes(6.9).Hears(IsLate(run));
        Assert.Empty(vigil.Alerts);
        vigil.Minutes(0.2).Hears(IsLate(run));
        Assert.Single(vigil.Alerts);
    }

    [Theory]
    [InlineData(LateFrom.Start, null, null, 10)]
    [InlineData(LateFrom.Start, "nightly", null, 10)]
    [InlineData(LateFrom.Due, "nightly", null, -20)]
    [InlineData(LateFrom.Due, "nightly", "march", 10)] // a backfill is for a time long past
    [InlineData(LateFrom.Due, null, null, 10)]
    public void From_when_it_is_counted_is_said_by_the_rule(LateFrom from, string? schedule, string? backfill, int minutes)
    {
        var occasion = new RunOccasion(Noon.AddHours(-2), Noon.AddMinutes(-30), null, schedule, backfill);
        Assert.Equal(Noon.AddMinutes(minutes), RunAlerts.LateAt(Spec(Late with { From = from }), occasion, Noon));
        Assert.Null(RunAlerts.LateAt(Spec(Stale), occasion, Noon));
    }

    [Fact]
    public void A_pipeline_is_stale_once_for_each_time_without_a_success()
    {
        var vigil = new Vigil().Hears(new News.Registered(Stale, IsHeld: false));
        vigil.Minutes(25 * 60).Hears(new News.Registered(Stale, false));
        Assert.Empty(vigil.Alerts);
        Assert.Equal(Noon.AddHours(26), vigil.Watch.NextWake);
        vigil.Now = Noon.AddHours(26);
        for (var i = 0; i < 5; i++) vigil.Hears(new News.Registered(Stale, false)).Minutes(600);
        Assert.Single(vigil.Alerts);
        vigil.Succeeds();
        Assert.Equal([false, true], vigil.Alerts.Select(alert => alert.IsResolved));
        var again = vigil.Now + TimeSpan.FromHours(26);
        Assert.Equal(again, vigil.Watch.StaleAt);
        vigil.Now = again;
        vigil.Hears(new News.Registered(Stale, false));
        Assert.Equal(3, vigil.Alerts.Length);
    }

    [Fact]
    public void A_success_that_is_heard_of_late_counts_from_when_it_was()
    {
        var vigil = new Vigil().Hears(new News.Registered(Stale, false));
        var (one, other) = (vigil.Begins(), vigil.Begins());
        vigil.Hears(new News.Ended(one, RunStatus.Succeeded, Noon.AddHours(5)), new News.Ended(other, RunStatus.Succeeded, Noon.AddHours(2)));
        Assert.Equal(Noon.AddHours(31), vigil.Watch.StaleAt);
    }

    [Fact]
    public void A_pipeline_that_is_paused_is_not_stale_and_has_all_of_its_time_again_after_that()
    {
        var vigil = new Vigil().Hears(new News.Registered(Stale, false));
        vigil.Minutes(26 * 60).Hears(new News.Registered(Stale, IsHeld: true));
        Assert.Equal(vigil.Now + TimeSpan.FromHours(26), vigil.Watch.StaleAt);
        vigil.Minutes(25 * 60).Hears(new News.Registered(Stale, false));
        Assert.Empty(vigil.Alerts);
    }

    [Fact]
    public void A_pipeline_whose_rule_is_gone_or_that_is_retired_is_not_stale()
    {
        var vigil = new Vigil().Hears(new News.Registered(Stale, false));
        vigil.Minutes(27 * 60).Hears(new News.Registered(null, false));
        Assert.Empty(vigil.Alerts);
        Assert.Null(vigil.Watch.NextWake);
        vigil.Minutes(27 * 60).Hears(new News.Registered(Stale, false));
        Assert.Empty(vigil.Alerts); // it is watched anew
    }

    [Fact]
    public void What_the_registry_may_be_about_to_say_is_read_soon()
    {
        var vigil = new Vigil().Hears(new News.Registering());
        Assert.InRange(vigil.Watch.NextWake!.Value, Noon, Noon + Small.HeldEvery);
        vigil.Hears(new News.Registered(null, false));
        Assert.Null(vigil.Watch.NextWake);
    }
}
