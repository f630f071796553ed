using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Shells.Triggers;

/// <summary>Paying what a trigger owes: starts of runs. What failed stays owed.</summary>
public sealed partial class TriggerGrain
{
    private async Task Pay(Trigger trigger)
    {
        foreach (var some in trigger.Starting.Chunk(desk.Options.StartsAtOnce))
        {
            var paid = await Task.WhenAll(some.Select(start => OrLater(trigger.Spec!, start)));
            await Heard(new TriggerCommand.Paid([.. paid.OfType<PaidStart>()]));
        }
        await Kept.Postpone(CancellationToken.None);
    }

    private async Task<PaidStart?> OrLater(TriggerSpec spec, TriggerStart start)
    {
        try
        {
            return await Start(spec, start);
        }
        catch (Exception e) // a store or a silo is away
        {
            LogUnpaid(Kept.Id.Value, start.Run.Value, e.Message);
            return null;
        }
    }

    /// <exception cref="FaultException">It may be possible later.</exception>
    private async Task<PaidStart> Start(TriggerSpec spec, TriggerStart start)
    {
        if (await desk.Runs.Run(start.Run, CancellationToken.None) is not null) return new PaidStart(start.Run);
        Fault fault;
        try
        {
            var command = await desk.StartOf(Kept.Id, spec, start, CancellationToken.None);
            if (await desk.Pays!(start.Run, command) is not Answer.Refused { Faults: [var first, ..] }) return new PaidStart(start.Run);
            fault = first;
        }
        catch (FaultException e) when (e.Fault.Kind is FaultKind.Invalid or FaultKind.NotFound or FaultKind.Denied or FaultKind.Conflict)
        {
            fault = e.Fault;
        }
        // A process that does not see the folder is started anew some time; what has happened waits for that.
        if (fault.IsTransient || fault.Code == OutOfReach) throw new FaultException(fault);
        // Only this trigger starts a run of this id: an earlier try was heard, and the pipeline has changed since.
        if (await desk.Runs.Run(start.Run, CancellationToken.None) is not null) return new PaidStart(start.Run);
        LogRefused(Kept.Id.Value, start.Run.Value, fault);
        return new PaidStart(start.Run, fault);
    }

    private const string OutOfReach = "ETL3836";
}
