using Orleans;

namespace OrleansEtl.Client;

/// <summary>The triggers of a cluster. Every call may be repeated: what is so already stays as it is.</summary>
internal sealed class ClusterTriggers(IGrainFactory grains, PatientCalls calls) : ITriggers
{
    public Task<TriggerAnswer> Put(string id, TriggerSpec spec, bool keepsPause, CancellationToken cancellation) =>
        calls.Ask(_ => Trigger(id).Put(spec, keepsPause), cancellation);

    public async Task<TriggerAnswer> Delete(string id, CancellationToken cancellation)
    {
        var (answer, wasRepeated) = await calls.AskNoting(() => Trigger(id).Delete(), cancellation);
        return wasRepeated && answer is TriggerAnswer.Refused { Faults: [{ Kind: FaultKind.NotFound }] } ? new TriggerAnswer.Done() : answer;
    }

    public Task<TriggerAnswer> Pause(string id, CancellationToken cancellation) => calls.Ask(_ => Trigger(id).Pause(), cancellation);

    public Task<TriggerAnswer> Resume(string id, CancellationToken cancellation) => calls.Ask(_ => Trigger(id).Resume(), cancellation);

    public Task<TriggerView?> View(string id, CancellationToken cancellation) => calls.Ask(_ => Trigger(id).View(), cancellation);

    public Task<Listing<TriggerView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation) =>
        calls.Ask(_ => grains.GetGrain<ITriggerCatalogGrain>(0).List(prefix, cursor, limit), cancellation);

    private ITriggerGrain Trigger(string id) => grains.GetGrain<ITriggerGrain>(id);
}
