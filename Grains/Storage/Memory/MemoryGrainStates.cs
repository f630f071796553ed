using System.Collections.Immutable;

namespace OrleansEtl.Storage;

internal sealed class MemoryGrainStates(MemoryTables tables) : IGrainStates
{
    public Task<StoredState?> Read(StateKey key, CancellationToken cancellation) => tables.Locked(
        () => tables.GrainStates.TryGetValue(key, out var found) ? found.State : null, cancellation);

    public Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation) => tables.Locked<StateOutcome>(() =>
    {
        var known = tables.GrainStates.TryGetValue(write.Key, out var found);
        var version = known ? found.State.Version : 0;
        if (known && found.WriteId == write.Id) return new StateOutcome.Stored(version);
        var expected = write.ExpectedVersion == 0 && found.State?.Value is null ? version : write.ExpectedVersion;
        if (expected != version) return new StateOutcome.Stale(version);
        tables.GrainStates[write.Key] = (new StoredState(version + 1, write.Value), write.Id, Instants.Rounded(write.DueAt));
        return new StateOutcome.Stored(version + 1);
    }, cancellation);

    public Task<Page<KeyedState>> List(string grainType, string name, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var prefix = StateKey.Prefix(grainType);
        return tables.Locked(() => tables.GrainStates
            .Where(state => state.Value.State.Value is not null && state.Key.Name == name
                && state.Key.Grain.StartsWith(prefix, StringComparison.Ordinal)
                && string.CompareOrdinal(state.Key.Grain, prefix + cursor) > 0)
            .OrderBy(state => state.Key.Grain, StringComparer.Ordinal)
            .Take(limit + 1)
            .Select(state => new KeyedState(state.Key.Grain[prefix.Length..], state.Value.State.Version, state.Value.State.Value!))
            .ToImmutableArray()
            .ToPage(limit, state => state.Key), cancellation);
    }

    public Task<ImmutableArray<DueGrain>> Due(DateTimeOffset now, DueGrain? after, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return tables.Locked(() => tables.GrainStates
            .Where(state => state.Value.DueAt <= now)
            .Select(state => new DueGrain(state.Key.Grain, state.Value.DueAt!.Value))
            .Where(due => after is null || due.At > after.At || due.At == after.At && string.CompareOrdinal(due.Grain, after.Grain) > 0)
            .OrderBy(due => due.At).ThenBy(due => due.Grain, StringComparer.Ordinal)
            .Take(limit)
            .ToImmutableArray(), cancellation);
    }
}
