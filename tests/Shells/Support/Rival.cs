using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>Another owner of the same run, as after a split of the cluster: it reads the journal and writes to it.</summary>
internal static class Rival
{
    /// <summary>Starts a run of the one step <c>a</c>, and is never heard of again.</summary>
    public static async Task Begin(IStore store, RunId run, string driver, TimeSpan? timeout = null)
    {
        var start = Given.Pipeline("a") with { Timeout = timeout };
        var plan = ((PlanResult.Checked)PlanCheck.Check(start.Spec, TestKinds.All)).Plan;
        var now = TimeProvider.System.GetUtcNow();
        var events = ((Decision.Accepted)Run.Begin(Run.None, run, plan, start, now)).Events;
        await Desk(store, driver).Append(Run.None, events.Aggregate(Run.None, Run.Apply), events, 0, now);
    }

    public static async Task Cancel(IStore store, RunId run)
    {
        var stored = (await store.Journal.Read(run, default))!;
        var before = stored.Events.Aggregate(Run.None, (state, bytes) => Run.Apply(state, EventCodec.ReadEvent(bytes)));
        var now = before.StartedAt.AddSeconds(1);
        var events = ((Decision.Accepted)Run.Decide(before, new RunCommand.Cancel("rival"), now)).Events;
        var after = events.Aggregate(before, Run.Apply);
        var lost = ((Decision.Accepted)Run.Decide(after, new RunCommand.Lose(0, new Attempt(1)), now)).Events;
        var ended = lost.Aggregate(after, Run.Apply);
        await Desk(store, "rival").Append(before, ended, [.. events, .. lost], 0, now);
    }

    private static RunDesk Desk(IStore store, string driver) => new(
        store.Journal, _ => throw new InvalidOperationException(), TimeProvider.System, driver,
        () => new Guid("00000000-0000-0000-0000-0000000000ff"), new ShellOptions());
}
