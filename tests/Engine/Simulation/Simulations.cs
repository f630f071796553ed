using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

public sealed class Simulations
{
    private const int SeedsToFind = 300;

    [Fact]
    public void However_the_world_misbehaves_a_run_ends_as_if_it_had_not() => Seeds.Each(2_000, seed => Play(seed, Sabotage.None));

    [Fact, Trait("category", "soak")]
    public void However_the_world_misbehaves_for_a_night() => Seeds.Each(200_000, seed => Play(seed, Sabotage.None));

    /// <summary>The proof that the simulation can fail: with any one wall down it does, within a few seeds.</summary>
    [Theory]
    [InlineData(nameof(Sabotage.AppendIgnoresVersion)), InlineData(nameof(Sabotage.StaleReportsAreHeard))]
    [InlineData(nameof(Sabotage.PublishedBeforeCommit)), InlineData(nameof(Sabotage.VisibleBeforeAppend))]
    [InlineData(nameof(Sabotage.NothingIsPaidAgain)), InlineData(nameof(Sabotage.PausesAreForgotten))]
    [InlineData(nameof(Sabotage.KeysAreForgotten)), InlineData(nameof(Sabotage.ChildrenGetNewIds))]
    public void With_one_wall_down_a_promise_breaks(string wall) =>
        Assert.Contains(Enumerable.Range(1, SeedsToFind), seed => Breaks(seed, Enum.Parse<Sabotage>(wall)));

    [Fact]
    public void The_world_does_misbehave()
    {
        var worlds = Enumerable.Range(1, 250).Select(seed => Play(seed, Sabotage.None)).ToArray();
        Assert.All<Func<World, bool>>(
        [
            world => world.Store.Fenced > 0,
            world => world.Store.Journal.Any(happened => happened is RunEvent.StageLost),
            world => world.Store.Journal.Any(happened => happened is RunEvent.StageRetryScheduled),
            world => world.Store.Journal.Any(happened => happened is RunEvent.CancelRequested),
            world => world.Store.Journal.Any(happened => happened is RunEvent.RunPaused),
            world => world.Store.Journal.Any(happened => happened is RunEvent.StageSignalled),
            world => world.Store.Journal.Any(happened => happened is RunEvent.StageReviewed),
            world => world.Store.Journal.Any(happened => happened is RunEvent.StageSkippedByHand),
            world => world.Store.Journal.Any(happened => happened is RunEvent.StageRejoined),
            world => world.Store.Journal.Any(happened => happened is RunEvent.ItemsLost),
            world => world.Store.Journal.Any(happened => happened is RunEvent.ItemRejoined),
            world => world.Store.Journal.Any(happened => happened is RunEvent.ItemRejoined { End.Stopped: true }),
            world => world.Store.Journal.Any(happened => happened is RunEvent.ItemsHandedBack),
            world => world.Store.Journal.Any(happened => happened is RunEvent.RunRescued),
            world => world.Store.Journal.Any(happened => happened is RunEvent.CompensationBegan),
        ], often => Assert.InRange(worlds.Count(often), 10, worlds.Length));
    }

    private static bool Breaks(int seed, Sabotage sabotage)
    {
        try
        {
            Play(seed, sabotage);
            return false;
        }
        catch (BrokenPromise)
        {
            return true;
        }
    }

    private static World Play(int seed, Sabotage sabotage)
    {
        var world = new World(seed, sabotage);
        world.Play();
        Oracle.Judge(world);
        return world;
    }
}
