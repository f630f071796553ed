using System.Collections.Immutable;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Alerts;

/// <summary>What people ask about alerts.</summary>
public sealed partial record AlertDesk
{
    /// <summary>Watches that are read at once: each may be some hundred kilobytes.</summary>
    private const int ReadAtOnce = 20;

    /// <inheritdoc cref="IAlertCatalogGrain.List"/>
    public async Task<Listing<AlertView>> List(string? pipeline, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var found = ImmutableArray.CreateBuilder<AlertView>();
        var (after, below) = cursor is null ? (null, 0L) : AlertIds.TryRead(cursor, out var name, out var number) ? (name, number) : throw BadCursor(cursor);
        if ((pipeline ?? after) is { } begun)
        {
            var first = await new KeptWatch(this, begun).Read();
            found.AddRange(Newest(first).Where(alert => after is null || Number(alert) < below));
        }
        for (var next = pipeline is null ? after ?? "" : null; next is not null && found.Count <= limit;)
        {
            var page = await States.List(KeptWatch.GrainType, KeptWatch.StateName, next.Length > 0 ? next : null, ReadAtOnce, cancellation);
            found.AddRange(page.Items.SelectMany(state => Newest(AlertCodec.Read(state.Value))));
            next = page.Next;
        }
        return found.Count <= limit ? new Listing<AlertView>(found.DrainToImmutable(), null)
            : new Listing<AlertView>([.. found.Take(limit)], found[limit - 1].Id);
    }

    /// <inheritdoc cref="IAlertCatalogGrain.View"/>
    public async Task<AlertView?> ViewOf(string id, CancellationToken cancellation) =>
        AlertIds.TryRead(id, out var pipeline, out var number) ? (await new KeptWatch(this, pipeline).Read()).Find(number)?.View(pipeline) : null;

    /// <inheritdoc cref="IAlertGrain.Resend"/>
    public static async Task<(Fault? Fault, Watch Watch)> Resend(KeptWatch kept, string pipeline, long number, bool everywhere)
    {
        var (before, after) = await kept.Hear(new News.Resend(number, everywhere));
        return (before.Find(number) is null ? AlertIds.Unknown(AlertIds.Of(pipeline, number)) : null, after);
    }

    /// <inheritdoc cref="IAlertCatalogGrain.Check"/>
    public ImmutableArray<Fault> Check(ImmutableArray<AlertRule> rules)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        for (var i = 0; i < rules.Length; i++)
            for (var n = 0; n < rules[i].To.Length; n++)
                if (Missing(rules[i].To[n]) is { } fault) faults.Add(fault with { Path = SpecPath.Item(SpecPath.Field(SpecPath.Item("alerts", i), "to"), n) });
        return faults.DrainToImmutable();
    }

    public Task<Fault?> Test(string channel, string? by) => Send(channel, AlertMessage.Test(channel, by, $"test/{NewId():n}"));

    private Fault? Missing(string channel)
    {
        try
        {
            return Channels.Find(channel) is null ? AlertCheck.UnknownChannel(channel, Channels.Names) : null;
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }

    private static IEnumerable<AlertView> Newest(Watch watch) => watch.Alerts.Reverse().Select(alert => alert.View(watch.Pipeline));

    private static long Number(AlertView alert) => AlertIds.TryRead(alert.Id, out _, out var number) ? number : 0;

    private static FaultException BadCursor(string cursor) => new(AlertIds.Unknown(cursor));
}
