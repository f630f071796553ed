using OrleansEtl.Storage;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Who takes up runs that nobody drives, on each silo.</summary>
internal interface IRescuer
{
    void Watch(SimSilo silo);
}

/// <summary>Wakes, every other second, the unfinished runs of silos that are not in the view, and those whose time has come; and now
/// and then those that this silo drives itself: their activation may have given up, or moved to a silo that died before it wrote.</summary>
internal sealed class PlainRescuer : IRescuer
{
    private const int OwnEveryRounds = 5;

    public void Watch(SimSilo silo) => _ = silo.Pool.Run(() => Rounds(silo));

    private static async Task Rounds(SimSilo silo)
    {
        for (var round = 1; ; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), silo.Clock);
            try
            {
                await Round(silo, round % OwnEveryRounds == 0);
            }
            catch (Exception away)
            {
                silo.World.Trace.Say(silo.Name, $"could not look for runs to rescue: {away.Message}");
            }
        }
    }

    private static async Task Round(SimSilo silo, bool withOwn)
    {
        var unfinished = await silo.Catalog.Runs(new RunQuery(UnfinishedOnly: true, Limit: 500), CancellationToken.None);
        var names = silo.View.Where(other => other != silo || !withOwn).Select(other => other.Name).ToArray();
        var orphans = unfinished.Items.Where(row => !names.Contains(row.Driver)).Select(row => row.Id).ToArray();
        var due = await silo.Catalog.Due(silo.Clock.GetUtcNow() - TimeSpan.FromSeconds(2), 500, CancellationToken.None);
        foreach (var run in orphans.Union(due)) _ = silo.Runtime.GrainFactory.GetGrain<IPipelineGrain>(run.Value).Wake();
    }
}

internal sealed class NoRescuer : IRescuer
{
    public void Watch(SimSilo silo) { }
}
