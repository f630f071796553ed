using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>The pauses of pipelines. The key means nothing: any silo answers any of them from the store.</summary>
[Alias("etl.IPipelinePausesGrain"), DefaultGrainType("pipeline-pauses")]
public interface IPipelinePausesGrain : IGrainWithIntegerKey
{
    /// <summary>Pauses a pipeline: its runs start nothing more, and those that begin from now on start nothing at all. One that is paused
    /// already stays as it is.</summary>
    /// <param name="pipeline">Null: all.</param>
    /// <exception cref="FaultException">Invalid: the name or the reason. Exhausted: too many are paused. Unavailable: the store.</exception>
    [Alias("Pause")]
    Task<PipelinePause> Pause(string? pipeline, string reason, string? by);

    /// <summary>Ends that pause; null when there was none.</summary>
    /// <param name="pipeline">Null: the pause of all; those of single pipelines stay.</param>
    [Alias("Resume")]
    Task<PipelinePause?> Resume(string? pipeline);

    [Alias("All"), ReadOnly]
    Task<ImmutableArray<PipelinePause>> All();
}

/// <summary>Since when a pipeline is paused, and why.</summary>
/// <param name="Pipeline">Null: all.</param>
/// <param name="By">As they call themselves; null: not said.</param>
[GenerateSerializer, Immutable, Alias(WireNames.PipelinePause)]
public sealed record PipelinePause(string? Pipeline, DateTimeOffset Since, string Reason, string? By);
