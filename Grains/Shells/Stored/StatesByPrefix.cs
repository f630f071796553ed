using System.Collections.Immutable;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

internal static class StatesByPrefix
{
    /// <summary>The states of that name of the grains of a type whose keys begin with a prefix, by key, one page.</summary>
    public static async Task<Listing<T>> List<T>(
        this IGrainStates states, string grainType, string name, string prefix, string? cursor, int limit, Func<byte[], T> read,
        CancellationToken cancellation)
    {
        // All keys that begin with the prefix come one after another, and after the prefix itself.
        var page = await states.List(grainType, name, cursor ?? (prefix.Length > 0 ? prefix : null), limit, cancellation);
        ImmutableArray<T> found =
            [.. page.Items.TakeWhile(state => state.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(state => read(state.Value))];
        return new Listing<T>(found, found.Length == page.Items.Length ? page.Next : null);
    }
}
