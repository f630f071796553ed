using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>A home of runs and datasets, and what one can ask of it. Refusals are answers; an exception means that the home could not
/// be reached or is broken (<see cref="FaultException"/>).</summary>
/// <remarks>Reads never wait for a run, whichever process drives it. Disposing stops what this process drives and leaves those runs
/// resumable.</remarks>
public interface IEtl : IAsyncDisposable
{
    /// <summary>Starts a run and drives it in this process.</summary>
    Task<Begun> Start(StartRequest request, CancellationToken cancellation);

    /// <summary>Takes up an unfinished run that no living process drives, on the definition that it started with.</summary>
    Task<Begun> Resume(RunId run, CancellationToken cancellation);

    /// <summary>A new run of the definition of an ended one, which uses the results of its finished steps again.</summary>
    Task<Begun> Rerun(RerunRequest request, CancellationToken cancellation);

    /// <summary>Stops what runs, starts nothing more. Reaches the run also when another process drives it.</summary>
    Task<Answer> Cancel(RunId run, string reason, CancellationToken cancellation);

    /// <summary>The run as it is; null when there is none.</summary>
    Task<RunView?> View(RunId run, CancellationToken cancellation);

    /// <summary>The run as it is, then again whenever it changed or progressed; ends after it was given in a terminal state.</summary>
    IAsyncEnumerable<RunView> Watch(RunId run, CancellationToken cancellation);

    /// <summary>The definition that a run started with; null when there is no such run.</summary>
    Task<PipelineSpec?> Definition(RunId run, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    Task<Listing<RunSummary>> Runs(RunFilter filter, CancellationToken cancellation);

    /// <summary>The newest version of every dataset whose name begins with <paramref name="prefix"/>, by name.</summary>
    Task<Listing<DatasetSummary>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>The versions of one dataset, newest first.</summary>
    Task<Listing<DatasetSummary>> Versions(string name, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>The first rows of a version; null when there is none.</summary>
    /// <param name="version">Null: the newest.</param>
    Task<DatasetPreview?> Preview(string name, string? version, int rowsMax, CancellationToken cancellation);
}

/// <param name="Params">Already of the types that the pipeline declares.</param>
/// <param name="Folder">The folder of the pipeline's file; relative paths start there.</param>
/// <param name="Timeout">For the whole run; null: none.</param>
public sealed record StartRequest(
    PipelineSpec Spec, ImmutableArray<Field> Params, string Folder, TimeSpan? Timeout = null);

/// <param name="From">Runs again from this step on; null: from whatever did not succeed.</param>
/// <param name="Params">Replace those of the earlier run.</param>
public sealed record RerunRequest(RunId Of, StepId? From, ImmutableArray<Field> Params);

/// <summary>The answer to a wish to drive a run.</summary>
public abstract record Begun
{
    private Begun() { }
    public sealed record Run(RunId Id) : Begun;
    public sealed record Refused(ImmutableArray<Fault> Faults) : Begun;
}

/// <param name="Limit">1 to 500.</param>
public sealed record RunFilter(
    string? Pipeline = null, bool UnfinishedOnly = false, RunStatus? Status = null, string? Cursor = null, int Limit = 50);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record Listing<T>(ImmutableArray<T> Items, string? Next);

/// <summary>A run as a line of a list.</summary>
public sealed record RunSummary(
    RunId Id,
    string Pipeline,
    RunStatus Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    int StepsDone,
    int StepsTotal,
    string? FaultCode,
    string? FaultMessage);

/// <summary>A dataset version as a line of a list.</summary>
public sealed record DatasetSummary(
    string Name, string Version, RunId Run, StepId Step, DateTimeOffset PublishedAt, DatasetVersion Manifest);

/// <param name="Rows">Values as text; null is SQL's NULL.</param>
/// <param name="IsWhole">Whether these are all rows of the version.</param>
public sealed record DatasetPreview(
    DatasetSummary Dataset, ImmutableArray<Column> Columns, ImmutableArray<ImmutableArray<string?>> Rows, bool IsWhole);
