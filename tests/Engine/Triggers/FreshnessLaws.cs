using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Engine.Tests.Triggers;

/// <summary>A pipeline that has not succeeded for too long is started, and not again and again.</summary>
public sealed class FreshnessLaws
{
    private static readonly TriggerSource Minute = new TriggerSource.OfFreshness(TimeSpan.FromMinutes(1), "raw");

    [Fact]
    public void It_starts_a_run_when_the_last_success_is_too_old_and_the_next_one_only_as_much_later()
    {
        var watch = new Watch(Minute);
        Assert.Equal("", Look(watch, 10, last: 5));
        Assert.Equal("", Look(watch, 64, last: 5));
        Assert.StartsWith("no success of raw since", Look(watch, 65, last: 5));
        watch.Pay();
        Assert.Equal("", Look(watch, 70, last: 5, isUnderWay: true));
        for (var second = 80; second < 125; second += 5) Assert.Equal("", Look(watch, second, last: 5)); // its run failed
        Assert.StartsWith("no success", Look(watch, 125, last: 5));
        Assert.Equal("", Look(watch, 200, last: 190));
        Assert.StartsWith("no success", Look(watch, 250, last: 190));
        Assert.Equal(3, watch.Trigger.Recent.Select(one => one.Run).Distinct().Count());
    }

    [Fact]
    public void A_success_that_was_too_long_ago_when_it_is_made_starts_a_run_at_once_and_none_at_all_after_its_time()
    {
        Assert.StartsWith("no success", Look(new Watch(Minute), 1, last: -100));
        var never = new Watch(Minute);
        Assert.Equal("", Look(never, 59, last: null));
        Assert.StartsWith("no success", Look(never, 60, last: null));
    }

    [Fact]
    public void It_waits_for_a_run_that_is_under_way_and_says_so()
    {
        var watch = new Watch(Minute);
        Assert.Equal("", Look(watch, 100, last: 0, isUnderWay: true));
        Assert.Equal("a run is under way", watch.Trigger.View().Waits);
        Assert.StartsWith("no success", Look(watch, 110, last: 0));
        watch.Trigger = Trigger.Of(watch.Trigger.State());
        Assert.Equal("", Look(watch, 120, last: 0));
    }

    private static string Look(Watch watch, double second, double? last, bool isUnderWay = false) =>
        watch.Tell(second, new TriggerCommand.SuccessSeen(last is { } at ? Watch.At(at) : null, isUnderWay));
}
