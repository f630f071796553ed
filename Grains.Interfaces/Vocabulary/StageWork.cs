using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>One attempt of a stage: a linear chain of steps that run as one. The fence is (run, stage, attempt).</summary>
/// <param name="Folder">The folder of the pipeline's file; relative paths start there.</param>
/// <param name="Timeout">For this attempt; null: none.</param>
/// <param name="Priority">Of the run, from -100 to 100.</param>
/// <param name="Items">What it does for a step that runs for each item; null: it runs the steps.</param>
/// <param name="Item">The item that it runs, as part of an attempt that runs several: its place in the whole list.</param>
/// <param name="Limits">Named limits that the attempt takes before it begins; null: none.</param>
/// <param name="RunLimits">Those that the whole run takes before any of its attempts begins.</param>
/// <param name="Reuse">How old a result of the same work may be to be taken instead; null: none is taken or kept for others.</param>
/// <param name="Refresh">The work is done although there may be such a result.</param>
/// <param name="Alone">Whether it gets all slots of the process: an earlier attempt ran out of something beside others.</param>
/// <param name="Correlation">Names the call that led to it; null: not known.</param>
/// <param name="IsSuspect">The process of earlier attempts died: it begins when the run has stored that it does (<see cref="RunCommand.Begin"/>).</param>
[GenerateSerializer, Immutable, Alias(WireNames.StageWork)]
public sealed record StageWork(
    RunId Run,
    string Pipeline,
    int Stage,
    Attempt Attempt,
    ImmutableArray<StepWork> Steps,
    string Folder,
    TimeSpan? Timeout,
    bool Alone = false,
    int Priority = 0,
    string? Correlation = null,
    ItemWork? Items = null,
    string? Item = null,
    ImmutableArray<LimitUse>? Limits = null,
    ImmutableArray<LimitUse>? RunLimits = null,
    TimeSpan? Reuse = null,
    bool Refresh = false,
    bool IsSuspect = false)
{
    /// <summary>Whether it must wait for nobody before it begins.</summary>
    public bool IsUnlimited() => Limits is null && RunLimits is null;
}

/// <summary>A step of a stage, its <c>with</c> filled in.</summary>
/// <param name="Inputs">Datasets that come from other stages. What the step before in the chain gives is not among them.</param>
/// <param name="Published">Whether its <c>out</c> is read by others and so has to be materialised.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StepWork)]
public sealed record StepWork(
    StepId Id, string Kind, SpecValue.Map With, ImmutableArray<InputBinding> Inputs, bool Published);

/// <summary>A dataset under the name by which the step knows it: <c>orders</c>, <c>orders.rejects</c>.</summary>
/// <param name="Only">The part of it that the step sees; null: all of it.</param>
[GenerateSerializer, Immutable, Alias(WireNames.InputBinding)]
public sealed record InputBinding(string Name, DatasetVersion Dataset, DatasetPartition? Only = null)
{
    /// <summary>The rows that the step sees.</summary>
    public long Rows => Only?.Rows ?? Dataset.Rows;
}

/// <summary>The rows of a dataset that have the same values in some columns.</summary>
/// <param name="Key">Says which: <c>country=DE/day=2026-01-01</c>.</param>
[GenerateSerializer, Immutable, Alias(WireNames.DatasetPartition)]
public sealed record DatasetPartition(string Key, long Rows);

/// <summary>How an attempt of a stage ended.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.StageOutcome)]
public abstract record StageOutcome
{
    private StageOutcome() { }

    /// <summary>All its steps succeeded; one result a step, in the stage's order.</summary>
    /// <param name="ReuseKey">Names the work that was done, for those who have the same to do; null: it has no name.</param>
    /// <param name="ReusedFrom">The run that did the work; null: this attempt has done it.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StageSucceeded)]
    public sealed record Succeeded(
        ImmutableArray<StepResult> Results, string? ReuseKey = null, RunId? ReusedFrom = null) : StageOutcome;

    /// <param name="Step">The step whose fault it is.</param>
    /// <param name="Outputs">What is worth keeping all the same (a check's report, rejects), by step.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StageFailed)]
    public sealed record Failed(StepId Step, Fault Fault, ImmutableArray<StepResult> Results) : StageOutcome;

    /// <summary>The list of items is written down.</summary>
    /// <param name="Reused">Items that an earlier run has done, which are not in the list.</param>
    /// <param name="Left">Items that an earlier run has not done, and this one is not asked to.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StageListed)]
    public sealed record Listed(DatasetVersion List, int Reused, int Left = 0) : StageOutcome;

    /// <summary>Some items of a slice have been run: the first so many. The rest was not begun.</summary>
    /// <param name="Failures">Those that failed, also those that will be tried again.</param>
    /// <param name="Kept">How many of them something is written down of.</param>
    /// <param name="Start">The folder in which it is.</param>
    /// <param name="Took">For all of them, without what each slice costs once.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StageItems)]
    public sealed record Items(int Done, ImmutableArray<ItemFailure> Failures, int Kept, int Start, TimeSpan Took) : StageOutcome;

    /// <summary>It is known what the runs of some items of a slice are to be started with.</summary>
    /// <param name="Next">The first so many, in their order.</param>
    /// <param name="Kept">How many ends of others were written down.</param>
    /// <param name="Start">The folder in which they are.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StageFilled)]
    public sealed record Filled(ImmutableArray<FilledItem> Next, int Kept, int Start) : StageOutcome;

    /// <summary>Stopped on request, or because the process ends; nothing was given.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.StageStopped)]
    public sealed record Stopped : StageOutcome;
}

/// <summary>What one step did. A null count is unknown, not zero.</summary>
/// <param name="Values">Small results for <c>{{ steps.ID.values.NAME }}</c>; at most 64 KB as JSON.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StepResult)]
public sealed record StepResult(
    StepId Step,
    long? RowsIn,
    long? RowsOut,
    long? RowsRejected,
    ImmutableArray<StepOutput> Outputs,
    ImmutableArray<Field> Values);

/// <summary>How far a running step is. Not journaled.</summary>
/// <param name="Fraction">0 to 1; null when unknown.</param>
/// <param name="Keeps">Of the items that it was given, the first so many that it will run: one takes long, and the others shall not wait for
/// it. Null: all.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StepProgress)]
public sealed record StepProgress(StepId Step, long? Rows, long? Bytes, double? Fraction, int? Keeps = null);
