using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>
/// Starts that mind other runs. Each looks at the runs that there are and decides; its start is stored only if no other such start of the
/// same key was stored since it looked, else it looks again. So of two at once, on whatever silos, one comes first and the other sees its
/// run. A start that minds nobody fences nobody: it may come between.
/// </summary>
/// <param name="begin">Tells a run to start.</param>
/// <param name="end">Cancels a run, durably, and waits until it has ended; false: it has not ended yet.</param>
public sealed class RunStarter(
    IRunCatalog catalog, RunDesk desk, Func<RunId, RunCommand.Start, Task<Answer>> begin, Func<RunId, Task<bool>> end)
{
    /// <summary>Each time somebody else has started one: more are a loop somewhere.</summary>
    private const int TriesMax = 100;
    /// <summary>Runs of one key that go on, as far as one start looks.</summary>
    private const int RunsMax = Paging.LimitMax;

    /// <param name="run">The id of the run if one is started; the same in each try of the same wish.</param>
    public async Task<StartAnswer> Start(RunId run, RunCommand.Start start, StartRules rules, CancellationToken cancellation)
    {
        if (StartDecision.Wrong(rules) is { } wrong) return new StartAnswer.Refused([wrong]);
        if (desk.Begin(Run.None, run, start, desk.Clock.GetUtcNow()) is Decision.Refused faulty) return new StartAnswer.Refused(faulty.Faults);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var last = await catalog.LastStarted(StartKey(start), cancellation);
            if (await catalog.Run(run, cancellation) is not null) return Begun(run, await begin(run, start));
            switch (await Decide(run, start, rules, cancellation))
            {
                case StartDecision.Refuse refuse: return new StartAnswer.Refused([refuse.Fault]);
                case StartDecision.Use use: return new StartAnswer.Run(use.Run, IsExisting: true);
                case StartDecision.Cancel cancel:
                    foreach (var other in cancel.Runs)
                        if (!await end(other)) return new StartAnswer.Refused([NotEnded(other)]);
                    break;
                case StartDecision.Go:
                    var answer = await begin(run, start with { Follows = rules.AllowAll ? null : new Follows(last) });
                    if (answer is not Answer.Refused { Faults: [{ Code: RunDesk.Overtaken }] }) return Begun(run, answer);
                    break;
            }
        }
        return new StartAnswer.Refused([RunDesk.OvertakenFault(run)]);
    }

    /// <summary>What all starts have in common that may be in each other's way. The name of a pipeline holds no slash.</summary>
    internal static string StartKey(RunCommand.Start start) => $"{start.Spec.Name}/{start.RunKey}";

    /// <summary>The run itself is not in its own way: another try of the same wish may just have started it.</summary>
    private async Task<StartDecision> Decide(RunId run, RunCommand.Start start, StartRules rules, CancellationToken cancellation)
    {
        var query = new RunQuery(start.Spec.Name, Limit: RunsMax) { RunKey = rules.RunKey };
        var unfinished = rules.OnConflict == OnConflict.Allow ? []
            : (await catalog.Runs(query with { UnfinishedOnly = true }, cancellation)).Items;
        var ended = rules.OnEnded == OnEnded.Allow ? null
            : (await catalog.Runs(query, cancellation)).Items.FirstOrDefault(row => row.Id != run && row.Status.IsTerminal());
        return StartDecision.Of(rules, [.. unfinished.Select(row => row.Id).Where(id => id != run)], ended?.Id, ended?.Status);
    }

    private static StartAnswer Begun(RunId run, Answer answer) => answer is Answer.Refused refused
        ? new StartAnswer.Refused(refused.Faults)
        : new StartAnswer.Run(run, IsExisting: false);

    private static Fault NotEnded(RunId run) => new(FaultKind.Unavailable, "ETL6513",
        $"Run {run} is cancelled to make room, and has not ended yet.", null, "Start again in a while; what it does is being stopped.");
}
