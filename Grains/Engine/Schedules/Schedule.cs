using System.Collections.Immutable;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Schedules;

/// <summary>
/// A schedule as a value. Like a run it has three pure functions: <see cref="Decide"/>, <see cref="Apply"/> and
/// <see cref="Owed(Schedule)"/>.
///
/// Promised here: of every instant that falls due while the schedule is not paused it is decided exactly once what becomes of it, whatever
/// the clock does: it is started, queued, or skipped with a reason that is kept. The same start key is never used for two instants. Runs
/// that overlap do so only as the policy says. A backfill never has more runs at once than it was given.
/// Not promised here: durability (the shell appends before anybody sees), and that a debt is paid once (each carries its start key). A
/// clock that was ahead and is put back delays what is due, until it is where it was.
/// </summary>
public sealed partial record Schedule
{
    /// <summary>Backfills that have ended and are still shown.</summary>
    public const int EndedBackfillsMax = 20;

    private Schedule() { }

    /// <summary>What a schedule is before its first event.</summary>
    public static readonly Schedule None = new();

    /// <summary>The number of events applied.</summary>
    public long Version { get; private init; }
    public ScheduleId Id { get; private init; }
    public ScheduleSpec? Spec { get; private init; }

    /// <summary>Made of the spec.</summary>
    public Timetable? Timetable { get; private init; }

    /// <summary>Of all that was due until then it is decided what became of it.</summary>
    public DateTimeOffset DecidedThrough { get; private init; }

    /// <summary>Runs that were started for a firing or on request and have not ended.</summary>
    public ImmutableSortedDictionary<StartKey, ScheduledRun> Running { get; private init; } =
        ImmutableSortedDictionary<StartKey, ScheduledRun>.Empty;

    /// <summary>First in line first.</summary>
    public ImmutableList<Occasion> Queue { get; private init; } = [];

    /// <summary>In the order in which they began.</summary>
    public ImmutableList<Backfill> Backfills { get; private init; } = [];

    /// <summary>What became of the last firings, oldest first.</summary>
    public RecentFirings Recent { get; private init; } = RecentFirings.None;

    /// <summary>The time for which runs have succeeded.</summary>
    public FilledTime Filled { get; private init; } = FilledTime.None;

    public bool Exists => Spec is not null;

    /// <summary>The first firing that is not decided yet; null when there is none to come.</summary>
    public DateTimeOffset? NextFiring
    {
        get
        {
            if (Timetable is null) return null;
            var next = Spec!.Start is { } start && start > DecidedThrough ? Timetable.From(start) : Timetable.Next(DecidedThrough);
            return next < Spec.End || Spec.End is null ? next : null;
        }
    }

    /// <summary>When time alone will change something; null: never.</summary>
    public DateTimeOffset? NextWake => Spec is { IsPaused: false } && NextFiring is { } next ? DueAt(next) : null;

    /// <summary>When a firing starts: at its instant, and a part of the jitter later.</summary>
    internal DateTimeOffset DueAt(DateTimeOffset firing)
    {
        if (Spec!.Jitter == TimeSpan.Zero) return firing;
        var room = Timetable!.Next(firing) is { } next && next - firing < Spec.Jitter ? next - firing : Spec.Jitter;
        return firing.AddTicks((long)(room.Ticks * Jitter.Part(Id, firing)));
    }

    /// <summary>What the run was started for; null: it is not one of those that have not ended.</summary>
    public StartKey? KeyOf(RunId run)
    {
        foreach (var (key, one) in Running)
            if (one.Run == run) return key;
        foreach (var backfill in Backfills)
            foreach (var (key, one) in backfill.Running)
                if (one.Run == run) return key;
        return null;
    }

    internal Backfill? FindBackfill(BackfillId id) => Backfills.Find(backfill => backfill.Id == id);
}

/// <param name="Run">Its id, decided with the start, so that whoever starts it starts the same.</param>
/// <param name="IsCancelling">Whether it was asked to end.</param>
public sealed record ScheduledRun(Occasion Occasion, RunId Run, bool IsCancelling);
