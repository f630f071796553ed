using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl.Shells.Alerts;

[GrainType("alert-catalog"), Role(SiloRoles.Control)]
public sealed class AlertCatalogGrain(AlertDesk desk) : Grain, IAlertCatalogGrain
{
    public Task<Listing<AlertView>> List(string? pipeline, string? cursor, int limit) => desk.List(pipeline, cursor, limit, CancellationToken.None);

    public Task<AlertView?> View(string id) => desk.ViewOf(id, CancellationToken.None);

    public async Task<AlertSilences> Silences() => (await desk.Silences.Read(CancellationToken.None)).View(desk.Clock.GetUtcNow());

    public Task<AlertSilence> Silence(string? pipeline, TimeSpan time, string reason, string? by, string token) =>
        desk.Silences.Silence(pipeline, time, reason, by, token, CancellationToken.None);

    public Task<AlertSilence?> Unsilence(string id, string? by) => desk.Silences.Unsilence(id, by, CancellationToken.None);

    public Task<ImmutableArray<Fault>> Check(ImmutableArray<AlertRule> rules) => Task.FromResult(desk.Check(rules));

    public Task<Fault?> Test(string channel, string? by) => desk.Test(channel, by);
}
