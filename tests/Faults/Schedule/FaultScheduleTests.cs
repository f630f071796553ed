namespace OrleansEtl.Faults.Tests.Schedule;

public class FaultScheduleTests
{
    private static FaultSchedule Of(int seed, int mishaps) => new(
        seed, Silos: 3, mishaps, CalmMax: TimeSpan.FromSeconds(3), FreezeMax: TimeSpan.FromSeconds(15), DatabaseAwayMax: TimeSpan.FromSeconds(20));

    [Fact]
    public void A_seed_always_draws_the_same() => Assert.Equal(Of(7, 50).Draw(), Of(7, 50).Draw());

    [Fact]
    public void As_much_goes_wrong_as_was_asked_for() => Assert.All(Enumerable.Range(0, 100), seed =>
        Assert.Equal(20, Of(seed, 20).Draw().Sum(scheduled => scheduled.Mishap.Count())));

    [Fact]
    public void Everything_that_can_go_wrong_does_so_in_a_night()
    {
        var kinds = typeof(Mishap).GetNestedTypes().Where(kind => kind.IsSubclassOf(typeof(Mishap)));
        var drawn = Of(1, 200).Draw().Select(scheduled => scheduled.Mishap.GetType()).ToHashSet();
        Assert.Equal([], kinds.Except(drawn));
    }
}
