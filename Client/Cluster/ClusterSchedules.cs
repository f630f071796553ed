using Orleans;

namespace OrleansEtl.Client;

/// <summary>The schedules of a cluster. Every call may be repeated: what is so already stays as it is.</summary>
internal sealed class ClusterSchedules(IGrainFactory grains, PatientCalls calls, Func<byte[]> entropy) : ISchedules
{
    public Task<ScheduleAnswer> Put(string id, ScheduleSpec spec, bool keepsPause, CancellationToken cancellation) =>
        calls.Ask(_ => Schedule(id).Put(spec, keepsPause), cancellation);

    public async Task<ScheduleAnswer> Delete(string id, CancellationToken cancellation)
    {
        var (answer, wasRepeated) = await calls.AskNoting(() => Schedule(id).Delete(), cancellation);
        return wasRepeated && answer is ScheduleAnswer.Refused { Faults: [{ Kind: FaultKind.NotFound }] } ? new ScheduleAnswer.Done() : answer;
    }

    public Task<ScheduleAnswer> Pause(string id, CancellationToken cancellation) => calls.Ask(_ => Schedule(id).Pause(), cancellation);

    public Task<ScheduleAnswer> Resume(string id, CancellationToken cancellation) => calls.Ask(_ => Schedule(id).Resume(), cancellation);

    public Task<ScheduleAnswer> Trigger(string id, string? token, CancellationToken cancellation)
    {
        token ??= Convert.ToHexStringLower(entropy());
        return calls.Ask(_ => Schedule(id).Trigger(token), cancellation);
    }

    public Task<ScheduleAnswer> Backfill(string id, BackfillRequest request, CancellationToken cancellation) =>
        calls.Ask(_ => Schedule(id).Backfill(request), cancellation);

    public Task<BackfillPreview> PreviewBackfill(string id, BackfillRequest request, CancellationToken cancellation) =>
        calls.Ask(_ => Schedule(id).PreviewBackfill(request), cancellation);

    public Task<ScheduleAnswer> CancelBackfill(string id, string backfill, CancellationToken cancellation) =>
        calls.Ask(_ => Schedule(id).CancelBackfill(backfill), cancellation);

    public Task<ScheduleView?> View(string id, CancellationToken cancellation) => calls.Ask(_ => Schedule(id).View(), cancellation);

    public Task<Listing<ScheduleView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation) =>
        calls.Ask(_ => grains.GetGrain<IScheduleCatalogGrain>(0).List(prefix, cursor, limit), cancellation);

    private IScheduleGrain Schedule(string id) => grains.GetGrain<IScheduleGrain>(id);
}
