using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>The items that a rerun names by their keys: a run in which they could not run is not made.</summary>
public static class NamedItems
{
    /// <summary>Items that are shown instead of those that are not there.</summary>
    private const int ShownMax = 3;

    /// <param name="gathered">Reads the dataset of the earlier run.</param>
    /// <returns>Null: all of them can.</returns>
    public static async Task<Fault?> Fault(RunCommand.Start start, Func<DatasetVersion, ItemFilter, Task<ImmutableArray<ItemView>>> gathered)
    {
        if (start.Rerun is not { Items: { } some } rerun) return null;
        foreach (var again in some)
            foreach (var keys in again.Keys.Chunk(Paging.LimitMax))
            {
                var wanted = new ItemFilter(rerun.From, again.Step, Limit: Paging.LimitMax, Keys: [.. keys]);
                var found = (await gathered(again.Items, wanted)).ToLookup(item => item.Key!, StringComparer.Ordinal);
                if (keys.FirstOrDefault(key => !found.Contains(ItemPages.Cut(key))) is { } missing)
                    return NoItem(rerun.From, again, missing, await Others(rerun.From, again, gathered));
                if (found.SelectMany(same => same).FirstOrDefault(item => item.Status == "succeeded") is { } done)
                    return Succeeded(rerun.From, again, done.Key!);
            }
        return null;
    }

    /// <summary>Some that did not succeed, which can run again.</summary>
    private static async Task<IEnumerable<string>> Others(
        RunId from, ItemsAgain again, Func<DatasetVersion, ItemFilter, Task<ImmutableArray<ItemView>>> gathered)
    {
        foreach (var status in new[] { "failed", "waiting" })
            if (await gathered(again.Items, new ItemFilter(from, again.Step, status, Limit: ShownMax)) is { IsEmpty: false } items)
                return items.Select(item => $"'{item.Key}'");
        return [];
    }

    private static Fault NoItem(RunId from, ItemsAgain again, string key, IEnumerable<string> others) => new(
        FaultKind.NotFound, RunCodes.NoItem, $"Step {again.Step} of {from} has no item '{ItemPages.Cut(key)}'. "
        + $"Some that did not succeed: {string.Join(", ", others)}.", null, $"See all of them with: etl runs items {from} {again.Step}");

    private static Fault Succeeded(RunId from, ItemsAgain again, string key) => new(
        FaultKind.Conflict, "ETL6208", $"Item '{key}' of step {again.Step} of {from} succeeded; what it gave is used again.", null,
        $"Run all items again with: etl rerun {from} --from {again.Step}");
}
