using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Retry;

namespace OrleansEtl.Engine.Runs;

public sealed partial record Run
{
    /// <summary>The run after the event. Total over every history that <see cref="Decide"/> can write; it decides nothing.</summary>
    public static Run Apply(Run run, RunEvent happened)
    {
        var next = happened switch
        {
            RunEvent.RunStarted e => Started(e),
            RunEvent.StageReused e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Reused, StartedAt = run.Stages[e.Stage].StartedAt ?? e.At, EndedAt = e.At, Results = e.Results,
                Fault = null, FaultStep = null, ReusedFrom = e.From,
            }),
            RunEvent.StageDispatched e => run.Dispatched(e),
            RunEvent.ItemsListed or RunEvent.ItemsSent or RunEvent.ItemsEnded or RunEvent.ItemsHandedBack
                or RunEvent.ItemsLost or RunEvent.ItemsAwait or RunEvent.ItemRejoined => ApplyItems(run, happened),
            RunEvent.StageSucceeded e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Succeeded, EndedAt = e.At, Results = e.Results, Fault = null, FaultStep = null,
            }),
            RunEvent.StageRetryScheduled e => run.Retrying(e),
            RunEvent.StageLost e => run.Lost(e),
            RunEvent.StageFailed e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Failed, EndedAt = e.At, Fault = e.Fault, FaultStep = e.Step, Results = e.Results,
            }) with { FirstFault = run.FirstFault ?? (run.IsUndoing ? null : e.Fault) },
            RunEvent.StageSkipped e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Skipped, EndedAt = e.At, SkipReason = e.Reason,
            }),
            RunEvent.StageCancelled e => run.Ended(e.Stage, run.Stages[e.Stage] with { Status = StepStatus.Cancelled, EndedAt = e.At }),
            RunEvent.StageAwaits or RunEvent.SignalReceived or RunEvent.StageSignalled or RunEvent.StageReviewed
                or RunEvent.StageExpired or RunEvent.StageRejoined => ApplyWait(run, happened),
            RunEvent.StageSkippedByHand e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Skipped, EndedAt = e.At, Fault = null, FaultStep = null,
                SkipReason = e.Reason, ByHand = new Intervention(e.At, e.Reason, e.By),
            }),
            RunEvent.StageSucceededByHand e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Succeeded, EndedAt = e.At, Fault = null, FaultStep = null,
                Results = run.Given(e.Stage, e.Step, e.Values), ByHand = new Intervention(e.At, e.Reason, e.By),
            }),
            RunEvent.StageBegan or RunEvent.RunRescued or RunEvent.RunQuarantined or RunEvent.RunRedriven => ApplyRescue(run, happened),
            RunEvent.RunPaused e => run.Paused(e),
            RunEvent.RunResumed => run with { Status = RunStatus.Running, Pause = null, Ready = [] },
            RunEvent.CancelRequested e => run with
            {
                Status = RunStatus.Cancelling, Fault = new Fault(FaultKind.Cancelled, "ETL4202", e.Reason), Cancelled = new Intervention(e.At, e.Reason, e.By),
                Pause = null, Quarantine = null, Ready = [],
            },
            RunEvent.RunTimedOut => run with { Status = RunStatus.Cancelling, TimedOut = true, Pause = null, Ready = [] },
            RunEvent.CompensationBegan => run with { Status = RunStatus.Compensating, IsUndoing = true },
            RunEvent.RunEnded e => run with { Status = e.Status, EndedAt = e.At, Fault = e.Fault, Pause = null, Quarantine = null },
            _ => throw new UnreachableException(happened.GetType().Name),
        };
        return next with { Version = run.Version + 1, Rescued = IsProgress(happened) ? [] : next.Rescued };
    }

    private static Run Started(RunEvent.RunStarted e) => None with
    {
        Id = e.Id,
        Status = RunStatus.Running,
        Plan = e.Plan,
        Stages = StageTable.Of(e.Plan.Stages.Select(stage => StageState.Waiting(stage.Needs.Length))),
        Params = e.Params,
        Folder = e.Folder,
        StartedAt = e.At,
        Deadline = e.Deadline,
        RerunOf = e.RerunOf,
        Priority = e.Priority ?? 0,
        RegisteredVersion = e.RegisteredVersion,
        Occasion = e.Occasion,
        ItemsAgain = e.Items ?? [],
        Refresh = e.Refresh,
        RunKey = e.RunKey,
        Parent = e.Parent,
        StagesOpen = e.Plan.Stages.Length,
        StepsOpen = e.Plan.Steps.Length,
    };

    private Run Dispatched(RunEvent.StageDispatched e) => With(e.Stage, Stages[e.Stage] with
    {
        Status = StepStatus.Running, Attempt = e.Attempt, RetryAt = null, Fault = null, FaultStep = null,
        StartedAt = Stages[e.Stage].StartedAt ?? e.At,
        Items = Stages[e.Stage].Items is { } items ? items with { IsGathering = true } : null,
    }) with
    {
        Retries = WithoutRetry(e.Stage),
        ItemWakes = Stages[e.Stage].Items is { } asked ? WithoutItems(e.Stage, asked).ItemWakes : ItemWakes,
    };

    private Run With(int stage, StageState state) => this with { Stages = Stages.With(stage, state) };

    /// <summary>In a run that is held the next attempt waits, as a retry that is due.</summary>
    private Run Lost(RunEvent.StageLost e)
    {
        var before = Stages[e.Stage];
        var state = before with { Lost = before.Lost + 1, Died = before.Died + (e.Died == true ? 1 : 0) };
        return !IsHeld
            ? With(e.Stage, state)
            : With(e.Stage, state with { Status = StepStatus.Retrying, RetryAt = e.At }) with { Retries = WithoutRetry(e.Stage).Add((e.At, e.Stage)) };
    }

    /// <summary>Ends a stage and tells those that need it.</summary>
    private Run Ended(int stage, StageState state)
    {
        var (unmet, failed, before) = (!state.HasSucceeded, state.FailedUpstream || state.Status == StepStatus.Failed, Stages[stage]);
        var feeds = Planned(stage).Feeds;
        if (before.RetryAt is not null || before.Awaits is not null) state = state with { RetryAt = null, Awaits = null };
        if (before.Items is { Children: not null } items) state = state with { Items = items with { Children = null } };
        var stages = Stages.With(stage, state).With(feeds, fed => fed with
        {
            NeedsOpen = fed.NeedsOpen - 1,
            NeedsUnmet = fed.NeedsUnmet || unmet,
            FailedUpstream = fed.FailedUpstream || failed,
        });
        var next = this with
        {
            Stages = failed ? PassedOn(stages, feeds) : stages,
            StagesOpen = StagesOpen - 1,
            StepsOpen = StepsOpen - Planned(stage).Steps.Length,
            Retries = WithoutRetry(stage),
            Ready = Ready.IsEmpty ? Ready : Ready.Remove(stage),
            Undoable = state.Status == StepStatus.Succeeded && Plan!.Compensations.ContainsKey(stage) ? Undoable.Add(stage) : Undoable,
        };
        if (IsHeld) next = next with { Ready = next.Ready.Union(feeds.Where(next.IsReady)) };
        if (before.Items is not null) next = next.WithoutItems(stage, before.Items);
        return before.Awaits is { } awaited ? next.WithoutWait(stage, awaited) : next;
    }

    private Run Paused(RunEvent.RunPaused e) => this with
    {
        Status = RunStatus.Paused, Pause = new RunPause(e.At, e.Reason, e.By, e.WithPipeline), Ready = AllReady(Plan!, Stages.All()),
    };

    /// <summary>Only a run that is paused at its start has such stages: else each has begun when it became ready.</summary>
    private static ImmutableSortedSet<int> AllReady(Plan plan, IEnumerable<StageState> stages) => [.. stages.Index()
        .Where(stage => stage.Item is { Status: StepStatus.Waiting, NeedsOpen: 0 }
            && plan.Stages[stage.Index].Condition is not StepCondition.Compensation).Select(stage => stage.Index)];

    private bool IsReady(int stage) => Stages[stage] is { Status: StepStatus.Waiting, NeedsOpen: 0 } && !Compensates(stage);

    /// <summary>A stage that somebody ended before its turn hears of a failure before it later, and those after it with it.</summary>
    private StageTable PassedOn(StageTable stages, ImmutableArray<int> told)
    {
        var pending = new Queue<int>(told.Where(stage => stages[stage].Status.IsTerminal()));
        while (pending.TryDequeue(out var stage))
            foreach (var fed in Planned(stage).Feeds)
            {
                if (stages[fed].FailedUpstream) continue;
                stages = stages.With(fed, stages[fed] with { FailedUpstream = true });
                if (stages[fed].Status.IsTerminal()) pending.Enqueue(fed);
            }
        return stages;
    }

    private Run Retrying(RunEvent.StageRetryScheduled e) => With(e.Stage, Stages[e.Stage] with
    {
        Status = StepStatus.Retrying, RetryAt = e.RetryAt, Fault = e.Fault, FaultStep = e.Step,
        Retried = Stages[e.Stage].Retried + 1,
        RetriedUnder = CountedUnder(e.Stage, e.Fault),
        RanOut = Stages[e.Stage].RanOut || e.Fault.Kind == FaultKind.Exhausted,
    }) with { Retries = WithoutRetry(e.Stage).Add((e.RetryAt, e.Stage)) };

    private ImmutableSortedDictionary<string, int>? CountedUnder(int stage, Fault fault)
    {
        var counts = Stages[stage].RetriedUnder;
        if (RetryPolicy.Rule(Planned(stage).Retry, fault) is not { } rule) return counts;
        counts ??= ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);
        return counts.SetItem(rule, counts.GetValueOrDefault(rule) + 1);
    }

    private ImmutableSortedSet<(DateTimeOffset, int)> WithoutRetry(int stage) =>
        Stages[stage].RetryAt is { } at ? Retries.Remove((at, stage)) : Retries;
}
