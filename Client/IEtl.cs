using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>Runs and datasets, and what one can ask of them: of an embedded home in a folder, or of a cluster (<see cref="EtlClient"/>).
/// Refusals are answers; an exception means that the other side could not be reached or is broken.</summary>
/// <remarks>
/// <para>Every call may throw <see cref="FaultException"/>, whose <see cref="Fault"/> has a kind, a code (<c>etl explain CODE</c>) and
/// a next step, and <see cref="OperationCanceledException"/> when its token asks for that.</para>
/// <para>Reads never wait for a run, whichever process drives it. Disposing an embedded home stops what this process drives and leaves
/// those runs resumable; disposing a cluster's client changes nothing on the cluster.</para>
/// </remarks>
public interface IEtl : IAsyncDisposable
{
    /// <summary>Starts a run: embedded, in this process; on a cluster, wherever there is room.</summary>
    Task<Begun> Start(StartRequest request, CancellationToken cancellation);

    /// <summary>What is wrong with a definition where it would run; nothing: it may be started, as far as its limits and channels are
    /// there.</summary>
    Task<ImmutableArray<Fault>> Check(PipelineSpec spec, CancellationToken cancellation);

    /// <summary>Takes up an unfinished run that no living process drives, on the definition that it started with. On a cluster that
    /// happens by itself; there it only makes sure. A run that is paused goes on, whoever drives it.</summary>
    Task<Begun> Resume(RunId run, CancellationToken cancellation);

    /// <summary>A new run of the definition of an ended one, which uses the results of its finished steps again.</summary>
    Task<Begun> Rerun(RerunRequest request, CancellationToken cancellation);

    /// <summary>Tries again what was given up: a quarantined run goes on; one that failed or was cancelled is run again from what did not
    /// succeed, as by <see cref="Rerun"/>, but once: however often it is redriven, it is the same new run. Any other is refused.</summary>
    /// <param name="by">Who asks, as they call themselves; kept with a quarantined run.</param>
    Task<Begun> Redrive(RunId run, string? by, CancellationToken cancellation);

    /// <summary>Stops what runs, starts nothing more. Reaches the run wherever it is driven.</summary>
    /// <param name="reason">Kept with the run, like <paramref name="by"/>: who asks, as they call themselves.</param>
    Task<Answer> Cancel(RunId run, string reason, string? by, CancellationToken cancellation);

    /// <summary>Starts nothing more until <see cref="Resume"/>. What runs goes on to its end, and the run's own time goes on too. Pausing
    /// twice changes nothing; a run that has ended or is being cancelled refuses.</summary>
    /// <param name="reason">Kept with the run, like <paramref name="by"/>: who asks, as they call themselves.</param>
    Task<Answer> Pause(RunId run, string reason, string? by, CancellationToken cancellation);

    /// <summary>Pauses a pipeline until <see cref="ResumePipeline"/>: within a moment its runs start nothing more, wherever they are driven,
    /// and those that begin meanwhile start nothing at all. One that is paused already stays as it is.</summary>
    /// <param name="pipeline">Null: all pipelines.</param>
    Task<PipelinePause> PausePipeline(string? pipeline, string reason, string? by, CancellationToken cancellation);

    /// <summary>Lets the runs go on that were paused with their pipeline; those that were paused by themselves stay so. Null: there was no
    /// such pause.</summary>
    /// <param name="pipeline">Null: ends the pause of all; pipelines that are paused by themselves stay so.</param>
    Task<PipelinePause?> ResumePipeline(string? pipeline, CancellationToken cancellation);

    /// <summary>What <see cref="PausePipeline"/> has paused.</summary>
    Task<ImmutableArray<PipelinePause>> PausedPipelines(CancellationToken cancellation);

    /// <summary>Ends a step that has not ended as skipped: what needs it is treated as after a condition that is false. An attempt that runs
    /// is stopped; what it has already done outside stays.</summary>
    /// <param name="wholeStage">Also the steps that run as one query with it; without this, a step that has such ones is refused.</param>
    Task<Answer> Skip(RunId run, StepId step, string reason, string? by, bool wholeStage, CancellationToken cancellation);

    /// <summary>Ends a step that has not ended as if it had succeeded, with these values and without datasets; refused while a later step
    /// reads one of them.</summary>
    /// <param name="wholeStage">As for <see cref="Skip"/>.</param>
    Task<Answer> Succeed(
        RunId run, StepId step, string reason, ImmutableArray<Field> values, string? by, bool wholeStage,
        CancellationToken cancellation);

    /// <summary>Sends a signal. It is kept until a step waits for it, and one step takes it.</summary>
    /// <param name="data">Becomes the values of that step; at most 64 KB as JSON.</param>
    /// <param name="key">At most 200 characters. Signals of one name with the same key count once. Null: every call counts.</param>
    Task<Answer> Signal(RunId run, string name, ImmutableArray<Field> data, string? key, CancellationToken cancellation);

    /// <summary>Approves or rejects for a step that asks. The same answer again changes nothing; another one is refused.</summary>
    Task<Answer> Review(RunId run, StepId step, bool approved, string? by, string? comment, CancellationToken cancellation);

    /// <summary>The run as it is; null when there is none.</summary>
    Task<RunView?> View(RunId run, CancellationToken cancellation);

    /// <summary>The run as it is, then again whenever it changed or progressed; ends after it was given in a terminal state or quarantined,
    /// since nothing more comes by itself. Without an element: there is no such run.</summary>
    IAsyncEnumerable<RunView> Watch(RunId run, CancellationToken cancellation);

    /// <summary>One page of what happened to a run, oldest first, as far as it is stored; null when there is no such run.</summary>
    Task<HistoryPage?> History(HistoryFilter filter, CancellationToken cancellation);

    /// <summary>One page of what the attempts of a run said, oldest first across its steps; null when there is no such run. A line can be
    /// read a quarter of a second after it was said.</summary>
    Task<LogPage?> Logs(LogFilter filter, CancellationToken cancellation);

    /// <summary>What the attempts of a run said, then what they say, until the run has ended and everything was given. What several steps
    /// say at once comes as it is found. Without an element: nothing was said, or there is no such run.</summary>
    IAsyncEnumerable<LogLine> FollowLogs(LogFilter filter, CancellationToken cancellation);

    /// <summary>One page of the items of a step that runs for each, in their order; null when there is no such run.</summary>
    Task<ItemPage?> Items(ItemFilter filter, CancellationToken cancellation);

    /// <summary>The definition that a run started with; null when there is no such run.</summary>
    Task<PipelineSpec?> Definition(RunId run, CancellationToken cancellation);

    /// <summary>One page of runs, newest first.</summary>
    Task<Listing<RunSummary>> Runs(RunFilter filter, CancellationToken cancellation);

    /// <summary>Makes a definition the active version of the pipeline of its name. The content and folder of the active one again change
    /// nothing.</summary>
    Task<DefinitionAnswer> Register(DefinitionCommand.Register definition, CancellationToken cancellation);

    /// <summary>Makes a registered version that is kept the active one again, also of a retired pipeline.</summary>
    /// <param name="comment">Kept with the pipeline, like <paramref name="by"/>: who asks, as they call themselves.</param>
    Task<DefinitionAnswer> RollBack(string pipeline, int number, string? by, string? comment, CancellationToken cancellation);

    /// <summary>No run is started by the pipeline's name any more; its versions and its runs stay.</summary>
    Task<DefinitionAnswer> Retire(string pipeline, string? by, string? comment, CancellationToken cancellation);

    /// <summary>One page of the registered pipelines, by name; retired ones too.</summary>
    /// <param name="cursor">From the page before; null: the first page.</param>
    /// <param name="limit">1 to 500.</param>
    Task<Listing<PipelineSummary>> Pipelines(string? cursor, int limit, CancellationToken cancellation);

    /// <summary>A registered pipeline: its active version and who changed what; null when nothing was registered under the
    /// name.</summary>
    Task<PipelineView?> Pipeline(string name, CancellationToken cancellation);

    /// <summary>One page of the registered versions of a pipeline that are kept, newest first.</summary>
    /// <exception cref="FaultException">NotFound: nothing is registered under the name.</exception>
    Task<Listing<VersionSummary>> PipelineVersions(string pipeline, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>A registered version, to look at or to start: <see cref="StartRequest.Of"/>.</summary>
    /// <param name="number">Null: the active one.</param>
    /// <exception cref="FaultException">NotFound: there is none. Conflict: the active one of a retired pipeline.</exception>
    Task<PipelineVersion> PipelineVersion(string pipeline, int? number, CancellationToken cancellation);

    /// <summary>What starts runs of registered pipelines by the clock.</summary>
    ISchedules Schedules { get; }

    /// <summary>What starts runs of registered pipelines because something has happened.</summary>
    ITriggers Triggers { get; }

    /// <summary>What pipelines tell when something goes wrong with them.</summary>
    IAlerts Alerts { get; }

    /// <summary>One page: the newest version of every dataset whose name begins with <paramref name="prefix"/>, by name.</summary>
    /// <param name="cursor">From the page before; null: the first page.</param>
    /// <param name="limit">1 to 500.</param>
    Task<Listing<DatasetSummary>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>One page of the versions of one dataset, newest first.</summary>
    /// <param name="cursor">From the page before; null: the first page.</param>
    /// <param name="limit">1 to 500.</param>
    Task<Listing<DatasetSummary>> Versions(string name, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>Who holds a named limit and who waits for it; null: there is none.</summary>
    Task<LimitView?> Limit(string name, CancellationToken cancellation);

    /// <summary>One page of named limits, by name.</summary>
    /// <param name="cursor">From the page before; null: the first page.</param>
    /// <param name="limit">1 to 500.</param>
    Task<Listing<LimitSummary>> Limits(string? cursor, int limit, CancellationToken cancellation);

    /// <summary>Sets, pauses, resumes or deletes a named limit, or takes it from a holder. Saying it twice does no harm.</summary>
    /// <returns>Null: it is done.</returns>
    Task<Fault?> TellLimit(string name, LimitOrder order, CancellationToken cancellation);

    /// <summary>The first rows of a version, values as text; null when there is none.</summary>
    /// <param name="version">Null: the newest.</param>
    /// <param name="rowsMax">0 to 1000; more counts as 1000.</param>
    Task<DatasetPreview?> Preview(string name, string? version, int rowsMax, CancellationToken cancellation);
}

/// <summary>What a run is started with.</summary>
/// <param name="Params">Already of the types that the pipeline declares.</param>
/// <param name="Folder">Where relative paths start. Embedded: the folder of the pipeline's file; empty: the current one. On a cluster: a
/// folder within <c>files/</c> of the silos' shared folder; empty: <c>files/</c> itself.</param>
/// <param name="Timeout">For the whole run; null: none.</param>
/// <param name="IdempotencyKey">At most 200 characters. Of all starts of a pipeline with the same key only the first makes a run, the
/// others answer with that run for <see cref="StartClaim.Life"/>; a key that comes with another definition, parameters, folder or
/// timeout is refused. Null: every start makes a run.</param>
/// <param name="Priority">From -100 to 100: whose steps get slots first where steps wait for them.</param>
/// <param name="RegisteredVersion">The number of the definition in the registry, for people; null: it comes from elsewhere.</param>
/// <param name="Occasion">The time that the run is for, <c>{{ run.interval.start }}</c> and so on; null: none.</param>
/// <param name="Refresh">Steps that are run although what another run gave could be used again; null: none.</param>
/// <param name="RunKey">What the run is about within its pipeline, at most 200 characters: a day, an order. Null: nothing in
/// particular.</param>
/// <param name="OnConflict">What is done while another run goes on, of the same run key, or without one of the same pipeline; null: as the
/// pipeline says, which allows it unless it says otherwise.</param>
/// <param name="OnEnded">What is done when the last run of the run key has ended; needs a run key unless it is
/// <see cref="OnEnded.Allow"/>.</param>
public sealed record StartRequest(
    PipelineSpec Spec, ImmutableArray<Field> Params, string Folder = "", TimeSpan? Timeout = null, string? IdempotencyKey = null,
    int Priority = 0, int? RegisteredVersion = null, RunOccasion? Occasion = null, Refresh? Refresh = null, string? RunKey = null,
    OnConflict? OnConflict = null, OnEnded OnEnded = OnEnded.Allow)
{
    /// <summary>Of a home: the start is stored, and what it asks for is done by a process that drives the home; else by this one. On a
    /// cluster it is never done by the client.</summary>
    public bool IsDetached { get; init; }

    /// <summary>A start of a registered version, from its folder.</summary>
    public static StartRequest Of(PipelineVersion version, ImmutableArray<Field> parameters) =>
        new(version.Spec, parameters, version.Folder, RegisteredVersion: version.Number);

    /// <summary>Which other runs the start minds.</summary>
    public StartRules Rules => new(RunKey, OnConflict ?? Spec.OnConflict ?? OrleansEtl.OnConflict.Allow, OnEnded);

    /// <param name="folder">Where relative paths start.</param>
    internal RunCommand.Start Command(string folder) =>
        new(Spec, Params, folder, Timeout, null, Priority, RegisteredVersion, Occasion, Refresh, RunKey);
}

/// <summary>The answer to a wish to drive a run.</summary>
public abstract record Begun
{
    private Begun() { }
    /// <param name="IsExisting">Whether that run went on before, and none was started: <see cref="OnConflict.UseExisting"/>.</param>
    public sealed record Run(RunId Id, bool IsExisting = false) : Begun;
    public sealed record Refused(ImmutableArray<Fault> Faults) : Begun;
}
