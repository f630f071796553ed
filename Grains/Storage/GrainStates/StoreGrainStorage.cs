using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansEtl.Storage;

/// <summary>The states of grains in a store of ours, as Orleans asks for them. A state is kept under the whole grain id and its own
/// name, so that no two grains share a record however much their keys look alike.</summary>
/// <param name="newId">Makes the id of a write, by which a write that is offered again is known.</param>
internal sealed class StoreGrainStorage(IGrainStates states, IGrainStorageSerializer serializer, Func<Guid> newId) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = await states.Read(Key(stateName, grainId), CancellationToken.None);
        if (stored?.Value is { } value)
        {
            grainState.State = serializer.Deserialize<T>(new BinaryData(value))!;
            grainState.ETag = Etag(stored.Version);
            grainState.RecordExists = true;
        }
        else
        {
            Empty(grainState);
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var value = serializer.Serialize(grainState.State).ToArray();
        var dueAt = (grainState.State as IDueState)?.DueAt;
        grainState.ETag = Etag(await Write(stateName, grainId, grainState.ETag, value, dueAt));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Write(stateName, grainId, grainState.ETag, value: null);
        Empty(grainState);
    }

    private async Task<long> Write(string stateName, GrainId grainId, string? etag, byte[]? value, DateTimeOffset? dueAt = null)
    {
        var write = new StateWrite(newId(), Key(stateName, grainId), Version(etag), value, dueAt);
        return await states.Write(write, CancellationToken.None) switch
        {
            StateOutcome.Stored stored => stored.Version,
            StateOutcome.Stale stale => throw new InconsistentStateException(
                $"State {stateName} of {grainId} was written by somebody else.", Etag(stale.Version), etag ?? ""),
            _ => throw new UnreachableException(),
        };
    }

    private static StateKey Key(string stateName, GrainId grainId) => new(grainId.ToString(), stateName);

    private static string Etag(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>No etag: there is no record. An etag that is none of ours fits no record.</summary>
    private static long Version(string? etag) => etag is null ? 0
        : long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1;

    private static void Empty<T>(IGrainState<T> grainState)
    {
        // As Orleans does for a state without a record: by the constructor without parameters, or without any.
        grainState.State = typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is not null
            ? Activator.CreateInstance<T>()
            : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        grainState.ETag = null!;
        grainState.RecordExists = false;
    }
}
