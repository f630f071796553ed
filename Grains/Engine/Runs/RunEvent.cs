using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>All that can happen to a run. The list is the history that people read and the state that the engine uses.</summary>
public abstract record RunEvent
{
    private RunEvent(DateTimeOffset at) => At = at;

    public DateTimeOffset At { get; init; }

    /// <param name="Priority">Null: none was asked for.</param>
    /// <param name="RegisteredVersion">Null: the definition does not come from the registry.</param>
    /// <param name="Occasion">The time that it is for; null: none.</param>
    /// <param name="Refresh">Null: none was asked for.</param>
    /// <param name="RunKey">What it is about; null: nothing was said.</param>
    /// <param name="Parent">The step that started it; null: no step did.</param>
    public sealed record RunStarted(
        DateTimeOffset At, RunId Id, Plan Plan, ImmutableArray<Field> Params, string Folder,
        DateTimeOffset? Deadline, RunId? RerunOf, int? Priority = null, int? RegisteredVersion = null,
        RunOccasion? Occasion = null, ImmutableArray<ItemsAgain>? Items = null, Refresh? Refresh = null, string? RunKey = null,
        ParentRun? Parent = null) : RunEvent(At);

    /// <summary>The stage's results are those of another run.</summary>
    /// <param name="From">The run that did the work, as far as it is known.</param>
    public sealed record StageReused(DateTimeOffset At, int Stage, ImmutableArray<StepResult> Results, RunId? From = null) : RunEvent(At);

    public sealed record StageDispatched(DateTimeOffset At, int Stage, Attempt Attempt) : RunEvent(At);

    /// <summary>With this event its datasets are published.</summary>
    /// <param name="ReuseKey">Under which others find the results; null: nobody does.</param>
    public sealed record StageSucceeded(
        DateTimeOffset At, int Stage, Attempt Attempt, ImmutableArray<StepResult> Results, string? ReuseKey = null) : RunEvent(At);

    /// <summary>A transient fault; the next attempt starts at <paramref name="RetryAt"/>.</summary>
    public sealed record StageRetryScheduled(
        DateTimeOffset At, int Stage, Attempt Attempt, StepId Step, Fault Fault, DateTimeOffset RetryAt) : RunEvent(At);

    /// <summary>The process that ran the attempt is gone. This costs no retry.</summary>
    /// <param name="Died">True: it died. Null: it left, or nobody knows.</param>
    public sealed record StageLost(DateTimeOffset At, int Stage, Attempt Attempt, bool? Died = null) : RunEvent(At);

    /// <summary>An attempt has the process to itself and begins, since the process of those before it died.</summary>
    public sealed record StageBegan(DateTimeOffset At, int Stage, Attempt Attempt) : RunEvent(At);

    /// <summary>For good. What its checks found is kept and published.</summary>
    public sealed record StageFailed(
        DateTimeOffset At, int Stage, Attempt Attempt, StepId Step, Fault Fault, ImmutableArray<StepResult> Results) : RunEvent(At);

    /// <summary>The items that the stage runs for are known; the list itself lies in the store.</summary>
    /// <param name="Reused">Items that an earlier run has done, which are not in the list.</param>
    /// <param name="Left">Items that an earlier run has not done, and this one does not either.</param>
    public sealed record ItemsListed(DateTimeOffset At, int Stage, Attempt Attempt, DatasetVersion List, int Reused, int Left) : RunEvent(At);

    /// <summary>Slices of items are sent off, each as an attempt of its own.</summary>
    /// <param name="Attempt">Of the first; the others have the numbers after it.</param>
    /// <param name="Slices">Three numbers a slice: the first item, how many, and how often they were tried before.</param>
    public sealed record ItemsSent(DateTimeOffset At, int Stage, Attempt Attempt, ImmutableArray<int> Slices) : RunEvent(At);

    /// <summary>An attempt has run the first so many items of its slice; the rest waits again.</summary>
    /// <param name="Failed">For good.</param>
    /// <param name="Retries">Those that are tried again.</param>
    /// <param name="Faults">Of the first items of the stage that failed, as many as a run remembers.</param>
    /// <param name="Kept">Items of which something is written down.</param>
    /// <param name="Start">In which folder of the attempt.</param>
    /// <param name="Next">How many items the next slice has at most.</param>
    /// <param name="RanOut">True: one ran out of memory, disk or time; next tries have the process to themselves.</param>
    public sealed record ItemsEnded(
        DateTimeOffset At, int Stage, Attempt Attempt, int Done, int Failed, ImmutableArray<ItemRetry> Retries,
        ImmutableArray<ItemFailure> Faults, int Kept, int Start, int Next, bool? RanOut = null) : RunEvent(At);

    /// <summary>An attempt keeps the first so many items of its slice; the rest waits again.</summary>
    public sealed record ItemsHandedBack(DateTimeOffset At, int Stage, Attempt Attempt, int Keeps) : RunEvent(At);

    /// <summary>Nothing will be heard of that slice; all of it waits again.</summary>
    /// <param name="Until">Not before this time, since what it met may heal.</param>
    /// <param name="Died">As <see cref="StageLost.Died"/>.</param>
    /// <param name="Why">What the step fails for when the runs have ended that its items wait for; null: it goes on.</param>
    public sealed record ItemsLost(
        DateTimeOffset At, int Stage, Attempt Attempt, DateTimeOffset? Until, bool? Died = null, Fault? Why = null) : RunEvent(At);

    /// <summary>The first items of a slice have begun to wait, each for a run whose id is written down here before anybody starts it; or have
    /// ended without one. The rest waits again.</summary>
    /// <param name="Kept">Ends of other items that are in the notes now.</param>
    /// <param name="Start">In which folder of the attempt.</param>
    public sealed record ItemsAwait(
        DateTimeOffset At, int Stage, Attempt Attempt, ImmutableArray<ItemChild> Children, ImmutableArray<ItemEnd> Ended, int Kept,
        int Start) : RunEvent(At);

    /// <summary>The run that an item waited for has ended.</summary>
    public sealed record ItemRejoined(DateTimeOffset At, int Stage, ItemEnd End) : RunEvent(At);

    public sealed record StageSkipped(DateTimeOffset At, int Stage, string Reason) : RunEvent(At);

    public sealed record StageCancelled(DateTimeOffset At, int Stage) : RunEvent(At);

    /// <summary>It waits for something that is not work.</summary>
    public sealed record StageAwaits(DateTimeOffset At, int Stage, Attempt Attempt, Awaited For) : RunEvent(At);

    /// <summary>Kept until a step takes it.</summary>
    public sealed record SignalReceived(DateTimeOffset At, string Name, ImmutableArray<Field> Data, string? Key) : RunEvent(At);

    /// <summary>The stage takes the oldest signal of its name that is kept; what it brings are its step's values.</summary>
    public sealed record StageSignalled(DateTimeOffset At, int Stage) : RunEvent(At);

    public sealed record StageReviewed(DateTimeOffset At, int Stage, bool Approved, string? By, string? Comment) : RunEvent(At);

    /// <summary>What it waited for has not come in time, or it waited for nothing but that time.</summary>
    /// <param name="Fault">Null: it succeeds with <paramref name="Values"/>.</param>
    public sealed record StageExpired(DateTimeOffset At, int Stage, Fault? Fault, ImmutableArray<Field> Values) : RunEvent(At);

    /// <summary>The run that the stage waited for has ended.</summary>
    /// <param name="Fault">Null: it succeeds with <paramref name="Values"/>.</param>
    public sealed record StageRejoined(DateTimeOffset At, int Stage, Fault? Fault, ImmutableArray<Field> Values) : RunEvent(At);

    /// <summary>Somebody wants it so; an attempt that runs is not heard any more.</summary>
    public sealed record StageSkippedByHand(DateTimeOffset At, int Stage, string Reason, string? By) : RunEvent(At);

    /// <summary>Somebody answers for what it should have done; it gives values and no datasets.</summary>
    public sealed record StageSucceededByHand(
        DateTimeOffset At, int Stage, StepId Step, ImmutableArray<Field> Values, string Reason, string? By) : RunEvent(At);

    /// <summary>Nothing more is started.</summary>
    /// <param name="WithPipeline">Its pipeline is paused, or all are.</param>
    public sealed record RunPaused(DateTimeOffset At, string Reason, string? By, bool WithPipeline = false) : RunEvent(At);

    public sealed record RunResumed(DateTimeOffset At, string? By, bool WithPipeline = false) : RunEvent(At);

    /// <summary>The process that drove the run died while something ran; another one goes on.</summary>
    public sealed record RunRescued(DateTimeOffset At, string From) : RunEvent(At);

    /// <summary>It is not taken up any more by itself.</summary>
    /// <param name="Fault">Why.</param>
    public sealed record RunQuarantined(DateTimeOffset At, Fault Fault) : RunEvent(At);

    public sealed record RunRedriven(DateTimeOffset At, string? By) : RunEvent(At);

    /// <param name="By">Null: not said.</param>
    public sealed record CancelRequested(DateTimeOffset At, string Reason, string? By = null) : RunEvent(At);

    /// <summary>The run's own time is up: it is stopped as by a cancel and ends as failed.</summary>
    public sealed record RunTimedOut(DateTimeOffset At) : RunEvent(At);

    /// <summary>What has succeeded is undone, the newest first: all that had to end has, and the run has failed or was cancelled.</summary>
    public sealed record CompensationBegan(DateTimeOffset At) : RunEvent(At);

    public sealed record RunEnded(DateTimeOffset At, RunStatus Status, Fault? Fault) : RunEvent(At);
}
