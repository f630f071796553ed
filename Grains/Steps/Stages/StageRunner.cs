using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Data.Logs;

namespace OrleansEtl.Steps;

/// <summary>Runs stages on the engine of this process, each on a thread of its own.</summary>
/// <param name="paths">Which files a pipeline may touch, by the folder of its file.</param>
public sealed class StageRunner(
    DuckEngine engine, DatasetStore store, LogStore logs, Func<string, PathRules> paths, IConnections connections,
    AllowedPrograms programs, StepOptions options, TimeProvider time, StepKinds kinds) : IStageRunner
{
    private readonly ProgramSite _site = new(programs, new WorkFolders(engine.Options.ProgramsFolder), time);

    public async Task<string?> ReuseKey(StageWork work, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // files are read
        try
        {
            using var session = await engine.Rent(cancellation).ConfigureAwait(false);
            return new ReuseKey(work, session, paths(work.Folder), cancellation).Find();
        }
        catch (Exception e) when (StepFailure.FaultOf(e) is not null)
        {
            return null; // the attempt says what is wrong
        }
    }

    public bool AreThere(ImmutableArray<StepResult> results)
    {
        try
        {
            foreach (var result in results)
                foreach (var output in result.Outputs)
                    if (output.Dataset is { } dataset) store.Files(dataset);
            return true;
        }
        catch (FaultException)
        {
            return false;
        }
    }

    public async Task<StageOutcome> Run(
        StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        if (kinds.AtOnce(work) is { } outcome) return outcome;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // opening a session takes its time
        await using var log = logs.Open(work.Run, work.Steps[0].Id, work.Attempt, work.Correlation);
        return await (work.Items switch
        {
            null => RunSteps(work, log, progress, cancellation),
            ItemWork.List list => OnEngine(
                work, session => new ItemListing(work, list, session, store, paths(work.Folder), options, cancellation).Write(), cancellation),
            ItemWork.Slice slice => OnEngine(work, session => ItemRow.Read(session, store, slice.Version, slice.From, slice.Count, cancellation), cancellation,
                rows => new SliceRun(work, slice, store, (one, stop) => RunSteps(one, log, _ => { }, stop), time).Run(rows, progress, cancellation)),
            ItemWork.Fill fill => OnEngine(work, session => new ItemFilling(work, fill, session, store, options, cancellation).Write(), cancellation),
            ItemWork.Gather gather => OnEngine(
                work, session => new ItemGathering(work, gather, session, store, options, cancellation).Write(), cancellation),
            _ => throw new UnreachableException(),
        }).ConfigureAwait(false);
    }

    private Task<StageOutcome> OnEngine(StageWork work, Func<DuckSession, StageOutcome> act, CancellationToken cancellation) =>
        OnEngine(work, act, cancellation, Task.FromResult);

    /// <summary>Does something with the engine on a thread of its own, and then something without it.</summary>
    private async Task<StageOutcome> OnEngine<T>(
        StageWork work, Func<DuckSession, T> act, CancellationToken cancellation, Func<T, Task<StageOutcome>> then)
    {
        try
        {
            T given;
            using (var session = await engine.Rent(cancellation).ConfigureAwait(false))
                given = await Task.Factory.StartNew(
                    () => act(session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            return await then(given).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new StageOutcome.Stopped();
        }
        catch (Exception e) when (StepFailure.FaultOf(e) is { } fault)
        {
            return new StageOutcome.Failed(
                work.Steps[0].Id, fault with { Message = $"{work.Pipeline}/{work.Steps[0].Id}: {fault.Message}" }, []);
        }
    }

    private async Task<StageOutcome> RunSteps(
        StageWork work, AttemptLog log, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        if (kinds.AtOnce(work) is { } outcome) return outcome; // an item
        var ended = new AttemptEnds(log, work, time);
        return ended.Say(await Run(work, log, progress, cancellation).ConfigureAwait(false));
    }

    private async Task<StageOutcome> Run(
        StageWork work, AttemptLog log, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        using var expired = new CancellationTokenSource(work.Timeout ?? Timeout.InfiniteTimeSpan, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, expired.Token);
        StageAttempt? attempt = null;
        try
        {
            using var session = await engine.Rent(stop.Token).ConfigureAwait(false);
            session.ReportsProgress();
            attempt = new StageAttempt(work, session, store, log, paths(work.Folder), connections, _site, options, kinds, stop.Token);
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
            return TimedOut(work, attempt?.Begun, (e as ProgramStopped)?.LastWords);
        }
        catch (Exception e) when (StepFailure.FaultOf(e) is { } fault)
        {
            return new StageOutcome.Failed(work.Steps[0].Id, fault, []);
        }
    }

    /// <summary>The first step of a chain is the one that says how long all of it may take: others join it only if they say the same, or
    /// nothing. Which step was running tells where the time went.</summary>
    private static StageOutcome.Failed TimedOut(StageWork work, StepId? running, string? lastWords)
    {
        var first = work.Steps[0].Id;
        var together = work.Steps.Length == 1 ? ""
            : $" as one query with {string.Join(", ", work.Steps.Skip(1).Select(step => step.Id))}"
                + (running is { } step ? $"; {step} was running" : "");
        return new StageOutcome.Failed(first, new Fault(
            FaultKind.Exhausted, StepCodes.TimedOut, $"{work.Pipeline}/{first}: not done within {Durations.ToText(work.Timeout!.Value)}{together}.{lastWords}",
            Hint: $"Raise the timeout of {first}, or let it read less at a time."), []);
    }
}
