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
        tables.GrainStates[write.Key] = (new StoredState(version + 1, write.Value), write.Id);
        return new StateOutcome.Stored(version + 1);
    }, cancellation);
}
