using System.Collections.Immutable;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Alerts;

/// <summary>The watch over a pipeline in the store, as this process last saw it: written before anybody acts on it. Couriers of one process hear
/// of it beside each other, and take turns.</summary>
public sealed class KeptWatch(AlertDesk desk, string pipeline)
{
    public const string GrainType = "alerts";
    public const string StateName = "alerts";

    private readonly KeptState<Watch> _state = new(desk.States, desk.NewId, new StateKey($"{GrainType}/{pipeline}", StateName),
        new StateForm<Watch>(new Watch(pipeline), (watch, _) => AlertCodec.Write(watch), Stored, AlertCodes.Contended), desk.TriesMax);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>As the store has it now.</summary>
    public Task<Watch> Read() => InTurn(() => _state.ReadNow(CancellationToken.None));

    /// <summary>Hears, and writes what came of it. That nothing changes is said of what the store holds now.</summary>
    public Task<(Watch Before, Watch After)> Hear(params ImmutableArray<News> news) => InTurn(() => HearAll(news));

    private async Task<(Watch Before, Watch After)> HearAll(ImmutableArray<News> news)
    {
        var silences = news.All(one => one is News.Begins or News.Sends or News.Sent) ? Silences.None : await desk.Silences.Read(CancellationToken.None);
        var before = new Watch(pipeline);
        var after = await _state.Change(watch =>
        {
            var now = desk.Clock.GetUtcNow();
            var silence = silences.Of(pipeline, now);
            before = watch;
            var next = news.Aggregate(watch, (heard, one) => heard.Hear(one, now, silence, desk.Bounds));
            return new Change<Watch>(next, next.NextWake);
        }, CancellationToken.None);
        return (before, after);
    }

    private static (Watch Watch, DateTimeOffset? DueAt) Stored(byte[] bytes)
    {
        var watch = AlertCodec.Read(bytes);
        return (watch, watch.NextWake);
    }

    private async Task<T> InTurn<T>(Func<Task<T>> act)
    {
        await _turn.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _turn.Release();
        }
    }
}
