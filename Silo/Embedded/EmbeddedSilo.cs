using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Hosting;
using OrleansEtl.Client;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells;
using OrleansEtl.Shells.Alerts;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Limits;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Silo.Hosting;
using OrleansEtl.Silo.Queues;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Embedded;

/// <summary>A silo within this process, and the letters that other processes leave for its runs.</summary>
internal sealed class EmbeddedSilo : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IGrainFactory _grains;
    private readonly IHomeStore _store;
    private readonly DriverSeat _seat;
    private readonly EmbeddedOptions _options;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<RunId, bool> _drives = [];
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _reading;
    private readonly Task _sweeping;
    private readonly Task _showing;

    private EmbeddedSilo(IHost host, IHomeStore store, DriverSeat seat, EmbeddedOptions options, TimeProvider clock)
    {
        (_host, _store, _seat, _options, _clock) = (host, store, seat, options, clock);
        _grains = host.Services.GetRequiredService<IGrainFactory>();
        _reading = ReadLetters(_closed.Token);
        _sweeping = Task.Run(() => Sweep(_closed.Token));
        _showing = Task.Run(() => Show(new LiveRuns(HomeFolders.Live(options.Home), clock), _closed.Token));
    }

    public static async Task<EmbeddedSilo> Start(
        HomeFolders folders, IHomeStore store, DriverSeat seat, HomeDesks desks, Func<RunId, string, Task<Answer>> cancel, TimeProvider clock,
        CancellationToken cancellation)
    {
        await seat.Enter(cancellation);
        var options = folders.Options;
        var shells = new ShellOptions { StatesAreShared = true };
        if (!desks.DriveAll) shells = shells with { DueEvery = options.AlertsEvery };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(clock).AddLogging()
            .AddStorage(store).AddData(folders.Data, HomeFolders.Logs(options.Home), folders.Engine(), copies: null)
            .AddSteps(folders.RulesOf, Rooms.Programs(options.AllowedPrograms), options.Kinds)
            .AddShells(_ => seat.Driver, options.MemoryBytes is { } bytes ? shells with { MemoryBytes = bytes } : shells,
                new RescueDuty(null), options.Kinds)
            .AddPauses(store.GrainStates, clock)
            .AddSingleton(desks.Schedules).AddSingleton(desks.Triggers).AddSingleton(desks.Alerts)
            .AddDueSweep(store.GrainStates, desks.DriveAll ? null : KeptWatch.GrainType); // what is to be told is told by whoever is there
        var (siloPort, gatewayPort) = (FreePort(), FreePort()); // several processes may drive homes on one machine
        builder.Services.AddSingleton<IHolders>(services =>
            new RunsOfHome(store, seat.Driver, services.GetRequiredService<IGrainFactory>(), clock));
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort, gatewayPort).AddLimits(store.GrainStates, Guid.NewGuid));
        EmbeddedSilo? made = null;
        builder.Services.AddSingleton(new ChildRuns(
            desks.Schedules.Find, (run, start) => made!.StartChild(folders, run, start), (run, patience) => made!.ChildEnded(folders, run, patience), cancel));
        var host = builder.Build();
        await host.StartAsync(cancellation);
        return made = new EmbeddedSilo(host, store, seat, options, clock);
    }

    private async Task<Answer> StartChild(HomeFolders folders, RunId run, RunCommand.Start start)
    {
        if (!folders.Reaches(start.Folder))
            return new Answer.Refused([new Fault(
                FaultKind.Denied, "ETL6835", $"Pipeline {start.Spec.Name} is of {start.Folder}, where this process cannot read files.", null,
                $"Allow it: --allow {start.Folder}")]);
        return await TakeUpChild(folders, run) is { } there ? new Answer.Done(there.Status, there.Version) : await Start(run, start);
    }

    private async Task<RunView?> ChildEnded(HomeFolders folders, RunId run, TimeSpan patience)
    {
        var child = await TakeUpChild(folders, run);
        if (Drives(run)) return await Grain(run).Ended(patience, CancellationToken.None);
        if (child is { } there && !there.Status.IsAtRest()) await Task.Delay(_options.LettersEvery, _clock);
        return child?.View();
    }

    /// <summary>The run of a step; null: it has not begun. One that a process left behind is driven on here, so that letters reach it; one that
    /// another process drives stays with it.</summary>
    private async Task<Run?> TakeUpChild(HomeFolders folders, RunId run)
    {
        var child = await PastRun.Read(_store.Journal, run, CancellationToken.None);
        if (child is null || Drives(run) || child.Status.IsAtRest() || !folders.Reaches(child.Folder)) return child;
        if (await _seat.Claim(run, CancellationToken.None) is Claim.Taken taken) await TakeUp(run, taken.From);
        return child;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public IGrainFactory Grains => _grains;

    public QueueListeners Queues() => Rooms.Queues(_host.Services, _clock, NullLogger.Instance);

    public bool Drives(RunId run) => _drives.ContainsKey(run);

    /// <summary>All that it drives, or did.</summary>
    public ImmutableArray<RunId> Driven => [.. _drives.Keys];

    /// <summary>Runs that have ended.</summary>
    public void Forget(IEnumerable<RunId> ended)
    {
        foreach (var run in ended) _drives.TryRemove(run, out _);
    }

    public async Task<Answer> Start(RunId run, RunCommand.Start start)
    {
        var answer = await Grain(run).Tell(start);
        if (answer is Answer.Done) _drives[run] = true;
        return answer;
    }

    /// <param name="from">The dead process that drove it; null: none.</param>
    public async Task<Begun> TakeUp(RunId run, string? from)
    {
        _drives[run] = true;
        if (from is null) await Grain(run).Wake();
        else await Grain(run).Tell(new RunCommand.Rescue(from));
        return from is not null && await View(run) is { Quarantine: { } quarantine }
            ? new Begun.Refused([quarantine.Fault])
            : new Begun.Run(run);
    }

    public Task<Answer> Tell(RunId run, RunCommand command) => Grain(run).Tell(command);
    public Task<RunView?> View(RunId run) => Grain(run).View();
    public Task<RunView?> Watch(RunId run, long version, TimeSpan patience, CancellationToken cancellation) =>
        Grain(run).Watch(version, patience, cancellation);

    public Task<RunView?> Ended(RunId run, TimeSpan patience, CancellationToken cancellation) => Grain(run).Ended(patience, cancellation);

    public ILimitGrain Limit(string name) => _grains.GetGrain<ILimitGrain>(name);

    private IPipelineGrain Grain(RunId run) => _grains.GetGrain<IPipelineGrain>(run.Value);

    private async Task ReadLetters(CancellationToken closed)
    {
        const int lettersAtOnce = 100;
        using var timer = new PeriodicTimer(_options.LettersEvery, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(closed))
            {
                if (!_drives.IsEmpty)
                    foreach (var letter in await _store.Drivers.Letters(_seat.Driver, lettersAtOnce, closed)) await Obey(letter);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>To other processes that look at the runs of this one.</summary>
    private async Task Show(LiveRuns live, CancellationToken closed)
    {
        using var timer = new PeriodicTimer(_options.LettersEvery, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(closed))
                await Quietly(() => live.Show(run => Drives(run) ? View(run) : Task.FromResult<RunView?>(null)));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>What earlier processes left behind.</summary>
    private async Task Sweep(CancellationToken closed)
    {
        var sweeper = _host.Services.GetRequiredService<Sweeper>();
        await Quietly(() => sweeper.Sweep(closed));
        await Quietly(() => sweeper.SweepLogs(closed));
    }

    /// <summary>What fails now is done the next time.</summary>
    private static async Task Quietly(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is OperationCanceledException or FaultException or IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>A letter that cannot be obeyed now stays unanswered and is read again.</summary>
    private async Task Obey(Letter letter)
    {
        try
        {
            var answer = await Tell(letter.Run, EventCodec.ReadCommand(letter.Command));
            await _store.Drivers.Reply(letter.Number, EventCodec.Write(answer), CancellationToken.None);
        }
        catch (FaultException e) when (!e.Fault.IsTransient)
        {
            await _store.Drivers.Reply(letter.Number, EventCodec.Write(new Answer.Refused([e.Fault])), CancellationToken.None);
        }
        catch (FaultException)
        {
        }
    }

    /// <summary>What is not told by then is told by the next process of the home.</summary>
    private Task TellAlerts() => Finish(_host.Services.GetRequiredService<AlertDesk>().UnderWay, _options.AlertPatience);

    /// <summary>What is not given back by then comes back when somebody waits for it.</summary>
    private Task GiveLimitsBack() => Finish(
        _host.Services.GetRequiredService<LimitReturns>().UnderWay, _host.Services.GetRequiredService<ShellOptions>().LeavePatience);

    private async Task Finish(UnderWay work, TimeSpan patience)
    {
        try
        {
            await work.Idle.WaitAsync(patience, _clock);
        }
        catch (TimeoutException)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await TellAlerts();
        _host.Services.GetRequiredService<Closing>().Begin();
        await GiveLimitsBack();
        await _closed.CancelAsync();
        await Task.WhenAll(_reading, _sweeping, _showing);
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _closed.Dispose();
    }
}
