using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary>How many decisions a second the engine makes: each is decided, applied, and what it owes is worked out.</summary>
public static class EngineBench
{
    public sealed record Figure(string Case, double DecisionsPerSecond);

    /// <summary>A chain of ten steps, whose transition is the yardstick, and ten thousand steps side by side.</summary>
    public static ImmutableArray<Figure> DecisionsPerSecond(TimeSpan each)
    {
        var (chain, fan) = (PlanOf.Chain(10), PlanOf.FanOutAndIn(10_000));
        Measure(chain, TimeSpan.FromTicks(each.Ticks / 4)); // until the code is compiled well
        return [new("chain-10", Measure(chain, each)), new("fan-out-10000", Measure(fan, each))];
    }

    private static double Measure(Plan plan, TimeSpan atLeast)
    {
        var decisions = 0L;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < atLeast) decisions += RunToItsEnd(plan);
        return decisions / clock.Elapsed.TotalSeconds;
    }

    private static int RunToItsEnd(Plan plan)
    {
        var (run, decisions) = (Run.None, 1);
        var outcome = new StageOutcome.Succeeded([]);
        var owed = new Queue<Debt.Dispatch>();
        Happen(Run.Begin(run, Given.Id, plan, new RunCommand.Start(plan.Spec, [], "/folder", null, null), Given.Noon));
        while (owed.TryDequeue(out var dispatch))
        {
            Happen(Run.Decide(run, new RunCommand.Report(dispatch.Stage, dispatch.Attempt, outcome), Given.Noon));
            decisions++;
        }
        return run.Status == RunStatus.Succeeded ? decisions : throw new InvalidOperationException(Saying.Of(run));

        void Happen(Decision decision)
        {
            var events = ((Decision.Accepted)decision).Events;
            run = events.Aggregate(run, Run.Apply);
            foreach (var debt in Run.Owed(run, events)) owed.Enqueue((Debt.Dispatch)debt);
        }
    }
}
