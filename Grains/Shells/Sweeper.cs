using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Logs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>Removes what attempts staged and nobody published, and the logs of runs that are forgotten. The store decides, never age: a
/// folder stays while its run may still write, and as long as a published version lies in it.</summary>
public sealed class Sweeper(DatasetStore datasets, LogStore logs, IRunCatalog catalog)
{
    /// <summary>Folders that one pass removes, so that a long neglected home does not hold up a run.</summary>
    public const int FoldersMax = 10_000;

    public async Task<int> Sweep(CancellationToken cancellation)
    {
        var unneeded = new HashSet<StagedFolder>();
        foreach (var owner in datasets.Staged().GroupBy(folder => folder.Key.Owner))
        {
            if (!RunId.TryParse(owner.Key, out var run)) continue;
            if (await catalog.Run(run, cancellation) is { } row && !row.Status.IsTerminal()) continue;
            var published = await catalog.Published(run, cancellation);
            var versions = published.Select(version => EventCodec.ReadManifest(version.Manifest)).ToArray();
            unneeded.UnionWith(owner.Where(folder => !versions.Any(folder.Holds)));
        }
        return unneeded.Count == 0 ? 0 : datasets.Sweep(folder => !unneeded.Contains(folder), FoldersMax, cancellation);
    }

    /// <returns>The runs whose logs this pass removed.</returns>
    public async Task<int> SweepLogs(CancellationToken cancellation)
    {
        var removed = 0;
        foreach (var run in logs.Runs())
        {
            if (await catalog.Run(run, cancellation) is not null) continue;
            logs.Remove(run);
            if (++removed == FoldersMax) break;
        }
        return removed;
    }
}
