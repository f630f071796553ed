using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansEtl.Engine.Pauses;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>The pauses of pipelines as they are stored: one state that any process changes and all read.</summary>
public sealed class PauseStore(IGrainStates states, TimeProvider clock, Func<Guid> newId)
{
    private static readonly StateKey Place = new("pipeline-pauses/all", "pauses");

    public async Task<PipelinePauses> Read(CancellationToken cancellation) => Pauses(await states.Read(Place, cancellation));

    /// <inheritdoc cref="IPipelinePausesGrain.Pause"/>
    public async Task<PipelinePause> Pause(string? pipeline, string reason, string? by, CancellationToken cancellation)
    {
        var pause = new PipelinePause(pipeline, clock.GetUtcNow(), reason, by);
        var (_, after) = await Change(pauses => pauses.With(pause), cancellation);
        return after.Find(pipeline)!;
    }

    /// <inheritdoc cref="IPipelinePausesGrain.Resume"/>
    public async Task<PipelinePause?> Resume(string? pipeline, CancellationToken cancellation)
    {
        var (before, _) = await Change(pauses => pauses.Without(pipeline), cancellation);
        return before.Find(pipeline);
    }

    private async Task<(PipelinePauses Before, PipelinePauses After)> Change(
        Func<PipelinePauses, PipelinePauses> change, CancellationToken cancellation)
    {
        while (true)
        {
            var stored = await states.Read(Place, cancellation);
            var before = Pauses(stored);
            var after = change(before);
            if (after.All.Length == before.All.Length) return (before, after);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(after.All, PausesJson.Default.ImmutableArrayPipelinePause);
            var outcome = await states.Write(new StateWrite(newId(), Place, stored?.Version ?? 0, bytes), cancellation);
            if (outcome is StateOutcome.Stored) return (before, after);
        }
    }

    private static PipelinePauses Pauses(StoredState? stored) => stored?.Value is { } bytes
        ? new PipelinePauses(JsonSerializer.Deserialize(bytes, PausesJson.Default.ImmutableArrayPipelinePause))
        : PipelinePauses.None;
}

[JsonSerializable(typeof(ImmutableArray<PipelinePause>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class PausesJson : JsonSerializerContext;
