using OrleansEtl.Engine.Retry;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class BackoffLaws
{
    private static readonly RetrySpec Spec = new(10, TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(30), 0.2);

    [Fact]
    public void The_wait_grows_by_its_factor_up_to_its_cap() =>
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 7).Select(retry => Backoff.Delay(Spec, retry, 0).TotalSeconds));

    [Fact]
    public void Chance_shortens_the_wait_by_the_jitter_at_most_and_never_makes_it_longer()
    {
        foreach (var retry in Enumerable.Range(1, 10))
        foreach (var chance in new[] { 0, 0.25, 0.5, 1, -3, 7 })
        {
            var (whole, wait) = (Backoff.Delay(Spec, retry, 0), Backoff.Delay(Spec, retry, chance));
            Assert.InRange(wait, whole * 0.8, whole);
        }
        Assert.Equal(0.8, Backoff.Delay(Spec, 1, 1).TotalSeconds, 9);
    }

    [Fact]
    public void No_spec_makes_a_wait_that_is_not_a_time()
    {
        var wild = Spec with { Factor = 1e300, MaxDelay = TimeSpan.FromDays(1) };
        Assert.Equal(TimeSpan.FromDays(1), Backoff.Delay(wild, 100, 0));
        Assert.Equal(TimeSpan.Zero, Backoff.Delay(wild with { Initial = TimeSpan.Zero }, 100, 0));
    }

    [Fact]
    public void Chance_is_the_same_for_the_same_attempt_and_spread_evenly_over_others()
    {
        Assert.Equal(Backoff.Chance(Given.Id, 3, new Attempt(2)), Backoff.Chance(Given.Id, 3, new Attempt(2)));
        var tenths = new int[10];
        for (var stage = 0; stage < 1_000; stage++)
        for (var attempt = 1; attempt <= 10; attempt++)
            tenths[(int)(Backoff.Chance(Given.Id, stage, new Attempt(attempt)) * 10)]++;
        Assert.All(tenths, count => Assert.InRange(count, 850, 1150));
    }
}
