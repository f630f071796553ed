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
            if (state.Status != StepStatus.Running) continue;
            debts.Add(run.Status == RunStatus.Cancelling
                ? new Debt.Stop(stage, state.Attempt)
                : new Debt.Dispatch(stage, state.Attempt));
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
                case RunEvent.StageDispatched e when IsCurrent(run, e.Stage, e.Attempt) && run.Status != RunStatus.Cancelling:
                    debts.Add(new Debt.Dispatch(e.Stage, e.Attempt));
                    wakes |= e.Attempt.Number > 1; // a retry may have used up the wake that others wait for
                    break;
                case RunEvent.StageRetryScheduled or RunEvent.RunStarted or RunEvent.RunPaused or RunEvent.RunResumed:
                case RunEvent.StageAwaits or RunEvent.StageSignalled or RunEvent.StageReviewed or RunEvent.StageExpired:
                case RunEvent.StageSkippedByHand or RunEvent.StageSucceededByHand: // they may have had a time that nothing waits for now
                    wakes = true;
                    break;
                case RunEvent.CancelRequested or RunEvent.RunTimedOut:
                    return Owed(run);
                case RunEvent.StageDispatched or RunEvent.StageReused or RunEvent.StageSucceeded or RunEvent.StageLost
                    or RunEvent.StageFailed or RunEvent.StageSkipped or RunEvent.StageCancelled or RunEvent.SignalReceived
                    or RunEvent.RunEnded:
                    break;
                default: throw new UnreachableException(happened.GetType().Name);
            }
        }
        if (wakes && run.NextWake is { } wake) debts.Add(new Debt.Wake(wake));
        return debts.DrainToImmutable();
    }

    private static bool IsCurrent(Run run, int stage, Attempt attempt) =>
        run.Stages[stage] is { Status: StepStatus.Running } state && state.Attempt == attempt;
}
