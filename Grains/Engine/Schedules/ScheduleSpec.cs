using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Schedules;

/// <summary>A schedule as somebody wrote it: plain values, not checked yet (<see cref="ScheduleCheck"/>).</summary>
/// <param name="Zone">A name of the tz database, such as <c>Europe/Berlin</c>.</param>
public sealed record ScheduleSpec(Recurrence When, string Zone = "UTC")
{
    /// <summary>Nothing is due before it. One in the past is caught up from, when the schedule is made.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Nothing is due at it or later.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Each firing waits a part of this, always the same part for the same firing, and never until the next one is due.</summary>
    public TimeSpan Jitter { get; init; }

    public CatchUp CatchUp { get; init; } = CatchUp.Latest;
    public Overlap Overlap { get; init; } = Overlap.Skip;

    /// <summary>While paused nothing that is scheduled starts, and what falls due is not caught up later.</summary>
    public bool IsPaused { get; init; }
}

/// <summary>What makes a schedule due again and again.</summary>
public abstract record Recurrence
{
    private Recurrence() { }

    public sealed record OfCron(string Expression) : Recurrence;

    /// <summary>Every so often in real time.</summary>
    public sealed record Interval(TimeSpan Every, DateTimeOffset Anchor) : Recurrence;

    /// <summary>Every so many days, weeks or months at a time of the day; the anchor is one of the days.</summary>
    public sealed record Calendar(int Every, CalendarUnit Unit, TimeOnly At, DateOnly Anchor) : Recurrence;
}

/// <summary>What becomes of firings that were missed, because nobody was there: those late by more than
/// <see cref="ScheduleBounds.LateMax"/>.</summary>
public enum CatchUp
{
    /// <summary>Every one is run, one after another; the overlap policy does not drop them.</summary>
    All,
    /// <summary>Only the newest is run, and not even that when one is due that was not missed.</summary>
    Latest,
    None,
}

/// <summary>What a firing does while an earlier one runs.</summary>
public enum Overlap
{
    /// <summary>It is left out.</summary>
    Skip,
    /// <summary>It waits, unless one waits already.</summary>
    QueueOne,
    /// <summary>It waits.</summary>
    QueueAll,
    /// <summary>It has the others cancelled, takes the place of those that wait, and starts when all have ended.</summary>
    CancelOther,
    /// <summary>It starts.</summary>
    Allow,
}
