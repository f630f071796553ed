using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Shells.Triggers;

/// <summary>
/// One trigger: whose turn it is to look, and paying what it owes. A run is started only after it is stored that it is, under an id that is
/// stored with it; so whoever pays a start a second time starts nothing. What cannot be paid now is owed when the grain is woken the next
/// time, and what can never be paid is told.
/// </summary>
[GrainType(KeptTrigger.GrainType), Role(SiloRoles.Control)]
public sealed partial class TriggerGrain(TriggerDesk desk, ILogger<TriggerGrain> log) : Grain, ITriggerGrain
{
    private KeptTrigger? _kept;

    private KeptTrigger Kept => _kept ??= new KeptTrigger(desk, this.GetPrimaryKeyString());

    public Task<TriggerAnswer> Put(TriggerSpec spec, bool keepsPause) => desk.Put(Kept, spec, keepsPause);

    public Task<TriggerAnswer> Delete() => desk.Delete(Kept);

    public async Task<TriggerAnswer> Pause() => (await Kept.Hear(new TriggerCommand.Pause(), CancellationToken.None)).Answer;

    public async Task<TriggerAnswer> Resume() => (await Kept.Hear(new TriggerCommand.Resume(), CancellationToken.None)).Answer;

    public async Task Hinder(Fault? fault) => await Heard(new TriggerCommand.Hindered(fault));

    public async Task Reject(TriggerDelivery delivery, Fault fault) => await Heard(new TriggerCommand.Rejected(delivery, fault));

    public async Task<DeliveryAnswer> Deliver(TriggerDelivery delivery)
    {
        Kept.Forget();
        var trigger = await Kept.Read(CancellationToken.None);
        if (!trigger.Exists || trigger.Spec!.On.Kind != delivery.Kind) return new DeliveryAnswer.Refused(TriggerDesk.Unknown(Kept.Id.Value));
        if (await desk.WrongDelivery(Kept.Id, trigger.Spec, delivery, CancellationToken.None) is { } wrong)
        {
            await Heard(new TriggerCommand.Rejected(delivery, wrong));
            return new DeliveryAnswer.Refused(wrong);
        }
        var run = await desk.Claim(Kept.Id, delivery.Key, CancellationToken.None);
        if (await desk.Runs.Run(run, CancellationToken.None) is not null) return new DeliveryAnswer.Taken(run);
        var heard = await Kept.Hear(new TriggerCommand.Delivered(delivery, run), CancellationToken.None);
        if (heard.Answer is TriggerAnswer.Refused { Faults: [var first, ..] }) return new DeliveryAnswer.Refused(first);
        return await Refusal(heard.Trigger, run) is { } fault ? new DeliveryAnswer.Refused(fault) : new DeliveryAnswer.Taken(run);
    }

    /// <summary>Why the run cannot be started; null: it is, or will be, since its start is stored.</summary>
    private async Task<Fault?> Refusal(Trigger trigger, RunId run)
    {
        try
        {
            await Pay(trigger);
            return (await Kept.Read(CancellationToken.None)).Recent.Find(one => one.Run == run)?.Fault;
        }
        catch (FaultException e) // the store is away: whoever is woken pays
        {
            LogUnpaid(Kept.Id.Value, run.Value, e.Message);
            return null;
        }
    }

    public Task<TriggerView?> View() => desk.View(this.GetPrimaryKeyString(), CancellationToken.None);

    public async Task Wake()
    {
        // Whom the store calls, and who sees nothing due, saw what others have written over.
        if (!(await Kept.Read(CancellationToken.None)).Exists || !Kept.IsDue(desk.Clock.GetUtcNow())) Kept.Forget();
        var trigger = await Kept.Read(CancellationToken.None);
        if (!trigger.Exists) DeactivateOnIdle();
        else if (desk.Pays is not null)
        {
            if (trigger.NextLook <= desk.Clock.GetUtcNow()) trigger = await Look(trigger);
            await Pay(trigger);
        }
    }

    private async Task<Trigger> Look(Trigger trigger) => trigger.Spec!.On switch
    {
        TriggerSource.OfFile file => await LookAtFiles(trigger, file),
        TriggerSource.OfFreshness fresh => await Heard(await Seen(async () =>
            await desk.SuccessOf(fresh.Pipeline ?? trigger.Spec.Pipeline, trigger.Spec, CancellationToken.None))),
        _ when trigger.Spec.On.Upstream() is { } upstream =>
            await Heard(await Seen(async () => await desk.RunsOf(upstream, trigger, CancellationToken.None))),
        _ => trigger,
    };

    private async Task<Trigger> LookAtFiles(Trigger trigger, TriggerSource.OfFile source)
    {
        var (folder, files) = ("", GrainFactory.GetGrain<IFileLookGrain>(Kept.Id.Value));
        trigger = await Heard(await Seen(async () =>
        {
            folder = (await desk.Find(trigger.Spec!.Pipeline, trigger.Spec.Version, CancellationToken.None)).Folder;
            return new TriggerCommand.FilesSeen(await files.Look(folder, source.Path, desk.Bounds.FilesMax));
        }));
        if (trigger.Fault is not null) return trigger;
        var settled = trigger.Settled(desk.Clock.GetUtcNow(), desk.Bounds);
        return settled.IsEmpty ? trigger
            : await Heard(await Seen(async () => new TriggerCommand.FilesIdentified(await files.Identify(folder, settled))));
    }

    /// <summary>What was seen, or why nothing was.</summary>
    private async Task<TriggerCommand> Seen(Func<Task<TriggerCommand>> look)
    {
        Fault fault;
        try
        {
            return await look();
        }
        catch (FaultException e)
        {
            fault = e.Fault;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            fault = new Fault(FaultKind.Unavailable, TriggerCodes.LookFailed, $"Who looks for trigger {Kept.Id} did not answer: {e.Message}");
        }
        LogLookFailed(Kept.Id.Value, fault);
        return new TriggerCommand.LookFailed(fault);
    }

    private async Task<Trigger> Heard(TriggerCommand command) => (await Kept.Hear(command, CancellationToken.None)).Trigger;

    [LoggerMessage(Level = LogLevel.Warning, Message = "trigger {trigger} could not look: {fault}")]
    private partial void LogLookFailed(string trigger, Fault fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "trigger {trigger} could not start {run}, tries again: {reason}")]
    private partial void LogUnpaid(string trigger, string run, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "trigger {trigger} could not start {run}: {fault}")]
    private partial void LogRefused(string trigger, string run, Fault fault);
}
