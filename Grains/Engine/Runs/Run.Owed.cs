using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Runs;

/// <summary>What a run owes the world. Each carries its fence, so that paying twice is harmless.</summary>
public abstract record Debt
{
    private Debt() { }

    public sealed record Dispatch(int Stage, Attempt Attempt) : Debt;
    public sealed record Stop(int Stage, Attempt Attempt) : Debt;
    public sealed record Wake(DateTimeOffset At) : Debt;
    /// <summary>The run that the stage waits for is to be started, and its end to be heard.</summary>
    public sealed record StartChild(int Stage, RunId Child) : Debt;
    /// <summary>It is to be stopped, and its end to be heard.</summary>
    public sealed record StopChild(int Stage, RunId Child) : Debt;
}

public sealed partial record Run
{
    /// <summary>All that the run owes: what recovery pays.</summary>
    public static ImmutableArray<Debt> Owed(Run run)
    {
        if (!run.Exists || run.Status.IsTerminal()) return [];
        var debts = ImmutableArray.CreateBuilder<Debt>();
        for (var stage = 0; stage < run.Stages.Count; stage++)
        {
            var state = run.Stages[stage];
            foreach (var child in run.ChildrenOf(stage))
                if (run.OwedTo(stage, child) is { } owed) debts.Add(owed);
            if (state.Status != StepStatus.Running) continue;
            if (state.Items is { IsGathering: false } items)
                foreach (var slice in items.Flying) debts.Add(run.OwedTo(stage, new Attempt(slice.Attempt)));
            else debts.Add(run.OwedTo(stage, state.Attempt));
        }
        if (run.NextWake is { } wake) debts.Add(new Debt.Wake(wake));
        return debts.DrainToImmutable();
    }

    /// <summary>What these events newly owe, on the run as it is after them. Together with what earlier events owed and was paid
    /// since, this is <see cref="Owed(Run)"/>; a test compares the two.</summary>
    public static ImmutableArray<Debt> Owed(Run run, ImmutableArray<RunEvent> events)
    {
        if (!run.Exists || run.Status.IsTerminal()) return [];
        var debts = ImmutableArray.CreateBuilder<Debt>();
        var wakes = false;
        foreach (var happened in events)
        {
            switch (happened)
            {
                case RunEvent.StageDispatched e when run.IsCurrent(e.Stage, e.Attempt) && run.Status != RunStatus.Cancelling:
                    debts.Add(new Debt.Dispatch(e.Stage, e.Attempt));
                    wakes |= e.Attempt.Number > 1; // a retry may have used up the wake that others wait for
                    break;
                case RunEvent.ItemsSent e:
                    for (var i = 0; i < e.Slices.Length / 3; i++)
                    {
                        var slice = new Attempt(e.Attempt.Number + i);
                        if (run.IsCurrent(e.Stage, slice) && run.Status != RunStatus.Cancelling) debts.Add(run.OwedTo(e.Stage, slice));
                    }
                    wakes = true;
                    break;
                case RunEvent.ItemsEnded e:
                    run.StopIfHalted(e.Stage, debts);
                    wakes = true;
                    break;
                case RunEvent.ItemsAwait e:
                    foreach (var item in e.Children)
                        if (!run.IsHalted(e.Stage) && run.ChildOf(e.Stage, item.Run.Run) is { } one && run.OwedTo(e.Stage, one) is { } owed) debts.Add(owed);
                    run.StopIfHalted(e.Stage, debts);
                    wakes = true;
                    break;
                case RunEvent.ItemRejoined e:
                    run.StopIfHalted(e.Stage, debts);
                    wakes = true;
                    break;
                case RunEvent.ItemsLost e:
                    run.StopIfHalted(e.Stage, debts);
                    wakes = true;
                    break;
                case RunEvent.ItemsListed or RunEvent.ItemsHandedBack: break;
                case RunEvent.StageAwaits e when run.ChildOf(e.Stage) is { } child: debts.Add(run.OwedTo(e.Stage, child)!); break;
                case RunEvent.StageRetryScheduled or RunEvent.RunStarted or RunEvent.RunPaused or RunEvent.RunResumed or RunEvent.RunRedriven
                    or RunEvent.CompensationBegan:
                case RunEvent.StageAwaits or RunEvent.StageSignalled or RunEvent.StageReviewed or RunEvent.StageExpired:
                case RunEvent.StageSkippedByHand or RunEvent.StageSucceededByHand: // they may have had a time that nothing waits for now
                    wakes = true;
                    break;
                case RunEvent.CancelRequested or RunEvent.RunTimedOut:
                    return Owed(run);
                case RunEvent.StageDispatched or RunEvent.StageReused or RunEvent.StageSucceeded or RunEvent.StageLost
                    or RunEvent.StageFailed or RunEvent.StageSkipped or RunEvent.StageCancelled or RunEvent.SignalReceived
                    or RunEvent.StageRejoined or RunEvent.RunEnded or RunEvent.StageBegan or RunEvent.RunRescued or RunEvent.RunQuarantined:
                    break;
                default: throw new UnreachableException(happened.GetType().Name);
            }
        }
        if (wakes && run.NextWake is { } wake) debts.Add(new Debt.Wake(wake));
        return debts.DrainToImmutable();
    }

    /// <summary>What an attempt that is current needs.</summary>
    private Debt OwedTo(int stage, Attempt attempt) => Status == RunStatus.Cancelling || IsHalted(stage)
        ? new Debt.Stop(stage, attempt)
        : new Debt.Dispatch(stage, attempt);

    /// <summary>Null: of one that is abandoned nothing more is wanted.</summary>
    private Debt? OwedTo(int stage, ChildRun child) =>
        Stops(stage, child) ? new Debt.StopChild(stage, child.Run)
        : Status == RunStatus.Cancelling ? null
        : new Debt.StartChild(stage, child.Run);

    /// <summary>What runs of a stage that has failed already.</summary>
    private void StopIfHalted(int stage, ImmutableArray<Debt>.Builder debts)
    {
        if (!IsHalted(stage)) return;
        foreach (var slice in Stages[stage].Items!.Flying) debts.Add(new Debt.Stop(stage, new Attempt(slice.Attempt)));
        foreach (var child in ChildrenOf(stage))
            if (OwedTo(stage, child) is { } owed) debts.Add(owed);
    }

    /// <summary>Whether items of the stage are to be stopped because it has failed already.</summary>
    private bool IsHalted(int stage) =>
        Stages[stage] is { Status: StepStatus.Running, Items: { IsGathering: false } items } && items.IsHalted(Rule(stage)!);
}
