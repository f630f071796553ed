using OrleansEtl.Engine.Alerts;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Alerts;

/// <summary>The silences as they are stored: one state that any process changes and all read.</summary>
public sealed class SilenceStore(IGrainStates states, TimeProvider clock, Func<Guid> newId)
{
    private static readonly StateKey Place = new("alert-silences/all", "silences");

    public async Task<Silences> Read(CancellationToken cancellation) => Of(await states.Read(Place, cancellation));

    /// <inheritdoc cref="IAlertCatalogGrain.Silence"/>
    public async Task<AlertSilence> Silence(string? pipeline, TimeSpan time, string reason, string? by, string token, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var silence = new AlertSilence(token, pipeline, now, now + time, reason, by);
        var after = await Change(silences =>
        {
            var next = silences.With(silence);
            return next.Succeeded ? next.Value : throw new FaultException(next.Fault);
        }, cancellation);
        return after.All.First(one => one.Id == token);
    }

    /// <inheritdoc cref="IAlertCatalogGrain.Unsilence"/>
    public async Task<AlertSilence?> Unsilence(string id, string? by, CancellationToken cancellation)
    {
        AlertSilence? ended = null;
        await Change(silences =>
        {
            (silences, ended) = silences.Without(id, by, clock.GetUtcNow());
            return silences;
        }, cancellation);
        return ended;
    }

    private async Task<Silences> Change(Func<Silences, Silences> change, CancellationToken cancellation)
    {
        while (true)
        {
            var stored = await states.Read(Place, cancellation);
            var before = Of(stored);
            var after = change(before);
            if (ReferenceEquals(before, after)) return after;
            var outcome = await states.Write(new StateWrite(newId(), Place, stored?.Version ?? 0, AlertCodec.Write(after)), cancellation);
            if (outcome is StateOutcome.Stored) return after;
        }
    }

    private static Silences Of(StoredState? stored) => stored?.Value is { } bytes ? AlertCodec.ReadSilences(bytes) : Silences.None;
}
