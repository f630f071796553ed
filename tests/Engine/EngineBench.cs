using System.Diagnostics;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary>How many decisions a second the engine makes: each is decided, applied, and what it newly owes is worked out.</summary>
public static class EngineBench
{
    /// <summary>Drives runs of the plan to their end, one after another, for at least so long.</summary>
    public static double DecisionsPerSecond(Plan plan, TimeSpan atLeast)
    {
        var decisions = 0L;
        var clock = Stopwatch.StartNew();
        do decisions += RunToItsEnd(plan);
        while (clock.Elapsed < atLeast);
        return decisions / clock.Elapsed.TotalSeconds;
    }

    private static int RunToItsEnd(Plan plan)
    {
        var (run, decisions, now) = (Run.None, 1, DateTimeOffset.UnixEpoch);
        var (id, succeeded) = (new RunId("run_00000000000000000000000000"), new StageOutcome.Succeeded([]));
        var owed = new Queue<Debt.Dispatch>();
        Happen(Run.Begin(run, id, plan, new RunCommand.Start(plan.Spec, [], "/", null, null), now));
        for (; owed.TryDequeue(out var dispatch); decisions++)
            Happen(Run.Decide(run, new RunCommand.Report(dispatch.Stage, dispatch.Attempt, succeeded), now));
        return run.Status == RunStatus.Succeeded ? decisions : throw new InvalidOperationException($"The run is {run.Status}.");

        void Happen(Decision decision)
        {
            var events = ((Decision.Accepted)decision).Events;
            run = events.Aggregate(run, Run.Apply);
            foreach (var debt in Run.Owed(run, events)) owed.Enqueue((Debt.Dispatch)debt);
        }
    }
}
