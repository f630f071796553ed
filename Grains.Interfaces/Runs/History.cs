using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>Which part of a run's history is read.</summary>
/// <param name="After">The number of the last event that is known already, from <see cref="HistoryPage.Next"/>; 0: none.</param>
/// <param name="Limit">1 to 500.</param>
/// <param name="Step">Only what concerns this step; null: everything.</param>
[GenerateSerializer, Immutable, Alias(WireNames.HistoryFilter)]
public sealed record HistoryFilter(RunId Run, long After = 0, int Limit = 100, StepId? Step = null);

/// <summary>One page of what happened to a run, oldest first. It may be short or empty and still not be the last.</summary>
/// <param name="Next">The <see cref="HistoryFilter.After"/> of the next page.</param>
/// <param name="IsLast">Whether nothing later was stored when it was read.</param>
/// <param name="Missing">How many events of this page are no longer kept: what came of them stands in a snapshot.</param>
[GenerateSerializer, Immutable, Alias(WireNames.HistoryPage)]
public sealed record HistoryPage(ImmutableArray<HistoryEntry> Entries, long Next, bool IsLast, long Missing);

/// <summary>Something that happened to a run.</summary>
/// <param name="Number">Counted from 1 in each run, in the order in which things happened.</param>
/// <param name="What"><c>run_started</c>, <c>step_dispatched</c>, <c>step_succeeded</c> …; words are added, never renamed.</param>
/// <param name="Steps">The steps that it happened to: more than one when they run as one query; none: the run itself.</param>
/// <param name="Reason">Why, or who wanted it.</param>
/// <param name="RetryAt">When the next attempt begins.</param>
/// <param name="FaultStep">The step whose fault it is.</param>
/// <param name="Fault">With the first line of its message; the view of the run has all of it.</param>
/// <param name="Status">How the run ended.</param>
[GenerateSerializer, Immutable, Alias(WireNames.HistoryEntry)]
public sealed record HistoryEntry(
    long Number,
    DateTimeOffset At,
    string What,
    ImmutableArray<StepId> Steps,
    Attempt? Attempt = null,
    string? Reason = null,
    DateTimeOffset? RetryAt = null,
    StepId? FaultStep = null,
    Fault? Fault = null,
    RunStatus? Status = null);
