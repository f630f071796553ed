using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>A run in lists: a projection of its journal, written with it.</summary>
/// <param name="Status">The word of <see cref="RunStatus"/>.</param>
/// <param name="RunKey">What the run is about; null: nothing was said.</param>
/// <param name="Driver">The process that drives the run; null once it has ended.</param>
public sealed record RunRow(
    RunId Id,
    string Pipeline,
    string Definition,
    RunStatus Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    int StepsTotal,
    int StepsDone,
    string? FaultCode,
    string? FaultMessage,
    RunId? RerunOf,
    string? Driver,
    string? RunKey = null);

/// <summary>A step in lists and statistics.</summary>
public sealed record StepRow(
    RunId Run,
    StepId Id,
    int Position,
    string Kind,
    StepStatus Status,
    int Attempts,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long? RowsIn,
    long? RowsOut,
    long? RowsRejected,
    string? FaultCode);

/// <summary>What the steps of a stage gave, by the name of its work. Of two of one name the newer stays.</summary>
/// <param name="Results">The bytes of their results; the store does not read them.</param>
public sealed record ResultRow(string ReuseKey, RunId Run, DateTimeOffset DoneAt, byte[] Results);

/// <summary>A published dataset version. A name and version are published once; a second time changes nothing.</summary>
/// <param name="Manifest">The bytes of the <see cref="DatasetVersion"/>; the store does not read them.</param>
public sealed record DatasetRow(
    string Name, string Version, RunId Run, StepId Step, long Rows, long Bytes, DateTimeOffset PublishedAt, byte[] Manifest);
