using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using OrleansEtl.Channels;
using OrleansEtl.Client;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Logs;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells;
using OrleansEtl.Shells.Alerts;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Silo.Hosting;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Embedded;

/// <summary>
/// A home in a folder, driven by this process: the same grains as on a cluster over the embedded store. Reading opens the store alone;
/// the grains start with the first run that this process drives. Other processes may drive other runs of the same home: a wish
/// that concerns one of theirs is left as a letter.
/// </summary>
public sealed partial class EmbeddedEtl : IHome
{
    private readonly EmbeddedOptions _options;
    private readonly IHomeStore _store;
    private readonly DriverSeat _seat;
    private readonly RunHistory _history;
    private readonly DefinitionDesk _definitions;
    private readonly HomeDesks _desks;
    private readonly Sender _sender;
    private readonly RunLogs _logs;
    private readonly LiveRuns _live;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _starting = new(1);
    private EmbeddedSilo? _silo;
    private int _closed;

    private EmbeddedEtl(EmbeddedOptions options, IHomeStore store, TimeProvider clock)
    {
        (_options, _store, _clock) = (options, store, clock);
        _seat = new DriverSeat(store.Drivers, clock, options);
        _history = new RunHistory(store.Journal);
        var scheduling = Rooms.Schedules(store, clock, options.Kinds);
        _desks = new HomeDesks(
            scheduling,
            Rooms.Triggers(store, clock, options.Kinds),
            Rooms.Alerts(store, scheduling, clock, _sender = new Sender(clock)) with
            {
                Bounds = options.Alerts, View = run => View(run, CancellationToken.None),
            });
        _definitions = Rooms.Definitions(store.GrainStates, clock, options.Kinds, _desks.Alerts.Registering);
        (Schedules, Triggers, Alerts) =
            (new EmbeddedSchedules(scheduling), new EmbeddedTriggers(_desks.Triggers), new EmbeddedAlerts(_desks.Alerts));
        _live = new LiveRuns(HomeFolders.Live(options.Home), clock);
        _logs = new RunLogs(new LogStore(HomeFolders.Logs(options.Home), new LogBounds(), clock), _history, store.Catalog);
    }

    /// <exception cref="FaultException">The home cannot be used: its store is damaged, newer, or not a store.</exception>
    public static IHome Open(EmbeddedOptions options, TimeProvider clock)
    {
        options = options with { Home = Path.GetFullPath(options.Home) };
        return new EmbeddedEtl(options, EmbeddedStore.Open(HomeFolders.Store(options.Home), clock), clock);
    }

    public ISchedules Schedules { get; }

    public ITriggers Triggers { get; }

    public IAlerts Alerts { get; }

    public async Task<Begun> Start(StartRequest request, CancellationToken cancellation)
    {
        if (StartChecks.KeyFault(request.IdempotencyKey) is { } wrong) return Refused(wrong);
        request = request with { Folder = Absolute(request.Folder) };
        var run = NewRun();
        if (request.IdempotencyKey is { } key)
        {
            var wished = StartChecks.Claim(request, run);
            var holds = await StartKeys.Claim(_store.GrainStates, request.Spec.Name, key, wished, _clock.GetUtcNow(), cancellation);
            if (StartChecks.Differ(holds, wished, key) is { } other) return Refused(other);
            if (holds.Run != run && await Past(holds.Run, cancellation) is { } earlier)
                return request.IsDetached || earlier.Status.IsTerminal() ? new Begun.Run(earlier.Id) : await TakeUp(earlier, unpauses: false, cancellation);
            run = holds.Run;
        }
        if (await Unstartable(request.Spec, cancellation) is { } unstartable) return unstartable;
        return request.Rules is { AllowAll: true, RunKey: null }
            ? BegunOf(run, await Begin(run, request.Command(request.Folder), request.IsDetached, cancellation))
            : await Start(run, request, cancellation);
    }

    private async Task<Answer> Begin(RunId run, RunCommand.Start start, bool isDetached, CancellationToken cancellation)
    {
        if (!isDetached) return await (await Drive(start.Folder, cancellation)).Start(run, start);
        if (start.Spec.Alerts is { IsEmpty: false })
            await _desks.Alerts.Announce(
                new KeptWatch(_desks.Alerts, start.Spec.Name), run, RunAlerts.LateAt(start.Spec, start.Occasion, _clock.GetUtcNow()));
        return await UndrivenRun.Begin(Desk(), run, start, cancellation);
    }

    public async Task<Begun> Rerun(RerunRequest request, CancellationToken cancellation)
    {
        if (await Past(request.Of, cancellation) is not { } past) return Refused(Unknown(request.Of));
        return await RunAgain(past, NewRun(), request, cancellation);
    }

    private async Task<Begun> RunAgain(Run past, RunId run, RerunRequest request, CancellationToken cancellation)
    {
        var reuse = RerunPlan.Of(past, request.From, request.Params, request.Items);
        if ((reuse.Fault ?? await NamedItems.Fault(reuse.Command!, (items, filter) => Gathered(items, filter, cancellation))) is { } fault)
            return Refused(fault);
        return BegunOf(run, await Begin(run, reuse.Command!, isDetached: false, cancellation));
    }

    public async Task<RunView?> View(RunId run, CancellationToken cancellation)
    {
        if (_silo is { } mine && mine.Drives(run)) return await mine.View(run);
        // The holder first: it may end the run and leave between the two.
        var isDriven = await _store.Drivers.Holder(run, _clock.GetUtcNow(), cancellation) is not null;
        if (await Past(run, cancellation) is not { } past) return null;
        if (past.Status.IsAtRest()) return past.View();
        if (isDriven) return past.View() is var stored && stored.Steps.All(step => step.Status != StepStatus.Running) ? stored
            : await _live.View(past, cancellation) ?? stored;
        var nobody = Nobody(run);
        return past.View(hindrance: (_, _) => nobody, whole: nobody);
    }

    public async IAsyncEnumerable<RunView> Watch(RunId run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        RunView? before = null;
        while (true)
        {
            var view = _silo is { } mine && mine.Drives(run)
                ? await mine.Watch(run, before?.Version ?? -1, _options.LookEvery, cancellation)
                : await View(run, cancellation);
            if (view is null) yield break;
            if (view.IsNewsAfter(before)) yield return view;
            if (view.Status.IsAtRest()) yield break;
            before = view;
            if (_silo is null || !_silo.Drives(run)) await Task.Delay(_options.LookEvery, _clock, cancellation);
        }
    }

    public Task<HistoryPage?> History(HistoryFilter filter, CancellationToken cancellation) => _history.Read(filter, cancellation);

    public Task<LogPage?> Logs(LogFilter filter, CancellationToken cancellation) => _logs.Read(filter, cancellation);

    public IAsyncEnumerable<LogLine> FollowLogs(LogFilter filter, CancellationToken cancellation) =>
        FollowedLog.Of(filter, Logs, waiting => Task.Delay(_options.LookEvery, _clock, waiting), cancellation);

    public async Task<ItemPage?> Items(ItemFilter filter, CancellationToken cancellation)
    {
        if (await Past(filter.Run, cancellation) is not { } run) return null;
        return await ItemPages.Read(run, filter, items => Gathered(items, filter, cancellation));
    }

    private async Task<ImmutableArray<ItemView>> Gathered(DatasetVersion items, ItemFilter filter, CancellationToken cancellation)
    {
        var folders = new HomeFolders(_options, _options.Home);
        using var engine = folders.Engine();
        return await ItemPages.Gathered(engine, new DatasetStore(folders.Data), items, filter, cancellation);
    }

    public async Task<PipelineSpec?> Definition(RunId run, CancellationToken cancellation) => (await Past(run, cancellation))?.Plan!.Spec;

    public async Task<Listing<RunSummary>> Runs(RunFilter filter, CancellationToken cancellation)
    {
        var page = Rows.Summaries(await _store.Catalog.Runs(Rows.Query(filter), cancellation));
        var runs = ImmutableArray.CreateBuilder<RunSummary>(page.Items.Length);
        foreach (var run in page.Items)
            runs.Add(!run.Status.IsAtRest() && await _store.Drivers.Holder(run.Id, _clock.GetUtcNow(), cancellation) is null
                && await _store.Catalog.Run(run.Id, cancellation) is { Status: var now } && !now.IsAtRest() // it may end between the two
                ? run with { Wait = Nobody(run.Id) } : run);
        return page with { Items = runs.MoveToImmutable() };
    }

    public async Task<Listing<DatasetSummary>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation) =>
        Rows.Summaries(await _store.Catalog.Datasets(prefix, cursor, limit, cancellation));

    public async Task<Listing<DatasetSummary>> Versions(string name, string? cursor, int limit, CancellationToken cancellation) =>
        Rows.Summaries(await _store.Catalog.Versions(name, cursor, limit, cancellation));

    public async Task<DatasetPreview?> Preview(string name, string? version, int rowsMax, CancellationToken cancellation)
    {
        if (await _store.Catalog.Dataset(name, version, cancellation) is not { } row) return null;
        var folders = new HomeFolders(_options, _options.Home);
        using var engine = folders.Engine();
        return await Previews.Read(engine, new DatasetStore(folders.Data), Rows.Summary(row), rowsMax, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        if (_silo is not null) await _silo.DisposeAsync();
        await _seat.DisposeAsync();
        await _store.DisposeAsync();
        _sender.Dispose();
        _starting.Dispose();
    }

    private async Task<EmbeddedSilo> Drive(string folder, CancellationToken cancellation)
    {
        await _starting.WaitAsync(cancellation);
        try
        {
            return _silo ??= await EmbeddedSilo.Start(new HomeFolders(_options, folder), _store, _seat, _desks, CancelChild, _clock, cancellation);
        }
        finally
        {
            _starting.Release();
        }
    }

    private static Wait Nobody(RunId run) => new(WaitFor.Driver, $"nobody drives this run; go on with: etl resume {run}");

    private Task<Run?> Past(RunId run, CancellationToken cancellation) => PastRun.Read(_store.Journal, run, cancellation);

    private RunId NewRun() => RunId.New(_clock.GetUtcNow(), RandomNumberGenerator.GetBytes(10));

    private static Begun.Refused Refused(Fault fault) => new([fault]);

    private static Fault Unknown(RunId run) =>
        new(FaultKind.NotFound, "ETL4201", $"There is no run {run} here.", null, "List runs with: etl runs list");
}
