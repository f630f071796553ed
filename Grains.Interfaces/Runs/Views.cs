using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>A run as people see it.</summary>
/// <param name="Definition">The version of the definition that it started with: <see cref="PipelineSpec.Version"/>.</param>
/// <param name="Version">The number of events in its journal.</param>
/// <param name="RunKey">What it is about; null: nothing was said.</param>
/// <param name="Wait">What the whole run waits for; null when it goes on or has ended.</param>
/// <param name="RegisteredVersion">The number of its definition in the registry; null: it was not started from there.</param>
/// <param name="Occasion">The time that it is for; null: none.</param>
/// <param name="Parent">The step that started it; null: no step did.</param>
/// <param name="Cancelled">Who cancelled it, when and why; null: nobody did.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RunView)]
public sealed record RunView(
    RunId Id,
    string Pipeline,
    string Definition,
    RunStatus Status,
    long Version,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    ImmutableArray<Field> Params,
    RunId? RerunOf,
    Fault? Fault,
    ImmutableArray<StepView> Steps,
    Wait? Wait = null,
    RunPause? Paused = null,
    int? RegisteredVersion = null,
    RunOccasion? Occasion = null,
    string? RunKey = null,
    ParentRun? Parent = null,
    RunQuarantine? Quarantine = null,
    Intervention? Cancelled = null);

/// <summary>Why a run is left alone: what it does kills the processes that do it.</summary>
/// <param name="Lost">Processes that drove it and died, oldest first.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RunQuarantine)]
public sealed record RunQuarantine(DateTimeOffset Since, Fault Fault, ImmutableArray<string> Lost);

/// <summary>Since when a run is paused, and why.</summary>
/// <param name="By">As they call themselves; null: not said.</param>
/// <param name="WithPipeline">Its pipeline is paused, or all are; it goes on when they do.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RunPause)]
public sealed record RunPause(DateTimeOffset Since, string Reason, string? By, bool WithPipeline = false);

/// <summary>A step of a run as people see it. Null counts are unknown, not zero.</summary>
/// <param name="Stage">Steps with the same number run as one query.</param>
/// <param name="Waiting">Why it does not run, was skipped, cancelled or reused: <c>waits for clean, orders</c>; null when there is nothing to say.</param>
/// <param name="Wait">What it waits for; null when it runs or has ended.</param>
/// <param name="Awaits">What a step that is awaiting asks of people.</param>
/// <param name="ByHand">Who ended it, if its own work did not.</param>
/// <param name="Items">How far its items are; null when it has none, or they are not listed yet.</param>
/// <param name="ReusedFrom">The run that did its work; null: this one, or nobody has.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StepView)]
public sealed record StepView(
    StepId Id,
    string Kind,
    int Stage,
    StepStatus Status,
    int Attempts,
    ImmutableArray<StepId> DependsOn,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long? RowsIn,
    long? RowsOut,
    long? RowsRejected,
    Fault? Fault,
    string? Waiting,
    ImmutableArray<StepOutput> Outputs,
    ImmutableArray<Field> Values,
    StepProgress? Progress,
    Wait? Wait = null,
    Awaited? Awaits = null,
    Intervention? ByHand = null,
    ItemCounts? Items = null,
    RunId? ReusedFrom = null);
