namespace OrleansEtl.Client.Tests;

public class WatchedRunTests
{
    private static readonly StepView Step = new(
        new StepId("a"), "k", 0, StepStatus.Running, 1, [], null, null, null, null, null, null, null, [], [], null);

    private static readonly RunView Run = new(
        RunId.New(DateTimeOffset.UnixEpoch, new byte[10]), "p", "d", RunStatus.Running, 3, DateTimeOffset.UnixEpoch, null, [], null, null, [Step]);

    private static readonly Wait Slot = new SlotWait(DateTimeOffset.UnixEpoch, 2, true, false).Wait();

    [Fact]
    public void The_first_view_and_every_later_event_are_news_and_the_same_again_is_none()
    {
        Assert.True(Run.IsNewsAfter(null));
        Assert.True((Run with { Version = 4 }).IsNewsAfter(Run));
        Assert.False((Run with { Steps = [Step] }).IsNewsAfter(Run));
    }

    [Fact]
    public void That_a_step_waits_its_place_and_that_it_waits_no_more_are_news()
    {
        var waits = Run with { Steps = [Step with { Wait = Slot }] };
        Assert.True(waits.IsNewsAfter(Run));
        Assert.True(Run.IsNewsAfter(waits));
        Assert.False(waits.IsNewsAfter(waits));
        Assert.True((Run with { Wait = Slot }).IsNewsAfter(Run));
    }
}
