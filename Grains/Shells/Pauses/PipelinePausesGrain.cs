using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansEtl.Shells;

/// <summary>Any silo speaks for all: the store decides between two that change something at once.</summary>
[StatelessWorker, GrainType("pipeline-pauses")]
public sealed class PipelinePausesGrain(PauseStore store) : Grain, IPipelinePausesGrain
{
    public Task<PipelinePause> Pause(string? pipeline, string reason, string? by) => store.Pause(pipeline, reason, by, CancellationToken.None);

    public Task<PipelinePause?> Resume(string? pipeline) => store.Resume(pipeline, CancellationToken.None);

    public async Task<ImmutableArray<PipelinePause>> All() => (await store.Read(CancellationToken.None)).All;
}
