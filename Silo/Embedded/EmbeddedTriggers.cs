using OrleansEtl.Client;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Shells.Triggers;

namespace OrleansEtl.Silo.Embedded;

/// <summary>The triggers of a home. They are read and written in the store itself; the process that drives the home looks and starts, when there
/// is one.</summary>
internal sealed class EmbeddedTriggers(TriggerDesk desk) : ITriggers
{
    public Task<TriggerAnswer> Put(string id, TriggerSpec spec, bool keepsPause, CancellationToken cancellation) =>
        desk.Put(Kept(id), spec, keepsPause);

    public Task<TriggerAnswer> Delete(string id, CancellationToken cancellation) => desk.Delete(Kept(id));

    public Task<TriggerAnswer> Pause(string id, CancellationToken cancellation) => Tell(id, new TriggerCommand.Pause(), cancellation);

    public Task<TriggerAnswer> Resume(string id, CancellationToken cancellation) => Tell(id, new TriggerCommand.Resume(), cancellation);

    public Task<TriggerView?> View(string id, CancellationToken cancellation) => desk.View(id, cancellation);

    public Task<Listing<TriggerView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation) =>
        desk.List(prefix, cursor, limit, cancellation);

    private async Task<TriggerAnswer> Tell(string id, TriggerCommand command, CancellationToken cancellation) =>
        (await Kept(id).Hear(command, cancellation)).Answer;

    private KeptTrigger Kept(string id) => new(desk, id);
}
