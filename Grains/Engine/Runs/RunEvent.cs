using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>All that can happen to a run. The list is the history that people read and the state that the engine uses.</summary>
public abstract record RunEvent
{
    private RunEvent(DateTimeOffset at) => At = at;

    public DateTimeOffset At { get; init; }

    /// <param name="Priority">Null: none was asked for.</param>
    public sealed record RunStarted(
        DateTimeOffset At, RunId Id, Plan Plan, ImmutableArray<Field> Params, string Folder,
        DateTimeOffset? Deadline, RunId? RerunOf, int? Priority = null) : RunEvent(At);

    /// <summary>The stage's results are those of an earlier run.</summary>
    public sealed record StageReused(DateTimeOffset At, int Stage, ImmutableArray<StepResult> Results) : RunEvent(At);

    public sealed record StageDispatched(DateTimeOffset At, int Stage, Attempt Attempt) : RunEvent(At);

    /// <summary>With this event its datasets are published.</summary>
    public sealed record StageSucceeded(
        DateTimeOffset At, int Stage, Attempt Attempt, ImmutableArray<StepResult> Results) : RunEvent(At);

    /// <summary>A transient fault; the next attempt starts at <paramref name="RetryAt"/>.</summary>
    public sealed record StageRetryScheduled(
        DateTimeOffset At, int Stage, Attempt Attempt, StepId Step, Fault Fault, DateTimeOffset RetryAt) : RunEvent(At);

    /// <summary>The process that ran the attempt is gone. This costs no retry.</summary>
    public sealed record StageLost(DateTimeOffset At, int Stage, Attempt Attempt) : RunEvent(At);

    /// <summary>For good. What its checks found is kept and published.</summary>
    public sealed record StageFailed(
        DateTimeOffset At, int Stage, Attempt Attempt, StepId Step, Fault Fault, ImmutableArray<StepResult> Results) : RunEvent(At);

    public sealed record StageSkipped(DateTimeOffset At, int Stage, string Reason) : RunEvent(At);

    public sealed record StageCancelled(DateTimeOffset At, int Stage) : RunEvent(At);

    public sealed record CancelRequested(DateTimeOffset At, string Reason) : RunEvent(At);

    /// <summary>The run's own time is up: it is stopped as by a cancel and ends as failed.</summary>
    public sealed record RunTimedOut(DateTimeOffset At) : RunEvent(At);

    public sealed record RunEnded(DateTimeOffset At, RunStatus Status, Fault? Fault) : RunEvent(At);
}
