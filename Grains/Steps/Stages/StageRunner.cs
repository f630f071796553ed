using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps;

/// <summary>Runs stages on the engine of this process, each on a thread of its own.</summary>
/// <param name="paths">Which files a pipeline may touch, by the folder of its file.</param>
public sealed class StageRunner(
    DuckEngine engine, DatasetStore store, Func<string, PathRules> paths, IConnections connections, AllowedPrograms programs,
    StepOptions options, TimeProvider time) : IStageRunner
{
    private readonly ProgramSite _site = new(programs, new WorkFolders(engine.Options.ProgramsFolder), time);

    /// <summary>The outcome of a stage that needs neither engine nor slot and has no effect; null: it has to be run.</summary>
    public static StageOutcome? AtOnce(StageWork work)
    {
        foreach (var step in work.Steps)
            if (StepCatalog.Find(step.Kind)?.Behaviour is not StepBehaviour.IsDone) return null;
        return new StageOutcome.Succeeded(
            [.. work.Steps.Select(step => new StepResult(step.Id, null, null, null, [], []))]);
    }

    public async Task<StageOutcome> Run(
        StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        if (AtOnce(work) is { } outcome) return outcome;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // opening a session takes its time
        using var expired = new CancellationTokenSource(work.Timeout ?? Timeout.InfiniteTimeSpan, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, expired.Token);
        try
        {
            using var session = await engine.Rent(stop.Token).ConfigureAwait(false);
            session.ReportsProgress();
            var attempt = new StageAttempt(work, session, store, paths(work.Folder), connections, _site, options, stop.Token);
            await using (time.CreateTimer(_ =>
                progress(attempt.Progress()), null, options.ProgressEvery, options.ProgressEvery))
                return await Task.Factory.StartNew(
                    attempt.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new StageOutcome.Stopped();
        }
        catch (OperationCanceledException e) when (expired.IsCancellationRequested)
        {
            return new StageOutcome.Failed(work.Steps[^1].Id, new Fault(
                FaultKind.Exhausted, StepCodes.TimedOut,
                $"{work.Pipeline}/{work.Steps[^1].Id}: not done within {work.Timeout}.{(e as ProgramStopped)?.LastWords}",
                Hint: "Raise the step's timeout, or let it read less at a time."), []);
        }
        catch (Exception e) when (StepFailure.FaultOf(e) is { } fault)
        {
            return new StageOutcome.Failed(work.Steps[0].Id, fault, []);
        }
    }
}
