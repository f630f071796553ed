using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>Which runs a list shows; everything that is not null must hold.</summary>
/// <param name="RunKey">What the runs are about; only together with a pipeline.</param>
/// <param name="Cursor">Opaque; from <see cref="Listing{T}.Next"/>.</param>
/// <param name="Limit">1 to 500.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RunFilter)]
public sealed record RunFilter(
    string? Pipeline = null, bool UnfinishedOnly = false, RunStatus? Status = null, string? Cursor = null, int Limit = 50,
    string? RunKey = null);

/// <summary>One page of a list.</summary>
/// <param name="Next">The cursor of the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Listing)]
public sealed record Listing<T>(ImmutableArray<T> Items, string? Next);

/// <summary>A run as a line of a list.</summary>
/// <param name="FaultCode"><c>ETL</c> and four digits; null when nothing went wrong.</param>
/// <param name="Wait">Set when no process drives it; the run itself says what else it waits for.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RunSummary)]
public sealed record RunSummary(
    RunId Id,
    string Pipeline,
    RunStatus Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    int StepsDone,
    int StepsTotal,
    string? FaultCode,
    string? FaultMessage,
    string? RunKey = null,
    Wait? Wait = null);

/// <summary>A dataset version as a line of a list.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.DatasetSummary)]
public sealed record DatasetSummary(
    string Name, string Version, RunId Run, StepId Step, DateTimeOffset PublishedAt, DatasetVersion Manifest);

/// <summary>The first rows of a dataset version, for people.</summary>
/// <param name="Rows">Values as text, in the order of the columns; null is SQL's NULL. Longer texts are cut.</param>
/// <param name="IsWhole">Whether these are all rows of the version.</param>
[GenerateSerializer, Immutable, Alias(WireNames.DatasetPreview)]
public sealed record DatasetPreview(
    DatasetSummary Dataset, ImmutableArray<Column> Columns, ImmutableArray<ImmutableArray<string?>> Rows, bool IsWhole);

/// <summary>Which ended run is repeated, and what of it.</summary>
/// <param name="From">Runs again from this step on; null: from whatever did not succeed.</param>
/// <param name="Params">Replace those of the earlier run; steps that read one with another value run again, and what depends on them.</param>
/// <param name="Items">Items of one step that run again, and what needs it; null: of each step that failed, those that did not
/// succeed.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RerunRequest)]
public sealed record RerunRequest(RunId Of, StepId? From, ImmutableArray<Field> Params, RerunItems? Items = null);

/// <summary>Which items of a step run again.</summary>
/// <param name="Keys">By their keys, which did not succeed; empty: all that did not succeed.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RerunItems)]
public sealed record RerunItems(StepId Step, ImmutableArray<string> Keys);
