using System.Collections.Immutable;
using OrleansEtl.Steps;

namespace OrleansEtl.Simulation.Tests;

/// <summary>The work of stages on one silo: takes its time, leaves an effect under its attempt, ends as the run's script says.</summary>
internal sealed class ScriptedRunner(SimSilo silo) : IStageRunner
{
    public Task<StageOutcome> Run(
        StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation) =>
        silo.Pool.Run(() => Work(work, progress, cancellation));

    private async Task<StageOutcome> Work(
        StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        var world = silo.World;
        world.Trace.Note("runs", silo.Name, work.Run.Value, work.Stage * 1000 + work.Attempt.Number);
        world.Oracle.Began(work, silo);
        using var ends = new Ending(() => world.Oracle.Stopped(work, silo));
        var known = world.Oracle.RunOf(work.Run).Stages[work.Stage];
        var outcome = work.Items is ItemWork.Fill fill ? world.Family.Filled(work, fill)
            : world.Scripts[work.Run].Outcome(work, known.Retried, known.Items?.Find(work.Attempt)?.Tries ?? 0);
        if (work.Items is ItemWork.Gather { Ends: not null } gather) world.Family.Gathered(work, gather);
        var half = world.Chance.Work() / 2;
        await Task.Delay(half, silo.Clock, cancellation);
        progress([new StepProgress(work.Steps[0].Id, 1, null, 0.5)]);
        await Task.Delay(half, silo.Clock, cancellation);
        world.Trace.Note("done", silo.Name, work.Run.Value, work.Stage * 1000 + work.Attempt.Number);
        world.Oracle.Finished(work);
        return outcome;
    }

    private sealed class Ending(Action ends) : IDisposable
    {
        public void Dispose() => ends();
    }
}
