using OrleansEtl.Engine.Alerts;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Alerts;

/// <summary>The silences as they are stored: one state that any process changes and all read.</summary>
public sealed class SilenceStore(IGrainStates states, TimeProvider clock, Func<Guid> newId)
{
    /// <summary>Others that write first before one gives up.</summary>
    private const int TriesMax = 100;

    private static readonly StateKey Place = new("alert-silences/all", "silences");
    private static readonly StateForm<Silences> Form = new(
        Silences.None, (silences, _) => AlertCodec.Write(silences), bytes => (AlertCodec.ReadSilences(bytes), null), AlertCodes.Contended);

    public Task<Silences> Read(CancellationToken cancellation) => Now.Read(cancellation);

    private KeptState<Silences> Now => new(states, newId, Place, Form, TriesMax);

    /// <inheritdoc cref="IAlertCatalogGrain.Silence"/>
    public async Task<AlertSilence> Silence(string? pipeline, TimeSpan time, string reason, string? by, string token, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var silence = new AlertSilence(token, pipeline, now, now + time, reason, by);
        var after = await Now.Change(silences =>
        {
            var next = silences.With(silence);
            return next.Succeeded ? new Change<Silences>(next.Value) : throw new FaultException(next.Fault);
        }, cancellation);
        return after.All.First(one => one.Id == token);
    }

    /// <inheritdoc cref="IAlertCatalogGrain.Unsilence"/>
    public async Task<AlertSilence?> Unsilence(string id, string? by, CancellationToken cancellation)
    {
        AlertSilence? ended = null;
        await Now.Change(silences =>
        {
            (silences, ended) = silences.Without(id, by, clock.GetUtcNow());
            return ended is null ? null : new Change<Silences>(silences);
        }, cancellation);
        return ended;
    }
}
