using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Runs;

/// <summary>
/// Runs that take with them the processes that run or drive them. A process that dies takes all attempts with it that it runs, and only one
/// of them need have killed it. So the first deaths are counted for each; then an attempt has the process to itself and says when it
/// begins, and only what it does from then on counts. What kills is found in a few deaths, what stood beside it is not taken for it. Processes
/// that leave in good order are not counted, and neither is a death while the run only waits.
/// </summary>
public sealed partial record Run
{
    /// <summary>Deaths of the processes that ran a step, or one item of it, that put the run in quarantine.</summary>
    public const int DeathsMax = 5;

    /// <summary>Deaths that may have been the work of others; after them it runs alone.</summary>
    public const int DeathsBeside = 2;

    /// <summary>How often a run is rescued without making progress. Not fewer than <see cref="DeathsMax"/>, so that a step which kills is
    /// found before its whole run is blamed.</summary>
    public const int RescuesMax = 5;

    private static Decision DecideBegin(Run run, RunCommand.Begin begin, DateTimeOffset now)
    {
        if (Stale(run, begin.Stage, begin.Attempt) is { } stale) return stale;
        if (run.MayHaveKilled(begin.Stage, begin.Attempt)) return Decision.Nothing;
        var draft = new Draft(run);
        draft.Add(new RunEvent.StageBegan(now, begin.Stage, begin.Attempt));
        return draft.Done();
    }

    private static Decision DecideRescue(Run run, RunCommand.Rescue rescue, DateTimeOffset now)
    {
        if (!run.IsGoingOn || !run.MayHaveKilled() || run.Rescued.Contains(rescue.From)) return Decision.Nothing;
        var draft = new Draft(run);
        draft.Add(new RunEvent.RunRescued(now, rescue.From));
        if (draft.Run.Rescued.Length > RescuesMax) LeaveAlone(draft, Poisonous(draft.Run), null, now);
        return draft.Done();
    }

    /// <summary>As <see cref="Decide"/>, where the run's pipeline may be paused.</summary>
    public static Decision Redrive(Run run, RunCommand.Redrive redrive, DateTimeOffset now, PipelinePause? pause = null)
    {
        if (!run.Exists) return Decide(run, redrive, now);
        if (run.Status.IsTerminal()) return HasEnded(run);
        if (run.Status != RunStatus.Quarantined) return Decision.Nothing;
        if (TooLong(redrive.By) is { } refused) return refused;
        var draft = new Draft(run);
        draft.Add(new RunEvent.RunRedriven(now, redrive.By));
        if (pause is not null && !run.IsUndoing) draft.Add(new RunEvent.RunPaused(now, pause.Reason, pause.By, WithPipeline: true));
        else GoOn(draft, run.Ready, now);
        return draft.Done();
    }

    /// <summary>Nobody goes on with the run; what runs of it is not heard any more.</summary>
    /// <param name="killer">The attempt that it is for; null: nobody knows.</param>
    private static void LeaveAlone(Draft draft, Fault fault, (int Stage, Attempt Attempt)? killer, DateTimeOffset now)
    {
        draft.Add(new RunEvent.RunQuarantined(now, fault));
        for (var stage = 0; stage < draft.Run.Stages.Count; stage++)
            if (draft.Run.Stages[stage] is { Status: StepStatus.Running } state)
            {
                if (state.Items is { IsGathering: false } items)
                    foreach (var slice in items.Flying)
                        draft.Add(new RunEvent.ItemsLost(now, stage, new Attempt(slice.Attempt), null, Died(stage, slice.Attempt)));
                else draft.Add(new RunEvent.StageLost(now, stage, state.Attempt, Died(stage, state.Attempt.Number)));
            }

        bool? Died(int stage, int attempt) => killer is var (at, of) && (at, of.Number) == (stage, attempt) ? true : null;
    }

    /// <summary>Why this death was one too many; null: it was not.</summary>
    private static Fault? Deadly(Run run, int stage, Attempt attempt)
    {
        if (!run.IsGoingOn || run.Deaths(stage, attempt) + 1 < DeathsMax) return null;
        var item = run.Slice(stage, attempt) is { } slice ? $"Item {slice.From} of step" : "Step";
        return new Fault(FaultKind.Exhausted, "ETL6400",
            $"{item} {run.FirstStep(stage)} was begun again and again, and the process that ran it died {DeathsMax} times.",
            null, $"See when with: etl runs history {run.Id}. When the cause is mended: etl runs redrive {run.Id}");
    }

    private static Fault Poisonous(Run run)
    {
        var steps = Enumerable.Range(0, run.Stages.Count).Where(stage => run.Stages[stage].Status == StepStatus.Running)
            .Select(stage => run.FirstStep(stage).Value).ToArray();
        return new Fault(FaultKind.Exhausted, "ETL6401",
            $"Run {run.Id} was rescued {RescuesMax} times without progress, and each process that drove it died: "
            + $"{string.Join(", ", run.Rescued)}. Last ran: {string.Join(", ", steps.Take(WaitsNamedMax))}"
            + $"{(steps.Length > WaitsNamedMax ? $" and {steps.Length - WaitsNamedMax} more" : "")}.",
            null, $"When the cause is mended: etl runs redrive {run.Id}");
    }

    /// <summary>How often the process of the stage, or of these items, has died.</summary>
    private int Deaths(int stage, Attempt attempt) =>
        Slice(stage, attempt) is { } slice ? Stages[stage].Items!.DeathsOf(slice.Range) : Stages[stage].Died;

    /// <summary>Whether the attempt has the process to itself, and says so before it begins.</summary>
    internal bool IsSuspect(int stage, Attempt attempt) => Deaths(stage, attempt) >= DeathsBeside;

    /// <summary>Whether a death of its process may be its own work.</summary>
    private bool MayHaveKilled(int stage, Attempt attempt) => !IsSuspect(stage, attempt)
        || (Slice(stage, attempt) is { } slice ? slice.HasBegun : Stages[stage].Begun == attempt.Number);

    private bool MayHaveKilled()
    {
        for (var stage = 0; stage < Stages.Count; stage++)
            if (Stages[stage] is { Status: StepStatus.Running } state)
            {
                var (at, items) = (stage, state.Items is { IsGathering: false } all ? all.Flying : []);
                if (state.Items is { IsGathering: false }
                    ? items.Any(slice => MayHaveKilled(at, new Attempt(slice.Attempt))) : MayHaveKilled(stage, state.Attempt)) return true;
            }
        return false;
    }

    private static Run ApplyRescue(Run run, RunEvent happened) => happened switch
    {
        RunEvent.StageBegan e when run.Slice(e.Stage, e.Attempt) is { } slice =>
            run.WithItems(e.Stage, items => items with { Flying = items.Flying.Replace(slice, slice with { HasBegun = true }) }),
        RunEvent.StageBegan e => run.With(e.Stage, run.Stages[e.Stage] with { Begun = e.Attempt.Number }),
        RunEvent.RunRescued e => run with { Rescued = run.Rescued.Add(e.From) },
        RunEvent.RunQuarantined e => run with
        {
            Status = RunStatus.Quarantined, Quarantine = new RunQuarantine(e.At, e.Fault, run.Rescued),
        },
        RunEvent.RunRedriven e => run.Redriven(e.At),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    /// <summary>With a clean slate. Its own time stood still.</summary>
    private Run Redriven(DateTimeOffset at) => this with
    {
        Status = IsUndoing ? RunStatus.Compensating : RunStatus.Running, Quarantine = null, Rescued = [], Ready = [],
        Deadline = Deadline is { } deadline && Quarantine is { } quarantine ? deadline + (at - quarantine.Since) : Deadline,
        Stages = Stages.With(
            [
                .. from stage in Stages.All().Index()
                   where stage.Item is { EndedAt: null } and ({ Died: > 0 } or { Items.Deaths: not null })
                   select stage.Index,
            ],
            stage => stage with { Died = 0, Items = stage.Items is null ? null : stage.Items with { Deaths = null } }),
    };

    /// <summary>Whether it shows that the run survives what it does.</summary>
    private static bool IsProgress(RunEvent happened) => happened is RunEvent.StageSucceeded or RunEvent.StageFailed
        or RunEvent.StageRetryScheduled or RunEvent.StageSkipped or RunEvent.StageCancelled or RunEvent.StageSignalled
        or RunEvent.StageReviewed or RunEvent.StageExpired or RunEvent.StageSkippedByHand or RunEvent.StageSucceededByHand
        or RunEvent.ItemsListed or RunEvent.ItemsEnded { Done: > 0 } or RunEvent.ItemsAwait { Children.IsEmpty: false } or RunEvent.ItemRejoined;
}
