using System.Collections.Immutable;
using System.Security.Cryptography;
using OrleansEtl.Client;
using OrleansEtl.Shells.Alerts;

namespace OrleansEtl.Silo.Embedded;

/// <summary>The alerts of a home. They are read and changed in the store itself, and what is sent again is sent by this process.</summary>
internal sealed class EmbeddedAlerts(AlertDesk desk) : IAlerts
{
    public Task<Listing<AlertView>> List(string? pipeline, string? cursor, int limit, CancellationToken cancellation) =>
        desk.List(pipeline, cursor, limit, cancellation);

    public Task<AlertView?> View(string id, CancellationToken cancellation) => desk.ViewOf(id, cancellation);

    public async Task<Fault?> Resend(string id, bool everywhere, CancellationToken cancellation)
    {
        if (!AlertIds.TryRead(id, out var pipeline, out var number)) return AlertIds.Unknown(id);
        var kept = new KeptWatch(desk, pipeline);
        var (fault, watch) = await AlertDesk.Resend(kept, pipeline, number, everywhere);
        if (fault is null) await new AlertCourier(desk, kept, (_, _) => { }).SendDue(watch);
        return fault;
    }

    public async Task<AlertSilences> Silences(CancellationToken cancellation) =>
        (await desk.Silences.Read(cancellation)).View(desk.Clock.GetUtcNow());

    public Task<AlertSilence> Silence(string? pipeline, TimeSpan time, string reason, string? by, CancellationToken cancellation) =>
        desk.Silences.Silence(pipeline, time, reason, by, AlertIds.OfSilence(RandomNumberGenerator.GetBytes(4)), cancellation);

    public Task<AlertSilence?> Unsilence(string id, string? by, CancellationToken cancellation) => desk.Silences.Unsilence(id, by, cancellation);

    public Task<ImmutableArray<Fault>> Check(ImmutableArray<AlertRule> rules, CancellationToken cancellation) => Task.FromResult(desk.Check(rules));

    public Task<Fault?> Test(string channel, string? by, CancellationToken cancellation) => desk.Test(channel, by);
}
