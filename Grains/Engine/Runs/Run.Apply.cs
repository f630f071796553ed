using System.Diagnostics;

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
                Status = StepStatus.Reused, StartedAt = e.At, EndedAt = e.At, Results = e.Results,
            }),
            RunEvent.StageDispatched e => run.With(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Running, Attempt = e.Attempt, RetryAt = null, Fault = null, FaultStep = null,
                StartedAt = run.Stages[e.Stage].StartedAt ?? e.At,
            }) with { Retries = run.WithoutRetry(e.Stage) },
            RunEvent.StageSucceeded e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Succeeded, EndedAt = e.At, Results = e.Results, Fault = null, FaultStep = null,
            }),
            RunEvent.StageRetryScheduled e => run.With(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Retrying, RetryAt = e.RetryAt, Fault = e.Fault, FaultStep = e.Step,
                Retried = run.Stages[e.Stage].Retried + 1,
                RanOut = run.Stages[e.Stage].RanOut || e.Fault.Kind == FaultKind.Exhausted,
            }) with { Retries = run.Retries.Add((e.RetryAt, e.Stage)) },
            RunEvent.StageLost e => run.With(e.Stage, run.Stages[e.Stage] with { Lost = run.Stages[e.Stage].Lost + 1 }),
            RunEvent.StageFailed e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Failed, EndedAt = e.At, Fault = e.Fault, FaultStep = e.Step, Results = e.Results,
            }) with { FirstFault = run.FirstFault ?? e.Fault },
            RunEvent.StageSkipped e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Skipped, EndedAt = e.At, SkipReason = e.Reason,
            }),
            RunEvent.StageCancelled e => run.Ended(e.Stage, run.Stages[e.Stage] with
            {
                Status = StepStatus.Cancelled, EndedAt = e.At, RetryAt = null,
            }) with { Retries = run.WithoutRetry(e.Stage) },
            RunEvent.CancelRequested e => run with
            {
                Status = RunStatus.Cancelling, Fault = new Fault(FaultKind.Cancelled, "ETL4202", e.Reason),
            },
            RunEvent.RunTimedOut => run with { Status = RunStatus.Cancelling, TimedOut = true },
            RunEvent.RunEnded e => run with { Status = e.Status, EndedAt = e.At, Fault = e.Fault },
            _ => throw new UnreachableException(happened.GetType().Name),
        };
        return next with { Version = run.Version + 1 };
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
        StagesOpen = e.Plan.Stages.Length,
        StepsOpen = e.Plan.Steps.Length,
    };

    private Run With(int stage, StageState state) => this with { Stages = Stages.With(stage, state) };

    /// <summary>Ends a stage and tells those that need it.</summary>
    private Run Ended(int stage, StageState state)
    {
        var (unmet, failed) = (!state.HasSucceeded, state.FailedUpstream || state.Status == StepStatus.Failed);
        var stages = Stages.With(stage, state).With(Planned(stage).Feeds, fed => fed with
        {
            NeedsOpen = fed.NeedsOpen - 1,
            NeedsUnmet = fed.NeedsUnmet || unmet,
            FailedUpstream = fed.FailedUpstream || failed,
        });
        return this with { Stages = stages, StagesOpen = StagesOpen - 1, StepsOpen = StepsOpen - Planned(stage).Steps.Length };
    }

    private System.Collections.Immutable.ImmutableSortedSet<(DateTimeOffset, int)> WithoutRetry(int stage) =>
        Stages[stage].RetryAt is { } at ? Retries.Remove((at, stage)) : Retries;
}
