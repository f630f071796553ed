using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>A run that no process drives, told something by one that will not drive it either: what follows is decided and stored, and what
/// the run then owes is paid by whoever takes it up.</summary>
public static class UndrivenRun
{
    /// <exception cref="FaultException">Fenced: somebody drives it after all.</exception>
    public static Task<Answer> Tell(RunDesk desk, RunId id, RunCommand command, CancellationToken cancellation) =>
        Tell(desk, id, (run, now) => Run.Decide(run, command, now), null, cancellation);

    /// <summary>The run begins as one whose pipeline is paused: none of its steps is on its way before somebody drives it, who finds that
    /// nothing is paused.</summary>
    /// <exception cref="FaultException">Conflict: the start was overtaken, and nothing was stored.</exception>
    public static Task<Answer> Begin(RunDesk desk, RunId id, RunCommand.Start start, CancellationToken cancellation) => Tell(
        desk, id,
        (run, now) => desk.Begin(run, id, start, now, new PipelinePause(start.Spec.Name, now, "until a process drives it", null)),
        start.Follows is { } follows ? new StartFence(RunStarter.StartKey(start), follows.Last) : null, cancellation);

    private static async Task<Answer> Tell(
        RunDesk desk, RunId id, Func<Run, DateTimeOffset, Decision> decide, StartFence? fence, CancellationToken cancellation)
    {
        var stored = await desk.Journal.Read(id, cancellation);
        var (run, now) = (stored?.Replay() ?? Run.None, desk.Clock.GetUtcNow());
        switch (decide(run, now))
        {
            case Decision.Accepted { Events: { IsEmpty: false } events }:
                var after = events.Aggregate(run, Run.Apply);
                await desk.Append(run, after, events, stored?.SnapshotVersion ?? 0, now, fence);
                return new Answer.Done(after.Status, after.Version);
            case Decision.Refused refused: return new Answer.Refused(refused.Faults);
            default: return new Answer.Done(run.Status, run.Version);
        }
    }
}
