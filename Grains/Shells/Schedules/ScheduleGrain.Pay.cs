using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules;

namespace OrleansEtl.Shells.Schedules;

/// <summary>Paying what a schedule owes: starts and cancels of runs. It never throws; what failed stays owed.</summary>
public sealed partial class ScheduleGrain
{
    /// <summary>Payments in one turn: one schedule whose runs all fail at once does not keep its grain for ever.</summary>
    private const int PaymentsMax = 200;

    /// <summary>Starts that may yet be heard, and until when: of these a cancel does not believe that there is no run.</summary>
    private readonly Dictionary<RunId, DateTimeOffset> _unsure = [];

    private async Task Pay(ImmutableArray<ScheduleDebt> owed)
    {
        if (desk.Pays is not { } runs) return;
        await PayAll(owed, debt => Paid(debt, runs));
    }

    /// <summary>What became of the runs that have not ended, as far as is known here: those that are nowhere are started, those that have
    /// ended are heard of.</summary>
    private async Task Look(RunsOfSchedules runs)
    {
        var schedule = await Kept.Read(CancellationToken.None);
        Kept.Looked();
        if (schedule.Exists) await PayAll(Schedule.Owed(schedule), debt => Seen(debt, runs));
    }

    /// <param name="pay">Gives how the run ended, when it has.</param>
    private async Task PayAll(ImmutableArray<ScheduleDebt> owed, Func<ScheduleDebt, Task<ScheduleCommand.RunEnded?>> pay)
    {
        var debts = new Queue<ScheduleDebt>(owed);
        for (var left = PaymentsMax; debts.Count > 0; left -= desk.Options.StartsAtOnce)
        {
            if (left <= 0)
            {
                Kept.LookWithin(TimeSpan.Zero);
                return;
            }
            var some = Enumerable.Range(0, Math.Min(debts.Count, desk.Options.StartsAtOnce)).Select(_ => debts.Dequeue()).ToArray();
            foreach (var ended in await Task.WhenAll(some.Select(debt => OrLater(debt, pay))))
            {
                if (ended is null) continue;
                try
                {
                    foreach (var next in (await desk.Tell(Kept, ended)).Owed) debts.Enqueue(next);
                }
                catch (Exception e) // the store is away: it is asked after again
                {
                    LogUnpaid(Kept.Id.Value, ended.Key.Value, e.Message);
                    Kept.LookWithin(TimeSpan.Zero);
                }
            }
        }
    }

    private async Task<ScheduleCommand.RunEnded?> OrLater(ScheduleDebt debt, Func<ScheduleDebt, Task<ScheduleCommand.RunEnded?>> pay)
    {
        try
        {
            return await pay(debt);
        }
        catch (Exception e) // a store or a silo is away
        {
            LogUnpaid(Kept.Id.Value, debt.ToString(), e.Message);
            Kept.LookWithin(desk.Options.PayWithin);
            return null;
        }
    }

    private Task<ScheduleCommand.RunEnded?> Paid(ScheduleDebt debt, RunsOfSchedules runs) => debt switch
    {
        ScheduleDebt.StartRun start => Start(start, runs),
        ScheduleDebt.CancelRun cancel => Cancel(cancel, runs),
        ScheduleDebt.Wake => Task.FromResult<ScheduleCommand.RunEnded?>(null), // is stored with the schedule
        _ => throw new UnreachableException(debt.GetType().Name),
    };

    private async Task<ScheduleCommand.RunEnded?> Seen(ScheduleDebt debt, RunsOfSchedules runs) =>
        debt is ScheduleDebt.StartRun { Occasion.Key: var key, Run: var run } && await desk.Runs.Run(run, CancellationToken.None) is { } row
            ? row.Status.IsTerminal() ? Ended(key, row) : null
            : await Paid(debt, runs);

    private async Task<ScheduleCommand.RunEnded?> Start(ScheduleDebt.StartRun debt, RunsOfSchedules runs)
    {
        var schedule = await Kept.Read(CancellationToken.None);
        Fault fault;
        try
        {
            _unsure[debt.Run] = desk.Clock.GetUtcNow() + desk.Options.UnheardMax;
            var pipeline = await desk.Find(schedule.Spec!.Pipeline, schedule.Spec.Version, CancellationToken.None);
            var start = new RunCommand.Start(
                pipeline.Spec, schedule.Spec.Params?.Fields ?? [], pipeline.Folder, null, null,
                RegisteredVersion: pipeline.Number, Occasion: schedule.OccasionOf(debt.Occasion));
            var answer = await runs.Start(debt.Run, start);
            _unsure.Remove(debt.Run);
            if (answer is not Answer.Refused { Faults: [var first, ..] }) return null;
            fault = first;
        }
        catch (FaultException e) when (e.Fault.Kind is FaultKind.Invalid or FaultKind.NotFound or FaultKind.Denied or FaultKind.Conflict)
        {
            fault = e.Fault;
        }
        if (fault.IsTransient) throw new FaultException(fault);
        // Only this schedule starts a run of this id: an earlier try was heard, and the pipeline has changed since.
        if (await desk.Runs.Run(debt.Run, CancellationToken.None) is not null) return null;
        LogRefused(Kept.Id.Value, debt.Run.Value, fault);
        return new ScheduleCommand.RunEnded(debt.Occasion.Key, RunStatus.Failed, null, fault);
    }

    private async Task<ScheduleCommand.RunEnded?> Cancel(ScheduleDebt.CancelRun debt, RunsOfSchedules runs)
    {
        if (await desk.Runs.Run(debt.Run, CancellationToken.None) is not { } row)
            return _unsure.GetValueOrDefault(debt.Run) > desk.Clock.GetUtcNow() ? Later() : new ScheduleCommand.RunEnded(debt.Key, RunStatus.Cancelled);
        if (row.Status.IsTerminal()) return Ended(debt.Key, row);
        await runs.Cancel(debt.Run, $"schedule {Kept.Id} asked for it");
        return null;
    }

    private ScheduleCommand.RunEnded? Later()
    {
        Kept.LookWithin(desk.Options.PayWithin);
        return null;
    }

    private static ScheduleCommand.RunEnded Ended(StartKey key, Storage.RunRow row) => new(
        key, row.Status, row.Definition, row.FaultCode is { } code ? new Fault(FaultKind.Invalid, code, row.FaultMessage ?? "") : null);
}
