using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>Another owner of the same run, as after a split of the cluster: it reads the journal and writes to it.</summary>
internal static class Rival
{
    public static async Task Cancel(IStore store, RunId run)
    {
        var stored = (await store.Journal.Read(run, default))!;
        var before = stored.Events.Aggregate(Run.None, (state, bytes) => Run.Apply(state, EventCodec.ReadEvent(bytes)));
        var now = before.StartedAt.AddSeconds(1);
        var events = ((Decision.Accepted)Run.Decide(before, new RunCommand.Cancel("rival"), now)).Events;
        var after = events.Aggregate(before, Run.Apply);
        var lost = ((Decision.Accepted)Run.Decide(after, new RunCommand.Lose(0, new Attempt(1)), now)).Events;
        var ended = lost.Aggregate(after, Run.Apply);
        var desk = new RunDesk(store.Journal, _ => throw new InvalidOperationException(), TimeProvider.System, "rival",
            () => new Guid("00000000-0000-0000-0000-0000000000ff"), new ShellOptions());
        await desk.Append(before, ended, [.. events, .. lost], 0, now);
    }
}
