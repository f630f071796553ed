using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

/// <summary>A run that no process drives, told something by one that will not drive it either: what follows is decided and stored, and what
/// the run then owes is paid by whoever takes it up.</summary>
public static class UndrivenRun
{
    /// <exception cref="FaultException">Fenced: somebody drives it after all.</exception>
    public static async Task<Answer> Tell(RunDesk desk, RunId id, RunCommand command, CancellationToken cancellation)
    {
        var stored = await desk.Journal.Read(id, cancellation);
        var (run, now) = (stored?.Replay() ?? Run.None, desk.Clock.GetUtcNow());
        switch (Run.Decide(run, command, now))
        {
            case Decision.Accepted { Events: { IsEmpty: false } events }:
                var after = events.Aggregate(run, Run.Apply);
                await desk.Append(run, after, events, stored!.SnapshotVersion, now);
                return new Answer.Done(after.Status, after.Version);
            case Decision.Refused refused: return new Answer.Refused(refused.Faults);
            default: return new Answer.Done(run.Status, run.Version);
        }
    }
}
