using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>What people list and look up. Reads only; every list is paged, newest first.</summary>
public interface IRunCatalog
{
    Task<Page<RunRow>> Runs(RunQuery query, CancellationToken cancellation);
    Task<RunRow?> Run(RunId run, CancellationToken cancellation);
    Task<ImmutableArray<StepRow>> Steps(RunId run, CancellationToken cancellation);

    /// <summary>The newest version of every dataset whose name begins with <paramref name="prefix"/>, by name.</summary>
    Task<Page<DatasetRow>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation);
    /// <summary>The versions of one dataset, newest first.</summary>
    Task<Page<DatasetRow>> Versions(string name, string? cursor, int limit, CancellationToken cancellation);
    /// <param name="version">Null: the newest.</param>
    Task<DatasetRow?> Dataset(string name, string? version, CancellationToken cancellation);

    /// <summary>All that one run published, oldest first.</summary>
    Task<ImmutableArray<DatasetRow>> Published(RunId run, CancellationToken cancellation);

    /// <summary>The run that was started last under the key of a <see cref="StartFence"/>; null: none, or a forgotten one.</summary>
    Task<RunId?> LastStarted(string key, CancellationToken cancellation);

    /// <summary>Unfinished runs that want to be woken at <paramref name="now"/> or earlier, at most <paramref name="limit"/>.</summary>
    Task<ImmutableArray<RunId>> Due(DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>Runs that somebody has to drive (<see cref="Statuses.IsAtRest"/>) and none of these does (see <see cref="RunRow.Driver"/>), by id, at most
    /// <paramref name="limit"/>.</summary>
    /// <param name="after">Where the last page ended; null: from the first.</param>
    Task<ImmutableArray<RunId>> Orphans(
        ImmutableArray<string> drivers, RunId? after, int limit, CancellationToken cancellation);
}

/// <param name="Cursor">Opaque; from <see cref="Page{T}.Next"/>.</param>
/// <param name="Limit">1 to 500.</param>
public sealed record RunQuery(
    string? Pipeline = null, bool UnfinishedOnly = false, RunStatus? Status = null, string? Cursor = null, int Limit = 50)
{
    /// <summary>What the runs are about; only together with a pipeline. Null: anything.</summary>
    public string? RunKey { get; init; }
}

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record Page<T>(ImmutableArray<T> Items, string? Next);
