using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>
/// Wakes the grains whose stored state says that their time has come. Each silo looks a few times a second and takes its share by
/// grain id; what is late is taken by all, whosever it was. A grain that is woken twice finds that there is nothing left to do.
/// </summary>
public sealed partial class DueSweep(
    IGrainStates states, IGrainFactory grains, ISiloStatusOracle silos, DueScope scope, ShellOptions options, TimeProvider clock, ILogger<DueSweep> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _room = new(options.DueAtOnce);
    /// <summary>Who was woken for which time, and until when that is left to work: whoever cannot go on would be woken without end.</summary>
    private readonly ConcurrentDictionary<string, (DateTimeOffset DueAt, DateTimeOffset Until)> _woken = [];
    private Task _looking = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(DueSweep), ServiceLifecycleStage.Active,
        _ =>
        {
            _looking = Look();
            return Task.CompletedTask;
        },
        async _ =>
        {
            _closed.Cancel();
            await _looking;
        });

    private async Task Look()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                await Sweep(_closed.Token);
            }
            catch (Exception) when (_closed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the store is away: what is due stays due
            {
                LogSweepFailed(e.Message);
            }
            await Task.Delay(options.DueEvery, clock, _closed.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task Sweep(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var (grain, woken) in _woken)
            if (woken.Until <= now) _woken.TryRemove(grain, out _);
        ImmutableArray<SiloAddress> active = [.. silos.GetActiveSilos()];
        for (DueGrain? after = null; ;)
        {
            var page = await states.Due(now, after, Paging.LimitMax, cancellation);
            foreach (var due in page)
                if (scope.Has(due) && IsMine(due, now, active) && !IsUnderWay(due))
                {
                    await _room.WaitAsync(cancellation);
                    _woken[due.Grain] = (due.At, DateTimeOffset.MaxValue);
                    _ = Wake(due);
                }
            if (page.Length < Paging.LimitMax) return;
            after = page[^1];
        }
    }

    private bool IsMine(DueGrain due, DateTimeOffset now, ImmutableArray<SiloAddress> active) =>
        due.At < now - options.DuePatience || silos.SiloAddress.Equals(Rendezvous.Choose(Rendezvous.Of(due.Grain), active));

    private bool IsUnderWay(DueGrain due) => _woken.TryGetValue(due.Grain, out var woken) && woken.DueAt == due.At;

    private async Task Wake(DueGrain due)
    {
        try
        {
            await grains.GetGrain<IDueGrain>(GrainId.Parse(due.Grain)).Wake();
        }
        catch (Exception e) // its silo or the store is away
        {
            LogUnwoken(due.Grain, e.Message);
        }
        finally
        {
            _woken[due.Grain] = (due.At, clock.GetUtcNow() + options.DueAgain);
            _room.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "could not look for what is due, tries again: {reason}")]
    private partial void LogSweepFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "could not wake {grain}, tries again: {reason}")]
    private partial void LogUnwoken(string grain, string reason);
}

/// <summary>Which grains a silo wakes: a process that does not drive a home leaves some to one that does.</summary>
/// <param name="GrainType">Null: all.</param>
public sealed record DueScope(string? GrainType)
{
    public bool Has(DueGrain due) => GrainType is null || due.Grain.StartsWith(GrainType + "/", StringComparison.Ordinal);
}

public static class DueSweepOnSilo
{
    /// <summary>This silo wakes the grains whose stored states fall due.</summary>
    /// <param name="only">Those of one type; null: all.</param>
    public static IServiceCollection AddDueSweep(this IServiceCollection services, IGrainStates states, string? only = null) => services
        .AddSingleton(states)
        .AddSingleton(new DueScope(only))
        .AddSingleton<DueSweep>()
        .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<DueSweep>());
}
