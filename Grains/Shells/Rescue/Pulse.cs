using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Slots;
using OrleansEtl.Shells.Limits;

namespace OrleansEtl.Shells;

/// <summary>
/// The pulse of this silo, one for all its grains, since most attempts and most runs end before a timer of their own would tick.
/// At every beat the attempts that have lasted a while say that they are alive; every few beats the runs look after attempts that
/// are silent; and when a silo has died, they look after all of them at once, so that lost ones begin anew without waiting.
/// </summary>
public sealed class Pulse(
    IGrainFactory grains, SlotGate slots, LimitGate limits, ISiloStatusOracle silos, ShellOptions options, TimeProvider clock)
    : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    /// <summary>Runs that look after their attempts at once; each may ask many.</summary>
    private const int RunsAtOnce = 64;

    /// <summary>So many before it in the line for a limit, and its turn is not the next moment's.</summary>
    private const int FarBehind = 100;

    /// <summary>Attempts remembered after their end: those of some seconds at the highest rate, longer than a call is under way.</summary>
    private const int EndedMax = 20_000;

    private readonly HashSet<(RunId, int, Attempt)> _ended = [];
    private readonly Queue<(RunId, int, Attempt)> _endedInOrder = [];
    private readonly Presence<RunningAttempt> _attempts = new();
    private readonly Presence<ILiveRun> _runs = new();
    private readonly CancellationTokenSource _closed = new();
    private Task _beating = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(Pulse), ServiceLifecycleStage.ApplicationServices,
        _ =>
        {
            silos.SubscribeToSiloStatusEvents(this);
            _beating = Beat();
            return Task.CompletedTask;
        },
        async _ =>
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
            _closed.Cancel();
            await _beating;
        });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead && !updatedSilo.Equals(silos.SiloAddress)) _ = LookAfterAll();
    }

    /// <summary>The runs whose activations are here.</summary>
    internal HashSet<RunId> Runs() => [.. _runs.All().Select(run => run.Id)];

    internal ILiveRun[] LiveRuns() => _runs.All();

    internal void Enter(ILiveRun run) => _runs.Enter(run);
    internal void Leave(ILiveRun run) => _runs.Leave(run);
    internal void Enter(RunningAttempt attempt) => _attempts.Enter(attempt);

    internal void Leave(RunningAttempt attempt)
    {
        _attempts.Leave(attempt);
        var ended = (attempt.Work.Run, attempt.Work.Stage, attempt.Work.Attempt);
        lock (_ended)
        {
            if (!_ended.Add(ended)) return;
            _endedInOrder.Enqueue(ended);
            if (_endedInOrder.Count > EndedMax) _ended.Remove(_endedInOrder.Dequeue());
        }
    }

    /// <summary>Whether that attempt was here and is over. A dispatch that was offered again may arrive twice, the second time when
    /// nobody else knows of it any more.</summary>
    internal bool HasEnded(StageWork work)
    {
        lock (_ended) return _ended.Contains((work.Run, work.Stage, work.Attempt));
    }

    private async Task Beat()
    {
        var looksAgain = clock.GetUtcNow() + options.RepayEvery;
        while (true)
        {
            await Task.Delay(options.HeartbeatEvery, clock, _closed.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (_closed.IsCancellationRequested) return;
            var now = clock.GetUtcNow();
            var waiting = slots.Waiting();
            foreach (var attempt in _attempts.All())
                if (now - attempt.BegunAt >= options.HeartbeatEvery && !attempt.Beating && !HasNoNews(attempt, now))
                {
                    attempt.BeatAt = now;
                    _ = Beat(attempt, WaitOf(attempt, waiting));
                }
            if (now < looksAgain) continue;
            looksAgain = now + options.RepayEvery;
            limits.Renew();
            foreach (var run in _runs.All()) _ = run.LookAfter(silentOnly: true);
        }
    }

    /// <summary>Thousands may wait for one limit: who is far behind is heard less often, and still long before anybody takes it for dead.</summary>
    private bool HasNoNews(RunningAttempt attempt, DateTimeOffset now) =>
        attempt.Limit is { Before: > FarBehind } && now - attempt.BeatAt < options.RepayEvery;

    private static SlotWait? WaitOf(
        RunningAttempt attempt, IReadOnlyDictionary<SlotTicket, (int Before, SlotShortage Short)> waiting) =>
        waiting.TryGetValue(new SlotTicket(attempt.Work.Run, attempt.Work.Stage, attempt.Work.Attempt), out var wait)
            ? new SlotWait(attempt.BegunAt, wait.Before, wait.Short.Cpu, wait.Short.Memory)
            : null;

    private async Task Beat(RunningAttempt attempt, SlotWait? slot)
    {
        attempt.Beating = true;
        try
        {
            var work = attempt.Work;
            var answer = await grains.GetGrain<IPipelineGrain>(work.Run.Value)
                .Heartbeat(new Heartbeat(work.Stage, work.Attempt, attempt.Progress, slot, attempt.Limit));
            if (answer == HeartbeatAnswer.Stop) attempt.Stop();
        }
        catch (Exception) // the run's silo is away for a moment; the next beat asks again, and the report is held until it is heard
        {
        }
        finally
        {
            attempt.Beating = false;
        }
    }

    private async Task LookAfterAll()
    {
        foreach (var some in _runs.All().Chunk(RunsAtOnce)) await Task.WhenAll(some.Select(run => run.LookAfter(silentOnly: false)));
    }
}

/// <summary>A run whose activation is on this silo.</summary>
internal interface ILiveRun
{
    RunId Id { get; }

    /// <summary>Asks after its attempts, on the run's own turn; done when all have been asked.</summary>
    Task LookAfter(bool silentOnly);

    /// <summary>Which pipelines are paused has changed.</summary>
    void HeedPauses();
}
