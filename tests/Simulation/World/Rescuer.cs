using System.Collections.Immutable;
using OrleansEtl.Storage;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Who takes up runs that nobody drives, on each silo.</summary>
internal interface IRescuer
{
    void Watch(SimSilo silo);
}

/// <summary>Wakes, every other second, the unfinished runs of silos that are not in the view, and those whose time has come.</summary>
internal sealed class PlainRescuer : IRescuer
{
    public void Watch(SimSilo silo) => _ = silo.Pool.Run(() => Rounds(silo));

    private static async Task Rounds(SimSilo silo)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), silo.Clock);
            try
            {
                await Round(silo);
            }
            catch (Exception away)
            {
                silo.World.Trace.Say(silo.Name, $"could not look for runs to rescue: {away.Message}");
            }
        }
    }

    private static async Task Round(SimSilo silo)
    {
        var unfinished = await silo.Catalog.Runs(new RunQuery(UnfinishedOnly: true, Limit: 500), CancellationToken.None);
        var names = silo.View.Select(other => other.Name).ToArray();
        ImmutableArray<RunId> orphans = [.. unfinished.Items.Where(row => !names.Contains(row.Driver)).Select(row => row.Id)];
        var due = await silo.Catalog.Due(silo.Clock.GetUtcNow() - TimeSpan.FromSeconds(2), 500, CancellationToken.None);
        foreach (var run in orphans.Union(due)) _ = silo.Runtime.GrainFactory.GetGrain<IPipelineGrain>(run.Value).Wake();
    }
}

internal sealed class NoRescuer : IRescuer
{
    public void Watch(SimSilo silo) { }
}
