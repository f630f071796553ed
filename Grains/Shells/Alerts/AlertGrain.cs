using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Shells.Alerts;

/// <summary>
/// The watch over one pipeline: whose turn it is, and sending what is due. A run is stored here before it begins, so that whoever comes after a
/// death knows which ends to ask for. Nothing is sent within a turn: a channel that stalls holds up no run.
/// </summary>
[GrainType(KeptWatch.GrainType), Role(SiloRoles.Control)]
public sealed partial class AlertGrain(AlertDesk desk, ILogger<AlertGrain> log) : Grain, IAlertGrain
{
    /// <summary>Runs that are asked for at once.</summary>
    private const int LooksAtOnce = 32;

    private KeptWatch? _kept;
    private AlertCourier? _courier;

    private string Pipeline => this.GetPrimaryKeyString();
    private KeptWatch Kept => _kept ??= new KeptWatch(desk, Pipeline);

    public Task Begins(RunId run, DateTimeOffset? lateAt) => desk.Announce(Kept, run, lateAt);

    public async Task Ended(RunId run)
    {
        if (await desk.Look(run) is News.Ended ended) Pay((await Kept.Hear(ended)).After);
    }

    public async Task<Fault?> Resend(long number, bool everywhere)
    {
        var (fault, watch) = await AlertDesk.Resend(Kept, Pipeline, number, everywhere);
        Pay(watch);
        return fault;
    }

    public async Task Wake()
    {
        var (watch, now) = (await Kept.Read(), desk.Clock.GetUtcNow());
        var news = ImmutableArray.CreateBuilder<News>();
        if (watch.ReadAt <= now || watch.StaleAt <= now) news.Add(await desk.Registered(Pipeline));
        if (!watch.Open.IsEmpty && watch.LookAt <= now) news.AddRange(await Asked(watch.Open.Keys, desk.Look));
        news.AddRange(await Asked(watch.Overdue(now), async run => await desk.Overdue(run)));
        news.Add(new News.Tick());
        Pay((await Kept.Hear(news.DrainToImmutable())).After);
    }

    private static async Task<IEnumerable<News>> Asked(IEnumerable<RunId> runs, Func<RunId, Task<News?>> ask)
    {
        var heard = new List<News>();
        foreach (var some in runs.Chunk(LooksAtOnce)) heard.AddRange((await Task.WhenAll(some.Select(ask))).OfType<News>());
        return heard;
    }

    private void Pay(Watch watch) => _ = (_courier ??= new AlertCourier(desk, Kept, (what, why) => LogUnstored(Pipeline, what, why.Message))).SendDue(watch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what came of alert {pipeline}/{alert} was not stored, it is tried again: {reason}")]
    private partial void LogUnstored(string pipeline, string alert, string reason);
}
