using Microsoft.Extensions.Logging;
using Orleans;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Silo.Hosting;

namespace OrleansEtl.Silo.Queues;

/// <summary>Listens for those triggers that are this silo's share. For a moment two silos may listen to one queue: what both are told is one
/// run.</summary>
internal sealed class QueueListeners : IAsyncDisposable
{
    private readonly TriggerShare _share;
    private readonly IGrainFactory _grains;
    private readonly QueueSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closed = new();
    private readonly Dictionary<string, (QueueListener Listener, CancellationTokenSource Stop, Task Listening)> _listening = [];
    private readonly Task _looking;

    public QueueListeners(TriggerShare share, IGrainFactory grains, QueueSettings settings, TimeProvider clock, ILogger log)
    {
        (_share, _grains, _settings, _clock, _log) = (share, grains, settings, clock, log);
        _looking = Task.Run(Look);
    }

    private async Task Look()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                await Follow(await _share.OfQueues(_closed.Token));
            }
            catch (OperationCanceledException) when (_closed.IsCancellationRequested)
            {
            }
            catch (Exception e) // the store is away: who listens goes on
            {
                _log.LogWarning("could not look for triggers of queues, tries again: {Reason}", e.Message);
            }
            await Task.Delay(_settings.LookEvery, _clock, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        foreach (var id in _listening.Keys.ToArray()) await Stop(id);
    }

    private async Task Follow(IReadOnlyDictionary<string, TriggerSource.OfRabbitMq> wanted)
    {
        foreach (var (id, one) in _listening.ToArray())
            if (!wanted.TryGetValue(id, out var source) || source != one.Listener.Source) await Stop(id);
        foreach (var (id, source) in wanted)
        {
            if (_listening.ContainsKey(id)) continue;
            var (stop, texts) = (new CancellationTokenSource(), HostConnections.Texts(Environment.GetEnvironmentVariables));
            var listener = new QueueListener(id, source, _grains.GetGrain<ITriggerGrain>(id), texts, _settings, _clock);
            _listening[id] = (listener, stop, Task.Run(() => listener.Listen(stop.Token)));
        }
    }

    private async Task Stop(string id)
    {
        if (!_listening.Remove(id, out var one)) return;
        await one.Stop.CancelAsync();
        await one.Listening;
        one.Stop.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _looking;
        _closed.Dispose();
    }
}
