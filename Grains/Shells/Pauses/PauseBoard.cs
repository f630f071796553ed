using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Pauses;

namespace OrleansEtl.Shells;

/// <summary>The pauses of pipelines as this silo knows them: what they were a moment ago.</summary>
public sealed class PauseBoard
{
    private volatile PipelinePauses _now = PipelinePauses.None;

    public PipelinePauses Now
    {
        get => _now;
        internal set => _now = value;
    }
}

/// <summary>Reads the pauses of pipelines a few times a second, and tells the runs of this silo when they have changed.</summary>
public sealed partial class PauseWatch(
    PauseStore store, PauseBoard board, Pulse pulse, ShellOptions options, TimeProvider clock, ILogger<PauseWatch> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly CancellationTokenSource _closed = new();
    private Task _watching = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(PauseWatch), ServiceLifecycleStage.ApplicationServices,
        async start =>
        {
            board.Now = await store.Read(start); // before the first run begins here
            _watching = Watch();
        },
        async _ =>
        {
            _closed.Cancel();
            await _watching;
        });

    private async Task Watch()
    {
        while (true)
        {
            await Task.Delay(options.PausesEvery, clock, _closed.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (_closed.IsCancellationRequested) return;
            try
            {
                await Look();
            }
            catch (Exception e) // the store is away: what was known holds
            {
                LogNotRead(e.Message);
            }
        }
    }

    private async Task Look()
    {
        var (before, now) = (board.Now, await store.Read(_closed.Token));
        if (now.All.AsSpan().SequenceEqual(before.All.AsSpan())) return;
        board.Now = now;
        foreach (var run in pulse.LiveRuns()) run.HeedPauses();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "could not read which pipelines are paused, tries again: {reason}")]
    private partial void LogNotRead(string reason);
}
