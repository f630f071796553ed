using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>Reads what is stored about runs. The key means nothing: any silo answers any of them from the store.</summary>
[Alias("etl.IRunCatalogGrain"), DefaultGrainType("run-catalog")]
public interface IRunCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Newest first, one page.</summary>
    /// <exception cref="FaultException">Invalid: the limit or the cursor. Unavailable: the store.</exception>
    [Alias("Runs"), ReadOnly]
    Task<Listing<RunSummary>> Runs(RunFilter filter);

    /// <summary>The run as it is; null when there is none. A run that goes on is asked itself, for its progress.</summary>
    [Alias("View"), ReadOnly]
    Task<RunView?> View(RunId run);

    /// <summary>One page of what happened to the run, from the store; null when there is no such run.</summary>
    /// <exception cref="FaultException">Invalid: the limit. NotFound: the run has no such step. Unavailable: the store.</exception>
    [Alias("History"), ReadOnly]
    Task<HistoryPage?> History(HistoryFilter filter);

    /// <summary>One page of the items of a step that runs for each; null when there is no such run.</summary>
    /// <exception cref="FaultException">Invalid: the limit. NotFound: there is no such step, or it has no items. Unavailable: the
    /// store.</exception>
    [Alias("Items"), ReadOnly]
    Task<ItemPage?> Items(ItemFilter filter);

    /// <summary>The definition that the run started with; null when there is no such run.</summary>
    [Alias("Definition"), ReadOnly]
    Task<PipelineSpec?> Definition(RunId run);

    /// <summary>What is wrong with a definition; nothing: a run of it may be started, as far as its limits and channels are there.</summary>
    [Alias("Check"), ReadOnly]
    Task<ImmutableArray<Fault>> Check(PipelineSpec spec);

    /// <summary>Starts <paramref name="run"/>, if the rules for other runs allow it. The same call again changes nothing.</summary>
    [Alias("Start")]
    Task<StartAnswer> Start(RunId run, RunCommand.Start start, StartRules rules);

    /// <summary>Starts <paramref name="run"/> as a repetition of an ended run. The same call again changes nothing.</summary>
    [Alias("Rerun")]
    Task<Answer> Rerun(RunId run, RerunRequest request);

    /// <summary>Makes sure that somebody drives an unfinished run, and that it is not paused.</summary>
    [Alias("Resume")]
    Task<Answer> Resume(RunId run);
}

/// <summary>Reads what is stored about datasets. The key means nothing: any silo answers any of them from the store.</summary>
[Alias("etl.IDatasetCatalogGrain"), DefaultGrainType("dataset-catalog")]
public interface IDatasetCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>The newest version of every dataset whose name begins with <paramref name="prefix"/>, by name.</summary>
    [Alias("Newest"), ReadOnly]
    Task<Listing<DatasetSummary>> Newest(string prefix, string? cursor, int limit);

    /// <summary>The versions of one dataset, newest first.</summary>
    [Alias("Versions"), ReadOnly]
    Task<Listing<DatasetSummary>> Versions(string name, string? cursor, int limit);

    /// <summary>The first rows of a version, read by a silo that holds data; null when there is no such version.</summary>
    /// <param name="version">Null: the newest.</param>
    /// <param name="rowsMax">At most 1000.</param>
    [Alias("Preview"), ReadOnly]
    Task<DatasetPreview?> Preview(string name, string? version, int rowsMax);
}

/// <summary>Reads the first rows of dataset versions, on a silo that holds data; the key is the dataset's name.</summary>
[Alias("etl.IPreviewGrain"), DefaultGrainType("preview")]
public interface IPreviewGrain : IGrainWithStringKey
{
    [Alias("Read"), ReadOnly]
    Task<DatasetPreview> Read(DatasetSummary dataset, int rowsMax);

    /// <summary>One page of a dataset <c>items</c>.</summary>
    [Alias("Items"), ReadOnly]
    Task<ImmutableArray<ItemView>> Items(DatasetVersion items, ItemFilter filter);
}

/// <summary>Reads what the attempts of a run said, on a silo that holds data; the key is the run's id.</summary>
[Alias("etl.ILogGrain"), DefaultGrainType("log")]
public interface ILogGrain : IGrainWithStringKey
{
    /// <summary>One page; null when there is no such run.</summary>
    /// <exception cref="FaultException">Invalid: the limit, the cursor, the text. NotFound: the run has no such step. Unavailable: the
    /// folder of the logs, or the store.</exception>
    [Alias("Read"), ReadOnly]
    Task<LogPage?> Read(LogFilter filter);
}

/// <summary>Remembers which run an idempotency key has started; the key is <c>pipeline/idempotency key</c>.</summary>
[Alias("etl.IStartKeyGrain"), DefaultGrainType("start-key")]
public interface IStartKeyGrain : IGrainWithStringKey
{
    /// <summary>Takes the key for this run, unless it was taken within <see cref="StartClaim.Life"/>. Durable when it answers.</summary>
    /// <returns>The claim that holds: this one, or the earlier one.</returns>
    [Alias("Claim")]
    Task<StartClaim> Claim(StartClaim wished);
}

/// <summary>What an idempotency key stands for: a run, and what it was started with.</summary>
/// <param name="Definition">See <see cref="PipelineSpec.Version"/>.</param>
/// <param name="Params">The same digits for the same parameters.</param>
/// <param name="Timeout">In seconds; empty: none.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StartClaim)]
public sealed record StartClaim(RunId Run, string Definition, string Params, string Folder, string Timeout)
{
    /// <summary>How long a key stands for its run: as long as ended runs are kept unless somebody says otherwise.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(90);

    public bool HasExpired(DateTimeOffset now) => Run.StartedAt() + Life < now;
}
