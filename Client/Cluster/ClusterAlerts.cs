using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl.Client;

/// <summary>The alerts of a cluster. A call that is repeated does no harm; a test may be sent twice.</summary>
internal sealed class ClusterAlerts(IGrainFactory grains, PatientCalls calls, Func<byte[]> entropy) : IAlerts
{
    public Task<Listing<AlertView>> List(string? pipeline, string? cursor, int limit, CancellationToken cancellation) =>
        calls.Ask(_ => Catalog.List(pipeline, cursor, limit), cancellation);

    public Task<AlertView?> View(string id, CancellationToken cancellation) => calls.Ask(_ => Catalog.View(id), cancellation);

    public async Task<Fault?> Resend(string id, bool everywhere, CancellationToken cancellation) => AlertIds.TryRead(id, out var pipeline, out var number)
        ? await calls.Ask(_ => grains.GetGrain<IAlertGrain>(pipeline).Resend(number, everywhere), cancellation)
        : AlertIds.Unknown(id);

    public Task<AlertSilences> Silences(CancellationToken cancellation) => calls.Ask(_ => Catalog.Silences(), cancellation);

    public Task<AlertSilence> Silence(string? pipeline, TimeSpan time, string reason, string? by, CancellationToken cancellation)
    {
        var token = AlertIds.OfSilence(entropy());
        return calls.Ask(_ => Catalog.Silence(pipeline, time, reason, by, token), cancellation);
    }

    public Task<AlertSilence?> Unsilence(string id, string? by, CancellationToken cancellation) => calls.Ask(_ => Catalog.Unsilence(id, by), cancellation);

    public Task<ImmutableArray<Fault>> Check(ImmutableArray<AlertRule> rules, CancellationToken cancellation) =>
        rules.IsEmpty ? Task.FromResult<ImmutableArray<Fault>>([]) : calls.Ask(_ => Catalog.Check(rules), cancellation);

    public Task<Fault?> Test(string channel, string? by, CancellationToken cancellation) => calls.Ask(_ => Catalog.Test(channel, by), cancellation);

    private IAlertCatalogGrain Catalog => grains.GetGrain<IAlertCatalogGrain>(0);
}
