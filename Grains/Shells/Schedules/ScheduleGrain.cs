using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansEtl.Engine.Schedules;

namespace OrleansEtl.Shells.Schedules;

/// <summary>
/// One schedule: whose turn it is, and paying what it owes. A run is started only after it is stored that it is, under an id that is
/// stored with it; so whoever pays a start a second time starts nothing. What cannot be paid now is owed when the grain is woken the next
/// time, and what can never be paid is an end like others. How a run ended it is told; whom nobody told, asks.
/// </summary>
[GrainType(KeptSchedule.GrainType), Role(SiloRoles.Control)]
public sealed partial class ScheduleGrain(ScheduleDesk desk, ILogger<ScheduleGrain> log) : Grain, IScheduleGrain
{
    private KeptSchedule? _kept;

    private KeptSchedule Kept => _kept ??= new KeptSchedule(desk, this.GetPrimaryKeyString());

    public Task<ScheduleAnswer> Put(ScheduleSpec spec, bool keepsPause) => Told(desk.Put(Kept, spec, keepsPause));

    public Task<ScheduleAnswer> Delete() => desk.Delete(Kept);

    public Task<ScheduleAnswer> Pause() => Told(desk.Tell(Kept, new ScheduleCommand.Pause()));

    public Task<ScheduleAnswer> Resume() => Told(desk.Tell(Kept, new ScheduleCommand.Resume()));

    public async Task<ScheduleAnswer> Trigger(string token)
    {
        var heard = await desk.Trigger(Kept, token);
        await Pay(heard.Owed);
        return heard.Requested(token);
    }

    public Task<ScheduleAnswer> Backfill(BackfillRequest request) => Told(desk.Backfill(Kept, request));

    public Task<BackfillPreview> PreviewBackfill(BackfillRequest request) => desk.PreviewBackfill(Kept, request);

    public Task<ScheduleAnswer> CancelBackfill(string backfill) =>
        Told(desk.Tell(Kept, new ScheduleCommand.CancelBackfill(new BackfillId(backfill))));

    public Task<ScheduleView?> View() => desk.View(this.GetPrimaryKeyString(), CancellationToken.None);

    public async Task RunEnded(ScheduleEnd end)
    {
        if ((await Kept.Read(CancellationToken.None)).KeyOf(end.Run) is not { } key) return;
        await Told(desk.Tell(Kept, new ScheduleCommand.RunEnded(key, end.Status, end.Definition, end.Fault)));
    }

    public async Task Wake()
    {
        // Whom the store calls, and who sees nothing due, saw what others have written over.
        if (!(await Kept.Read(CancellationToken.None)).Exists || !Kept.IsDue(desk.Clock.GetUtcNow())) Kept.Forget();
        if (desk.Pays is { } runs && Kept.LookAt <= desk.Clock.GetUtcNow()) await Look(runs);
        var heard = await Kept.Hear(
            (schedule, now) => schedule.Exists ? Schedule.Decide(schedule, new ScheduleCommand.Tick(), now, desk.Bounds) : ScheduleDecision.Nothing,
            postpones: true, CancellationToken.None);
        if (!heard.Schedule.Exists) DeactivateOnIdle();
        await Pay(heard.Owed);
    }

    /// <summary>Pays, after it is stored, what the answer brings about.</summary>
    private async Task<ScheduleAnswer> Told(Task<Heard> hearing)
    {
        var heard = await hearing;
        await Pay(heard.Owed);
        return heard.Answer();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "schedule {schedule} could not start or cancel {run}, tries again: {reason}")]
    private partial void LogUnpaid(string schedule, string run, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "schedule {schedule} could not start {run}: {fault}")]
    private partial void LogRefused(string schedule, string run, Fault fault);
}
