using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansEtl.Shells;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Hosting;

/// <summary>Forgets old runs and removes what attempts left unpublished, on one silo at a time: the first by its address of those that
/// have the role. Two that think so for a moment do no harm, since the store decides what goes, never age alone.</summary>
internal sealed partial class Housekeeping : IDisposable
{
    /// <summary>Often enough that an hour's leavings are the most that lie about, seldom enough that nobody notices.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    /// <summary>Not while silos come and go at the start of a cluster.</summary>
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private const int RunsAtOnce = 200;

    private readonly CancellationTokenSource _stopped = new();
    private readonly ISiloStatusOracle _silos;
    private readonly IRunRetention _retention;
    private readonly Sweeper? _sweeper;
    private readonly SiloSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Task _working;

    public Housekeeping(IServiceProvider services, IStore store, SiloSettings settings, TimeProvider clock)
    {
        (_retention, _settings, _clock) = (store.Retention, settings, clock);
        _silos = services.GetRequiredService<ISiloStatusOracle>();
        _sweeper = settings.Has(SiloRoles.Data) ? services.GetRequiredService<Sweeper>() : null;
        _log = services.GetRequiredService<ILogger<Housekeeping>>();
        _working = Task.Run(() => Work(_stopped.Token));
    }

    public async Task Stop()
    {
        await _stopped.CancelAsync();
        await _working;
    }

    public void Dispose() => _stopped.Dispose();

    private async Task Work(CancellationToken stopped)
    {
        try
        {
            await Task.Delay(First, _clock, stopped);
            using var timer = new PeriodicTimer(Every, _clock);
            do
            {
                await Quietly("old runs", SiloRoles.Control, Forget, stopped);
                if (_sweeper is not { } sweeper) continue;
                await Quietly("unpublished files", SiloRoles.Data, sweeper.Sweep, stopped);
                await Quietly("logs of forgotten runs", SiloRoles.Data, sweeper.SweepLogs, stopped);
            }
            while (await timer.WaitForNextTickAsync(stopped));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<int> Forget(CancellationToken stopped)
    {
        var (forgotten, before) = (0, _clock.GetUtcNow() - _settings.Keep);
        while (true)
        {
            var some = await _retention.Forget(before, RunsAtOnce, stopped);
            forgotten += some;
            if (some < RunsAtOnce) return forgotten;
        }
    }

    /// <summary>What fails now is done the next time, here or elsewhere.</summary>
    private async Task Quietly(string what, string role, Func<CancellationToken, Task<int>> work, CancellationToken stopped)
    {
        if (!_settings.Has(role) || !IsFirst(role)) return;
        try
        {
            if (await work(stopped) is > 0 and var count) LogRemoved(count, what);
        }
        catch (Exception e) when (e is FaultException or IOException or UnauthorizedAccessException)
        {
            LogFailed(what, e.Message);
        }
    }

    private bool IsFirst(string role)
    {
        var first = _silos.GetActiveSilos()
            .Where(silo => _silos.TryGetSiloName(silo, out var name) && SiloRoles.Has(name, role))
            .Min();
        return _silos.SiloAddress.Equals(first);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "removed {count} {what}")]
    private partial void LogRemoved(int count, string what);

    [LoggerMessage(Level = LogLevel.Warning, Message = "removing {what} failed, is tried again: {reason}")]
    private partial void LogFailed(string what, string reason);
}
