using OrleansEtl.Engine.Runs;
using OrleansEtl.Engine.Tests;
using OrleansEtl.Engine.Tests.Properties;
using OrleansEtl.Shells;

namespace OrleansEtl.Simulation.Tests;

/// <summary>What must be true of a world once it has been played.</summary>
internal static class Judgement
{
    public static void Of(World world)
    {
        foreach (var run in world.Scripts.Keys)
        {
            var truth = world.Oracle.RunOf(run);
            if (!truth.Status.IsTerminal() || !truth.Exists)
            {
                world.Oracle.Break($"{run} has not ended {World.PatienceSeconds} s after the last fault\n{(truth.Exists ? Saying.Of(truth) : "")}");
                return;
            }
            EndsAsUndisturbed(world, run, truth);
            Undone(world, run, truth);
            Replays(world, run, truth);
            Projected(world, run, truth);
            PublishedOnce(world, run, truth);
            SignalledOnce(world, run, truth);
            world.Family.JudgeItems(truth);
        }
    }

    private static void EndsAsUndisturbed(World world, RunId run, Run truth)
    {
        var script = world.Scripts[run];
        var expected = script.Undisturbed(stage => truth.Stages[stage].Status == StepStatus.Reused, stage => truth.Stages[stage].ByHand is not null);
        var ends = truth.Stages.All().Select(stage => stage.Status).ToArray();
        var words = $"{run} ends as {truth.Status}: {string.Join(' ', ends)}; undisturbed: {string.Join(' ', expected)}";
        var isStopped = world.Oracle.EventsOf(run).Any(happened => happened is RunEvent.CancelRequested or RunEvent.RunTimedOut);
        var mayBeStopped = isStopped && truth.Status != RunStatus.Succeeded && (script.IsCancelled || script.Start.Timeout is not null
            || script.Birth is { } birth && world.Family.MayBeStopped(birth));
        if (!mayBeStopped)
        {
            if (!ends.SequenceEqual(expected) || truth.Status != NaiveModel.Status(expected)) world.Oracle.Break(words);
            return;
        }
        for (var stage = 0; stage < ends.Length; stage++) // a failure is not tried again while the run is stopped
            if (!truth.Plan!.Compensations.Values.Contains(stage) && ends[stage] is not (StepStatus.Cancelled or StepStatus.Failed) && ends[stage] != expected[stage]) world.Oracle.Break(words);
    }

    private static void Undone(World world, RunId run, Run truth)
    {
        if (truth.Status == RunStatus.Succeeded) return;
        try
        {
            Promises.Undone(truth, world.Oracle.EventsOf(run));
        }
        catch (BrokenPromise broken)
        {
            world.Oracle.Break(broken.Message);
        }
    }

    /// <summary>The journal, read as any new owner reads it, is the run that the oracle followed event by event.</summary>
    private static void Replays(World world, RunId run, Run truth)
    {
        var stored = world.Store.Journal.Read(run, CancellationToken.None).GetAwaiter().GetResult()!;
        var history = world.Store.Journal.History(run, 0, int.MaxValue, CancellationToken.None).GetAwaiter().GetResult();
        var replayed = history.Aggregate(Run.None, (state, one) => Run.Apply(state, EventCodec.ReadEvent(one.Bytes)));
        if (Saying.Of(replayed) != Saying.Of(truth) || stored.Version != truth.Version)
            world.Oracle.Break($"{run} replays to\n{Saying.Of(replayed)}\ninstead of\n{Saying.Of(truth)}");
    }

    private static void Projected(World world, RunId run, Run truth)
    {
        var row = world.Store.Catalog.Run(run, CancellationToken.None).GetAwaiter().GetResult();
        if (row is null || row.Status != truth.Status || row.StepsDone != row.StepsTotal || row.Driver is not null
            || row.FaultCode != truth.Fault?.Code || row.EndedAt?.Ticks / 10 != truth.EndedAt?.Ticks / 10)
            world.Oracle.Break($"the row of {run} is {row}, the run {truth.Status}");
        var steps = world.Store.Catalog.Steps(run, CancellationToken.None).GetAwaiter().GetResult();
        foreach (var step in steps)
        {
            var view = truth.View(step.Position);
            if (step.Status != view.Status || step.Attempts != view.Attempts || step.RowsOut != view.RowsOut
                || step.FaultCode != view.Fault?.Code || step.EndedAt?.Ticks / 10 != view.EndedAt?.Ticks / 10)
                world.Oracle.Break($"the row of {step.Id} of {run} says {step.Status}#{step.Attempts}, the run {view.Status}#{view.Attempts}");
        }
        if (steps.Length != truth.Plan!.Steps.Length) world.Oracle.Break($"{run} has {steps.Length} rows of steps");
        var due = world.Store.Catalog.Due(DateTimeOffset.MaxValue, 500, CancellationToken.None).GetAwaiter().GetResult();
        if (due.Contains(run)) world.Oracle.Break($"{run} has ended and wants to be woken");
    }

    private static void SignalledOnce(World world, RunId run, Run truth)
    {
        var keys = world.Oracle.EventsOf(run).OfType<RunEvent.SignalReceived>().Select(e => e.Key).ToArray();
        var taken = truth.Stages.All().Where(stage => stage.Status == StepStatus.Succeeded).SelectMany(stage => stage.Results)
            .SelectMany(result => result.Values).Where(value => value.Name == "n").Select(value => value.Value.ToJson()).ToArray();
        if (keys.Length != keys.Distinct().Count() || taken.Length != taken.Distinct().Count())
            world.Oracle.Break($"{run} has heard signals {string.Join(", ", keys)}, and its steps took {string.Join(", ", taken)}");
    }

    private static void PublishedOnce(World world, RunId run, Run truth)
    {
        var published = world.Store.Catalog.Published(run, CancellationToken.None).GetAwaiter().GetResult()
            .Select(row => EventCodec.ReadManifest(row.Manifest).Location).Order(StringComparer.Ordinal);
        var expected = world.Oracle.EventsOf(run).OfType<RunEvent.StageSucceeded>().SelectMany(e => e.Results.Where(r => r.Outputs.Length > 0).Select(result =>
            Script.Folder(run, result.Step, e.Attempt))).Order(StringComparer.Ordinal);
        if (!published.SequenceEqual(expected, StringComparer.Ordinal))
            world.Oracle.Break($"{run} has published {string.Join(", ", published)} instead of {string.Join(", ", expected)}");
    }
}
