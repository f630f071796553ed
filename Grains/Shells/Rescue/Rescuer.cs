using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>
/// Wakes the unfinished runs that nobody drives: those of silos that are gone, those whose time has come, those that this silo had
/// to let go, and now and then those that are this silo's by the store but live nowhere here: one that moved may have died where it
/// went before it wrote. It looks when the silo starts, whenever a silo goes, and every few seconds, so that nothing is forgotten that
/// it missed. The silos share the work by run id; two that wake the same run do no harm.
/// </summary>
public sealed partial class Rescuer(
    RescueDuty duty, Pulse pulse, IGrainFactory grains, ISiloStatusOracle silos, ShellOptions options, TimeProvider clock,
    ILogger<Rescuer> log)
    : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    /// <summary>One page of the store.</summary>
    private const int PageSize = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs that this silo had to let go, and when each is to be woken.</summary>
    private readonly ConcurrentDictionary<RunId, DateTimeOffset> _letGo = [];
    /// <summary>Runs that were woken just now, and how long each waits when it is let go again: whoever cannot go on would be woken and let
    /// go without end.</summary>
    private readonly ConcurrentDictionary<RunId, (DateTimeOffset At, TimeSpan Wait)> _wakes = [];
    private readonly CancellationTokenSource _closed = new();
    /// <summary>When a run was last woken, and how many silos had gone by then: one whose attempts all live on goes without an append, and
    /// so looks like an orphan.</summary>
    private ConcurrentDictionary<RunId, (DateTimeOffset At, int Gone)> _woken = [];
    private TaskCompletionSource _called = NewCall();
    private DateTimeOffset _ownSeenAt = clock.GetUtcNow();
    /// <summary>How many silos have gone. Each may be the one where a run lived that was woken just before.</summary>
    private int _gone;
    private readonly ConcurrentDictionary<SiloAddress, ValueTuple> _leaving = [];
    private int _deaths;
    private Task _watching = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(Rescuer), ServiceLifecycleStage.Active,
        _ =>
        {
            silos.SubscribeToSiloStatusEvents(this);
            _watching = Watch();
            return Task.CompletedTask;
        },
        async _ =>
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
            _closed.Cancel();
            await _watching;
        });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (!status.IsTerminating()) return;
        if (status != SiloStatus.Dead) _leaving.TryAdd(updatedSilo, default);
        else if (!_leaving.TryRemove(updatedSilo, out _)) Interlocked.Increment(ref _deaths);
        Interlocked.Increment(ref _gone);
        Call();
    }

    /// <summary>This silo has ended the activation of an unfinished run, which somebody must take up.</summary>
    /// <param name="isAnothers">Somebody else has written to it. In a cluster that proves nothing: the other may have been the last
    /// activation, which wrote once more while it ended. In a home it is another process, which drives the run.</param>
    public void LetGo(RunId run, bool isAnothers)
    {
        if (isAnothers && duty.Catalog is null) return;
        var now = clock.GetUtcNow();
        var due = _wakes.TryGetValue(run, out var woken) ? woken.At + woken.Wait : now;
        _letGo[run] = due;
        if (due <= now) Call();
    }

    /// <summary>The other silo that the run was last driven by, and whether that is dead; null: it was this one, or one that leaves or left in
    /// good order, or it is not known.</summary>
    internal async Task<(string Silo, bool IsDead)?> LastDriver(RunId run)
    {
        if (duty.Catalog is not { } catalog || await catalog.Run(run, CancellationToken.None) is not { Driver: { } driver }) return null;
        var silo = SiloAddress.FromParsableString(driver);
        return silos.GetApproximateSiloStatus(silo) switch
        {
            SiloStatus.Dead or SiloStatus.None => (driver, true),
            SiloStatus.Active when !silo.Equals(silos.SiloAddress) => (driver, false),
            _ => null,
        };
    }

    /// <summary>How many silos have died, as far as this one knows, and not left.</summary>
    internal int Deaths => Volatile.Read(ref _deaths);

    private async Task Watch()
    {
        while (!_closed.IsCancellationRequested)
        {
            var called = _called = NewCall();
            try
            {
                await Sweep(_closed.Token);
            }
            catch (Exception) when (_closed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the store is away: the next sweep finds the same
            {
                LogSweepFailed(e.Message);
            }
            await Called(called, Patience());
            await Task.Delay(Pause, clock, _closed.Token).ConfigureAwait( // calls that come together are one sweep
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Until the next regular sweep, or until the first that was let go is to be woken.</summary>
    private TimeSpan Patience()
    {
        var now = clock.GetUtcNow();
        return _letGo.Values.Select(due => due - now).Append(options.RescueEvery).Min() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Until somebody calls, time has passed, or the silo ends. All three finish one task, so that the wait goes on where the
    /// rescuer awaits, never on the stack of the one who calls.</summary>
    private async Task Called(TaskCompletionSource called, TimeSpan patience)
    {
        await using var timer = clock.CreateTimer(static call => ((TaskCompletionSource)call!).TrySetResult(), called, patience,
            Timeout.InfiniteTimeSpan);
        using var closing = _closed.Token.UnsafeRegister(static call => ((TaskCompletionSource)call!).TrySetResult(), called);
        await called.Task;
    }

    private async Task Sweep(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var (run, woken) in _wakes)
            if (now - woken.At > options.RescueEvery * 2) _wakes.TryRemove(run, out _);
        var due = _letGo.Where(run => run.Value <= now).Select(run => run.Key).Order().Where(run => _letGo.TryRemove(run, out _));
        await Wake(due, run => LetGo(run, isAnothers: false), cancellation);
        if (duty.Catalog is not { } catalog) return;
        ImmutableArray<SiloAddress> active = [.. silos.GetActiveSilos()];
        if (!active.Contains(silos.SiloAddress)) return;
        now = clock.GetUtcNow();
        var alsoOwn = now - _ownSeenAt >= options.RescueAgain;
        await Wake(await Orphans(catalog, active, alsoOwn, cancellation), run => _woken.TryRemove(run, out _), cancellation);
        if (alsoOwn) _ownSeenAt = now;
        var late = await catalog.Due(clock.GetUtcNow() - options.DuePatience, PageSize, cancellation);
        await Wake(late.Where(run => IsMine(run, active)), _ => { }, cancellation);
    }

    /// <summary>This silo's share of them, without those that it woke lately. One whose last writer is dead is woken also where it lives: that
    /// writer may have written after it was read here.</summary>
    private async Task<List<RunId>> Orphans(
        IRunCatalog catalog, ImmutableArray<SiloAddress> active, bool alsoOwn, CancellationToken cancellation)
    {
        ImmutableArray<string> drivers =
            [.. active.Where(silo => !alsoOwn || !silo.Equals(silos.SiloAddress)).Select(silo => silo.ToParsableString())];
        var (orphans, woken) = (new List<RunId>(), new ConcurrentDictionary<RunId, (DateTimeOffset, int)>());
        var (now, gone) = (clock.GetUtcNow(), Volatile.Read(ref _gone));
        for (RunId? after = null; ;)
        {
            var page = await catalog.Orphans(drivers, after, PageSize, cancellation);
            var here = page.IsEmpty || !alsoOwn ? [] : pulse.Runs();
            foreach (var run in page.Where(run => alsoOwn ? !here.Contains(run) : IsMine(run, active)))
            {
                var isFresh = _woken.TryGetValue(run, out var last) && last.Gone == gone && now - last.At < options.RescueAgain;
                woken[run] = isFresh ? last : (now, gone);
                if (!isFresh) orphans.Add(run);
            }
            if (page.Length < PageSize) break;
            after = page[^1];
        }
        _woken = woken;
        return orphans;
    }

    private bool IsMine(RunId run, ImmutableArray<SiloAddress> active) =>
        silos.SiloAddress.Equals(Rendezvous.Choose(Rendezvous.Of(run.Value), active));

    private async Task Wake(IEnumerable<RunId> runs, Action<RunId> failed, CancellationToken cancellation)
    {
        foreach (var some in runs.Chunk(options.WakesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            await Task.WhenAll(some.Select(run => Wake(run, failed))).WaitAsync(cancellation);
        }
    }

    private async Task Wake(RunId run, Action<RunId> failed)
    {
        _wakes.AddOrUpdate(run,
            (_, at) => (at, FirstWait),
            (_, before, at) => (at, before.Wait * 2 < options.RescueEvery ? before.Wait * 2 : options.RescueEvery),
            clock.GetUtcNow());
        try
        {
            await grains.GetGrain<IPipelineGrain>(run.Value).Wake();
        }
        catch (Exception e) // its silo or the store is away
        {
            LogUnwoken(run.Value, e.Message);
            failed(run);
        }
    }

    private void Call() => _called.TrySetResult();

    private static TaskCompletionSource NewCall() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Warning, Message = "looking for runs to wake failed, is tried again: {reason}")]
    private partial void LogSweepFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{run} could not be woken, is tried again: {reason}")]
    private partial void LogUnwoken(string run, string reason);
}

/// <summary>Which runs a rescuer cares for.</summary>
/// <param name="Catalog">Of a store whose runs belong to the silos of one cluster. Null: the runs of this process alone, as in a
/// home whose processes know each other only through the store.</param>
public sealed record RescueDuty(IRunCatalog? Catalog);
