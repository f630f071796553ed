using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Orleans;

namespace OrleansEtl.Client;

/// <summary>
/// A cluster of silos, through any of them. Calls are repeated while silos come and go (<see cref="RetrySettings"/>), which is safe
/// because the client chooses the run's id before the first try. Runs belong to the cluster: they go on when this client goes.
/// </summary>
/// <remarks>Relative paths of a pipeline start in <c>files/</c> of the folder that all silos share, never on the client's
/// machine.</remarks>
public sealed partial class ClusterEtl : IEtl
{
    /// <summary>Longer than the time between two heartbeats of a step, far shorter than a call may take.</summary>
    private static readonly TimeSpan WatchFor = TimeSpan.FromSeconds(5);
    /// <summary>How often a log is looked at that nothing was added to.</summary>
    private static readonly TimeSpan LogsEvery = TimeSpan.FromMilliseconds(500);
    /// <summary>Reads go to any silo: which, is decided by the key.</summary>
    private const int CatalogKeys = 16;

    private readonly IGrainFactory _grains;
    private readonly PatientCalls _calls;
    private readonly TimeProvider _clock;
    private readonly Func<byte[]> _entropy;
    private readonly IAsyncDisposable? _owned;
    private int _reads;

    /// <param name="entropy">Ten random bytes.</param>
    /// <param name="owned">Disposed of with this.</param>
    internal ClusterEtl(IGrainFactory grains, PatientCalls calls, TimeProvider clock, Func<byte[]> entropy, IAsyncDisposable? owned) =>
        (_grains, _calls, _clock, _entropy, _owned, Silos, Schedules, Triggers, Alerts) =
            (grains, calls, clock, entropy, owned, new ClusterSilos(grains, calls, clock), new ClusterSchedules(grains, calls, entropy),
                new ClusterTriggers(grains, calls), new ClusterAlerts(grains, calls, entropy));

    /// <summary>The silos themselves.</summary>
    public ClusterSilos Silos { get; }

    /// <inheritdoc/>
    public ISchedules Schedules { get; }

    public ITriggers Triggers { get; }

    /// <inheritdoc/>
    public IAlerts Alerts { get; }

    /// <inheritdoc/>
    /// <exception cref="FaultException">ETL4601: the cluster did not answer; the run may have started.</exception>
    public async Task<Begun> Start(StartRequest request, CancellationToken cancellation)
    {
        if (StartChecks.Fault(request) is { } wrong) return new Begun.Refused([wrong]);
        var run = NewRun();
        if (request.IdempotencyKey is { } key)
        {
            var wished = StartChecks.Claim(request, run);
            var holds = await _calls.Ask(
                _ => _grains.GetGrain<IStartKeyGrain>($"{request.Spec.Name}/{key}").Claim(wished), cancellation);
            if (StartChecks.Differ(holds, wished, key) is { } other) return new Begun.Refused([other]);
            if (holds.Run != run) return await Begin(holds.Run, request, cancellation);
        }
        var faults = await LimitChecks.Faults(request.Spec, async name => (await Limit(name, cancellation))?.Spec);
        faults = [.. faults, .. await Alerts.Check(request.Spec.Alerts ?? [], cancellation)];
        return faults.IsEmpty ? await Begin(run, request, cancellation) : new Begun.Refused(faults);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<Fault>> Check(PipelineSpec spec, CancellationToken cancellation) =>
        _calls.Ask(_ => RunCatalog.Check(spec), cancellation);

    private async Task<Begun> Begin(RunId run, StartRequest request, CancellationToken cancellation)
    {
        var (start, rules) = (request.Command(request.Folder), request.Rules);
        if (rules.AllowAll && rules.RunKey is null) return BegunOf(run, await _calls.Ask(_ => Pipeline(run).Tell(start), cancellation));
        return BegunOf(await _calls.Ask(_ => RunCatalog.Start(run, start, rules), cancellation));
    }

    /// <inheritdoc/>
    public async Task<Begun> Resume(RunId run, CancellationToken cancellation) =>
        BegunOf(run, await _calls.Ask(_ => RunCatalog.Resume(run), cancellation));

    /// <inheritdoc/>
    public async Task<Begun> Rerun(RerunRequest request, CancellationToken cancellation)
    {
        var run = NewRun();
        return BegunOf(run, await _calls.Ask(_ => RunCatalog.Rerun(run, request), cancellation));
    }

    /// <inheritdoc/>
    public async Task<Answer> Cancel(RunId run, string reason, string? by, CancellationToken cancellation)
    {
        if (await View(run, cancellation) is null) return new Answer.Refused([Unknown(run)]);
        var (answer, wasRepeated) = await _calls.AskNoting(() => Pipeline(run).Tell(new RunCommand.Cancel(reason, by)), cancellation);
        if (!wasRepeated || answer is Answer.Done) return answer;
        // An earlier try may have been heard although its answer was lost.
        return await View(run, cancellation) is { Status: RunStatus.Cancelled } ended ? new Answer.Done(ended.Status, ended.Version) : answer;
    }

    /// <inheritdoc/>
    public Task<RunView?> View(RunId run, CancellationToken cancellation) => _calls.Ask(_ => RunCatalog.View(run), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<RunView> Watch(RunId run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        RunView? before = null;
        var view = await View(run, cancellation);
        while (view is not null)
        {
            if (view.IsNewsAfter(before)) yield return view;
            if (view.Status.IsAtRest()) yield break;
            var version = view.Version;
            before = view;
            view = await _calls.Ask(_ => Pipeline(run).Watch(version, WatchFor, CancellationToken.None), cancellation);
        }
    }

    /// <inheritdoc/>
    public Task<HistoryPage?> History(HistoryFilter filter, CancellationToken cancellation) =>
        _calls.Ask(_ => RunCatalog.History(filter), cancellation);

    /// <inheritdoc/>
    public Task<LogPage?> Logs(LogFilter filter, CancellationToken cancellation) =>
        _calls.Ask(_ => _grains.GetGrain<ILogGrain>(filter.Run.Value).Read(filter), cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<LogLine> FollowLogs(LogFilter filter, CancellationToken cancellation) =>
        FollowedLog.Of(filter, Logs, waiting => Task.Delay(LogsEvery, _clock, waiting), cancellation);

    /// <inheritdoc/>
    public Task<ItemPage?> Items(ItemFilter filter, CancellationToken cancellation) =>
        _calls.Ask(_ => RunCatalog.Items(filter), cancellation);

    /// <inheritdoc/>
    public Task<PipelineSpec?> Definition(RunId run, CancellationToken cancellation) =>
        _calls.Ask(_ => RunCatalog.Definition(run), cancellation);

    /// <inheritdoc/>
    public Task<Listing<RunSummary>> Runs(RunFilter filter, CancellationToken cancellation) =>
        _calls.Ask(_ => RunCatalog.Runs(filter), cancellation);

    /// <inheritdoc/>
    public Task<Listing<DatasetSummary>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation) =>
        _calls.Ask(_ => DatasetCatalog.Newest(prefix, cursor, limit), cancellation);

    /// <inheritdoc/>
    public Task<Listing<DatasetSummary>> Versions(string name, string? cursor, int limit, CancellationToken cancellation) =>
        _calls.Ask(_ => DatasetCatalog.Versions(name, cursor, limit), cancellation);

    /// <inheritdoc/>
    public Task<DatasetPreview?> Preview(string name, string? version, int rowsMax, CancellationToken cancellation) =>
        _calls.Ask(_ => DatasetCatalog.Preview(name, version, rowsMax), cancellation);

    /// <summary>Closes the connections. Runs go on.</summary>
    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;

    private IPipelineGrain Pipeline(RunId run) => _grains.GetGrain<IPipelineGrain>(run.Value);
    private IRunCatalogGrain RunCatalog => _grains.GetGrain<IRunCatalogGrain>(AnyKey());
    private IDatasetCatalogGrain DatasetCatalog => _grains.GetGrain<IDatasetCatalogGrain>(AnyKey());
    private long AnyKey() => (uint)Interlocked.Increment(ref _reads) % CatalogKeys;
    private RunId NewRun() => RunId.New(_clock.GetUtcNow(), _entropy());

    private static Begun BegunOf(RunId run, Answer answer) => answer switch
    {
        Answer.Done => new Begun.Run(run),
        Answer.Refused refused => new Begun.Refused(refused.Faults),
        _ => throw new UnreachableException(),
    };

    private static Begun BegunOf(StartAnswer answer) => answer switch
    {
        StartAnswer.Run started => new Begun.Run(started.Id, started.IsExisting),
        StartAnswer.Refused refused => new Begun.Refused(refused.Faults),
        _ => throw new UnreachableException(),
    };

    private static Fault Unknown(RunId run) =>
        new(FaultKind.NotFound, "ETL4201", $"There is no run {run}.", null, "List runs with: etl runs list");
}
