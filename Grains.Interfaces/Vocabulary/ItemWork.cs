using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>What an attempt does for a step that runs for each item: it makes the list, runs a slice of it, fills in what the runs of a slice are
/// started with, or gathers what the items gave.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.ItemWork)]
public abstract record ItemWork
{
    private ItemWork() { }

    /// <summary>Writes the list down, once.</summary>
    /// <param name="Inputs">The datasets that it is made of.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.ItemWorkList)]
    public sealed record List(ItemSource From, SpecValue Of, ImmutableArray<InputBinding> Inputs, ItemsAgain? Again) : ItemWork;

    /// <summary>Runs neighbouring items, one after another. The step's <c>with</c> still has its templates.</summary>
    /// <param name="Version">The list.</param>
    /// <param name="MayRetry">Whether an item that fails transiently is tried again: then its failure is not written down.</param>
    /// <param name="Names">What the templates speak of besides the item.</param>
    /// <param name="SqlPaths">Texts below <c>with</c> that are SQL.</param>
    /// <param name="Partitioned">The input of which each item sees the rows of its partition alone; null: items see all rows.</param>
    /// <param name="Moments">Fields of the items that are moments and no mere texts; null: none.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.ItemWorkSlice)]
    public sealed record Slice(
        DatasetVersion Version, int From, int Count, bool MayRetry, ImmutableArray<NamedValue> Names,
        ImmutableArray<string> SqlPaths, string? Partitioned = null, ImmutableArray<string>? Moments = null) : ItemWork;

    /// <summary>Fills in what neighbouring items have their step start, each a run of its own; before, writes down how others have ended.</summary>
    /// <param name="Ends">Items that have ended and are in no notes yet.</param>
    /// <param name="Moments">As those of <see cref="Slice"/>.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.ItemWorkFill)]
    public sealed record Fill(
        DatasetVersion Version, int From, int Count, ImmutableArray<NamedValue> Names, ImmutableArray<string> SqlPaths,
        ImmutableArray<ItemEnd> Ends, ImmutableArray<string>? Moments = null) : ItemWork;

    /// <summary>Makes one dataset of what became of all items, and one of all that they gave at each port.</summary>
    /// <param name="Kept">Items of which something is written down; fewer found: the folder is not up to date here yet.</param>
    /// <param name="NotRun">Items that were not run to their end.</param>
    /// <param name="Unheard">Attempts whose notes do not count.</param>
    /// <param name="Elsewhere">Attempts whose notes are not in the first folder.</param>
    /// <param name="Ends">Items whose ends are in no notes; null: the items start no runs.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.ItemWorkGather)]
    public sealed record Gather(
        DatasetVersion Version, long Kept, ImmutableArray<ItemRange> NotRun, ImmutableArray<int> Unheard,
        ImmutableArray<ItemNotes> Elsewhere, ItemsAgain? Again, ImmutableArray<ItemEnd>? Ends = null) : ItemWork;
}

/// <summary>A value under the name by which templates know it: <c>params.day</c>.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.NamedValue)]
public sealed record NamedValue(string Name, SpecValue Value, ValueType Type);

/// <summary>Where the notes of an attempt are, when it was begun more than once: in the folder of its <paramref name="Start"/>.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.ItemNotes)]
public readonly record struct ItemNotes(int Attempt, int Start);

/// <summary>What the run of an item is to be started with.</summary>
/// <param name="Fault">Why that cannot be said; null: it can.</param>
[GenerateSerializer, Immutable, Alias(WireNames.FilledItem)]
public sealed record FilledItem(int Item, SpecValue.Map With, Fault? Fault);

/// <summary>How an item ended that waited for a run.</summary>
/// <param name="Run">Null: none was started.</param>
/// <param name="Fault">Null: it has succeeded.</param>
/// <param name="Stopped">The run was stopped because the step has failed, or the run that it is of was stopped: no failure of its own.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ItemEnd)]
public sealed record ItemEnd(int Item, RunId? Run, Fault? Fault, ImmutableArray<Field> Values, bool Stopped = false);
