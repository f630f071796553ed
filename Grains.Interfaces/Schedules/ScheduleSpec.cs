using Orleans;

namespace OrleansEtl;

/// <summary>A schedule as somebody wrote it: plain values, not checked yet.</summary>
/// <param name="Zone">A name of the tz database, such as <c>Europe/Berlin</c>.</param>
/// <param name="Pipeline">The registered pipeline whose runs it starts.</param>
/// <param name="Version">The number of that pipeline's registered version; null: the one that is active when a run starts.</param>
/// <param name="Params">What its runs are given; null: nothing.</param>
/// <param name="Start">Nothing is due before it. One in the past is caught up from, when the schedule is made.</param>
/// <param name="End">Nothing is due at it or later.</param>
/// <param name="Jitter">Each firing waits a part of this, always the same part for the same firing, and never until the next one is
/// due.</param>
/// <param name="IsPaused">While paused nothing that is scheduled starts, and what falls due is not caught up later.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ScheduleSpec)]
public sealed record ScheduleSpec(
    Recurrence When,
    string Zone = "UTC",
    string Pipeline = "",
    int? Version = null,
    SpecValue.Map? Params = null,
    DateTimeOffset? Start = null,
    DateTimeOffset? End = null,
    TimeSpan Jitter = default,
    CatchUp CatchUp = CatchUp.Latest,
    Overlap Overlap = Overlap.Skip,
    bool IsPaused = false);

/// <summary>What makes a schedule due again and again.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.Recurrence)]
public abstract record Recurrence
{
    private Recurrence() { }

    [GenerateSerializer, Immutable, Alias(WireNames.RecurrenceCron)]
    public sealed record OfCron(string Expression) : Recurrence;

    /// <summary>Every so often in real time.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.RecurrenceInterval)]
    public sealed record Interval(TimeSpan Every, DateTimeOffset Anchor) : Recurrence;

    /// <summary>Every so many days, weeks or months at a time of the day; the anchor is one of the days.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.RecurrenceCalendar)]
    public sealed record Calendar(int Every, CalendarUnit Unit, TimeOnly At, DateOnly Anchor) : Recurrence;
}

[GenerateSerializer, Alias(WireNames.CalendarUnit)]
public enum CalendarUnit { Day, Week, Month }

/// <summary>What becomes of firings that were missed, because nobody was there: those that are late by more than a minute.</summary>
[GenerateSerializer, Alias(WireNames.CatchUp)]
public enum CatchUp
{
    /// <summary>Every one is run, one after another; the overlap policy does not drop them.</summary>
    All,
    /// <summary>Only the newest is run, and not even that when one is due that was not missed.</summary>
    Latest,
    None,
}

/// <summary>What a firing does while an earlier one runs.</summary>
[GenerateSerializer, Alias(WireNames.Overlap)]
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
