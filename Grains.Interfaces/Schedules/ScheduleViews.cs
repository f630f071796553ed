using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>A schedule as people see it.</summary>
/// <param name="NextFiring">What is due next; null: nothing ever again, or it is paused.</param>
/// <param name="NextStart">When that starts: later by its part of the jitter.</param>
/// <param name="Running">Runs that have not ended, of firings and on request.</param>
/// <param name="Waiting">The instants of firings that wait for those, first in line first.</param>
/// <param name="Recent">What became of the last ones, newest first.</param>
/// <param name="Backfills">In the order in which they began; those that ended long ago are forgotten.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ScheduleView)]
public sealed record ScheduleView(
    string Id, ScheduleSpec Spec, DateTimeOffset? NextFiring, DateTimeOffset? NextStart, ImmutableArray<ScheduledRunView> Running,
    ImmutableArray<DateTimeOffset> Waiting, ImmutableArray<FiringView> Recent, ImmutableArray<BackfillView> Backfills);

/// <param name="IsCancelling">Whether it was asked to end.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ScheduledRunView)]
public sealed record ScheduledRunView(RunId Run, DateTimeOffset IntervalStart, DateTimeOffset IntervalEnd, bool IsCancelling);

/// <summary>What became of something that was due, or asked for.</summary>
/// <param name="At">When that was decided.</param>
/// <param name="Run">Null: it was not started.</param>
/// <param name="Reason">Why it was not started; null: it was.</param>
/// <param name="Fault">Why it could not be started, or failed.</param>
[GenerateSerializer, Immutable, Alias(WireNames.FiringView)]
public sealed record FiringView(
    DateTimeOffset At, DateTimeOffset IntervalStart, DateTimeOffset IntervalEnd, FiringOutcome Outcome, RunId? Run, bool IsOnRequest,
    string? Reason, Fault? Fault);

/// <summary>Where a firing stands.</summary>
[GenerateSerializer, Alias(WireNames.FiringOutcome)]
public enum FiringOutcome { Waiting, Started, Succeeded, Failed, Cancelled, Skipped }

/// <summary>A backfill as people see it.</summary>
/// <param name="Fault">Of the first of its runs that failed.</param>
[GenerateSerializer, Immutable, Alias(WireNames.BackfillView)]
public sealed record BackfillView(
    string Id, BackfillStatus Status, DateTimeOffset From, DateTimeOffset To, ImmutableArray<string> Partitions, int Concurrency,
    int Waiting, int Running, int Cancelling, int Succeeded, int Failed, int Cancelled, Fault? Fault);

[GenerateSerializer, Alias(WireNames.BackfillStatus)]
public enum BackfillStatus { Running, Cancelling, Succeeded, Failed, Cancelled }

/// <summary>Which of the intervals of its range a backfill runs.</summary>
[GenerateSerializer, Alias(WireNames.BackfillOnly)]
public enum BackfillOnly
{
    All,
    /// <summary>Those for which no run of the schedule has succeeded and none goes on.</summary>
    Missing,
    /// <summary>Those whose last run that succeeded was on another version of the pipeline than the active one.</summary>
    Stale,
}

/// <summary>What is asked of a backfill: runs for what was due after one moment and up to another.</summary>
/// <param name="Id">Of the caller's choice: the same one twice is one backfill.</param>
/// <param name="Partitions">A run for each of them; none: one run in all.</param>
/// <param name="Concurrency">Runs at once.</param>
[GenerateSerializer, Immutable, Alias(WireNames.BackfillRequest)]
public sealed record BackfillRequest(
    string Id, DateTimeOffset From, DateTimeOffset To, ImmutableArray<string> Partitions, int Concurrency, BackfillOnly Only = BackfillOnly.All);

/// <summary>The runs that a backfill would start, in order; or why it would not begin.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.BackfillPreview)]
public sealed record BackfillPreview(ImmutableArray<RunOccasion> Runs, ImmutableArray<Fault> Faults);

/// <summary>What a schedule answers.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.ScheduleAnswer)]
public abstract record ScheduleAnswer
{
    private ScheduleAnswer() { }

    /// <param name="Run">The run that was asked for, when one was and has been started.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.ScheduleAnswerDone)]
    public sealed record Done(RunId? Run = null) : ScheduleAnswer;

    [GenerateSerializer, Immutable, Alias(WireNames.ScheduleAnswerRefused)]
    public sealed record Refused(ImmutableArray<Fault> Faults) : ScheduleAnswer;
}
