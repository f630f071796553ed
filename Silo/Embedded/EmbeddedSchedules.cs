using OrleansEtl.Client;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Shells.Schedules;

namespace OrleansEtl.Silo.Embedded;

/// <summary>The schedules of a home. They are read and written in the store itself; what they then owe is paid by the process that drives the
/// home, when there is one.</summary>
internal sealed class EmbeddedSchedules(ScheduleDesk desk) : ISchedules
{
    public async Task<ScheduleAnswer> Put(string id, ScheduleSpec spec, bool keepsPause, CancellationToken cancellation) =>
        (await desk.Put(Kept(id), spec, keepsPause)).Answer();

    public Task<ScheduleAnswer> Delete(string id, CancellationToken cancellation) => desk.Delete(Kept(id));

    public Task<ScheduleAnswer> Pause(string id, CancellationToken cancellation) => Tell(id, new ScheduleCommand.Pause());

    public Task<ScheduleAnswer> Resume(string id, CancellationToken cancellation) => Tell(id, new ScheduleCommand.Resume());

    public async Task<ScheduleAnswer> Trigger(string id, string? token, CancellationToken cancellation)
    {
        token ??= Guid.NewGuid().ToString("N");
        return (await desk.Trigger(Kept(id), token)).Requested(token);
    }

    public async Task<ScheduleAnswer> Backfill(string id, BackfillRequest request, CancellationToken cancellation) =>
        (await desk.Backfill(Kept(id), request)).Answer();

    public Task<BackfillPreview> PreviewBackfill(string id, BackfillRequest request, CancellationToken cancellation) =>
        desk.PreviewBackfill(Kept(id), request);

    public Task<ScheduleAnswer> CancelBackfill(string id, string backfill, CancellationToken cancellation) =>
        Tell(id, new ScheduleCommand.CancelBackfill(new BackfillId(backfill)));

    public Task<ScheduleView?> View(string id, CancellationToken cancellation) => desk.View(id, cancellation);

    public Task<Listing<ScheduleView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation) =>
        desk.List(prefix, cursor, limit, cancellation);

    private async Task<ScheduleAnswer> Tell(string id, ScheduleCommand command) => (await desk.Tell(Kept(id), command)).Answer();

    private KeptSchedule Kept(string id) => new(desk, id);
}
