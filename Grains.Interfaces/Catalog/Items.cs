using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>Which items of a step are read.</summary>
/// <param name="Status"><c>succeeded</c>, <c>failed</c> or <c>waiting</c>; null: all.</param>
/// <param name="After">The index of the last item that is known already; -1: none.</param>
/// <param name="Limit">1 to 500.</param>
/// <param name="Keys">Only items of these keys, once they are gathered, one of each; null: all.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ItemFilter)]
public sealed record ItemFilter(
    RunId Run, StepId Step, string? Status = null, long After = -1, int Limit = 100, ImmutableArray<string>? Keys = null);

/// <summary>One page of items, in their order.</summary>
/// <param name="Next">The <see cref="ItemFilter.After"/> of the next page; null on the last.</param>
/// <param name="Counts">How far they are; null: not listed yet.</param>
/// <param name="IsGathered">False: the step goes on, and of its items only the first that failed can be named, and those that wait for a run.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ItemPage)]
public sealed record ItemPage(ImmutableArray<ItemView> Items, long? Next, ItemCounts? Counts, bool IsGathered);

/// <summary>An item as people see it. Null counts are unknown, not zero.</summary>
/// <param name="Key">Its name; null: not known before the step has ended.</param>
/// <param name="Item">What it is, as JSON; long ones are cut.</param>
/// <param name="Status"><c>succeeded</c>, <c>failed</c>, or <c>waiting</c>: it was not run to its end.</param>
/// <param name="Values">As JSON; null: it gave none.</param>
/// <param name="Path">A file outside the store that it wrote.</param>
/// <param name="Run">The run that it waits for, or waited for; null: it starts none, or none was started.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ItemView)]
public sealed record ItemView(
    long Index, string? Key, string? Item, string Status, long? RowsIn, long? RowsOut, long? RowsRejected, string? Values, string? Path,
    string? FaultCode, string? Fault, RunId? Run = null);
