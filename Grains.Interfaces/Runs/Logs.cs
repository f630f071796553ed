using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>How much a line of a log matters, least first.</summary>
[GenerateSerializer, Alias(WireNames.LineLevel)]
public enum LineLevel
{
    Debug,
    Info,
    /// <summary>Went on all the same; also what programs write to stderr.</summary>
    Warn,
    /// <summary>Why the attempt failed.</summary>
    Error,
}

/// <summary>Something that an attempt said while it worked.</summary>
/// <param name="Steps">The steps that it is about: more than one when they run as one query.</param>
/// <param name="Message">One line; what would steer a terminal is shown as a sign.</param>
/// <param name="Correlation">Names the call that led to the attempt; null: not known.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LogLine)]
public sealed record LogLine(
    DateTimeOffset At,
    LineLevel Level,
    ImmutableArray<StepId> Steps,
    Attempt Attempt,
    string Message,
    ImmutableArray<Field> Fields,
    string? Correlation = null);

/// <summary>Which lines of a run's log are read; everything that is not null must hold.</summary>
/// <param name="Attempt">The lines of these attempts only: 1, 2 ….</param>
/// <param name="Level">Lines of this level and above.</param>
/// <param name="Since">Lines of this time and after.</param>
/// <param name="Text">Lines that have this in their message or a field, in upper or lower case; at most 200 characters.</param>
/// <param name="Cursor">Opaque; from <see cref="LogPage.Next"/> of a page with the same filter. Null: from the beginning.</param>
/// <param name="Limit">1 to 500.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LogFilter)]
public sealed record LogFilter(
    RunId Run,
    StepId? Step = null,
    Attempt? Attempt = null,
    LineLevel Level = LineLevel.Debug,
    DateTimeOffset? Since = null,
    string? Text = null,
    string? Cursor = null,
    int Limit = 500);

/// <summary>One page of a run's log, oldest first across its steps. It may be short or empty and still not be the last.</summary>
/// <param name="Next">The cursor of what comes after it, also of what is written later.</param>
/// <param name="IsLast">Whether nothing more was written when it was read.</param>
/// <param name="HasEnded">Whether the run had ended before it was read, so that nothing more is written after the last page.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LogPage)]
public sealed record LogPage(ImmutableArray<LogLine> Lines, string Next, bool IsLast, bool HasEnded);
