using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

/// <summary>All that can happen to a schedule. The list is the history that people read and the state that the engine uses.</summary>
public abstract record ScheduleEvent
{
    private ScheduleEvent(DateTimeOffset at) => At = at;

    public DateTimeOffset At { get; init; }

    public sealed record Created(DateTimeOffset At, ScheduleId Id, ScheduleSpec Spec) : ScheduleEvent(At);
    public sealed record Changed(DateTimeOffset At, ScheduleSpec Spec) : ScheduleEvent(At);
    public sealed record Paused(DateTimeOffset At) : ScheduleEvent(At);
    public sealed record Resumed(DateTimeOffset At) : ScheduleEvent(At);

    /// <summary>Waits for earlier runs to end.</summary>
    public sealed record Queued(DateTimeOffset At, Occasion Occasion) : ScheduleEvent(At);

    public sealed record Started(DateTimeOffset At, Occasion Occasion, RunId Run) : ScheduleEvent(At);

    /// <summary>All that was due after <paramref name="After"/> and through <paramref name="Through"/> is not run.</summary>
    public sealed record Skipped(DateTimeOffset At, DateTimeOffset After, DateTimeOffset Through, SkipReason Reason) : ScheduleEvent(At);

    /// <summary>Waited, and is not run after all: a later one took its place.</summary>
    public sealed record Dropped(DateTimeOffset At, StartKey Key) : ScheduleEvent(At);

    public sealed record CancelAsked(DateTimeOffset At, StartKey Key) : ScheduleEvent(At);

    /// <param name="Definition">The version of the pipeline that it ran; null: it never started.</param>
    public sealed record Ended(DateTimeOffset At, StartKey Key, RunStatus Status, string? Definition, Fault? Fault) : ScheduleEvent(At);

    /// <param name="Edges">Where the times of its runs meet: each run answers for the time between two of them.</param>
    /// <param name="Chosen">Which of them it starts, when not all.</param>
    public sealed record BackfillBegan(
        DateTimeOffset At, BackfillId Id, DateTimeOffset After, DateTimeOffset Through, ImmutableArray<string> Partitions, int Concurrency,
        BackfillOnly Only, ImmutableArray<DateTimeOffset> Edges, ImmutableArray<int>? Chosen) : ScheduleEvent(At);

    /// <param name="Index">Which of its runs, from 0; they start in order.</param>
    public sealed record BackfillRunStarted(DateTimeOffset At, BackfillId Id, int Index, RunId Run) : ScheduleEvent(At);

    /// <param name="Definition">As for <see cref="Ended"/>.</param>
    public sealed record BackfillRunEnded(
        DateTimeOffset At, BackfillId Id, StartKey Key, RunStatus Status, string? Definition, Fault? Fault) : ScheduleEvent(At);

    public sealed record BackfillCancelled(DateTimeOffset At, BackfillId Id) : ScheduleEvent(At);
}

public enum SkipReason
{
    /// <summary>An earlier run had not ended.</summary>
    Overlap,
    /// <summary>As many wait already as may.</summary>
    QueueFull,
    /// <summary>As many run already as may.</summary>
    TooManyRuns,
    /// <summary>Nobody was there, and the catch-up policy leaves it at that.</summary>
    Missed,
    /// <summary>More were missed than are caught up.</summary>
    BacklogFull,
    /// <summary>The schedule was paused.</summary>
    Paused,
}
