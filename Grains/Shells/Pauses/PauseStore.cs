using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansEtl.Engine.Pauses;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>The pauses of pipelines as they are stored: one state that any process changes and all read.</summary>
public sealed class PauseStore(IGrainStates states, TimeProvider clock, Func<Guid> newId)
{
    /// <summary>Others that write first before one gives up.</summary>
    private const int TriesMax = 100;

    private static readonly StateKey Place = new("pipeline-pauses/all", "pauses");
    private static readonly StateForm<PipelinePauses> Form = new(
        PipelinePauses.None, (pauses, _) => JsonSerializer.SerializeToUtf8Bytes(pauses.All, PausesJson.Default.ImmutableArrayPipelinePause),
        bytes => (new PipelinePauses(StateJson.Read(bytes, PausesJson.Default.ImmutableArrayPipelinePause, "pauses")), null), "ETL4276");

    public Task<PipelinePauses> Read(CancellationToken cancellation) => Now.Read(cancellation);

    private KeptState<PipelinePauses> Now => new(states, newId, Place, Form, TriesMax);

    /// <inheritdoc cref="IPipelinePausesGrain.Pause"/>
    public async Task<PipelinePause> Pause(string? pipeline, string reason, string? by, CancellationToken cancellation)
    {
        var pause = new PipelinePause(pipeline, clock.GetUtcNow(), reason, by);
        var after = await Now.Change(pauses => new Change<PipelinePauses>(pauses.With(pause)), cancellation);
        return after.Find(pipeline)!;
    }

    /// <inheritdoc cref="IPipelinePausesGrain.Resume"/>
    public async Task<PipelinePause?> Resume(string? pipeline, CancellationToken cancellation)
    {
        PipelinePause? ended = null;
        await Now.Change(pauses =>
        {
            ended = pauses.Find(pipeline);
            return ended is null ? null : new Change<PipelinePauses>(pauses.Without(pipeline));
        }, cancellation);
        return ended;
    }
}

[JsonSerializable(typeof(ImmutableArray<PipelinePause>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class PausesJson : JsonSerializerContext;
