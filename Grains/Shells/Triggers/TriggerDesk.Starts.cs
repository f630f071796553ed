using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Triggers;

/// <summary>From what happened to the run that is started for it.</summary>
public sealed partial record TriggerDesk
{
    /// <summary>What the run is started with.</summary>
    /// <exception cref="FaultException">The pipeline is not there, or its parameters do not fit.</exception>
    public async Task<RunCommand.Start> StartOf(TriggerId id, TriggerSpec spec, TriggerStart start, CancellationToken cancellation)
    {
        var pipeline = await Find(spec.Pipeline, spec.Version, cancellation);
        var occasion = new RunOccasion(start.At, start.At, Trigger: new RunTrigger(id.Value, spec.On.Kind, start.Values, start.Depth));
        var given = TriggerParams.Of(pipeline.Spec, spec, start.Run, occasion);
        return given.Succeeded
            ? new RunCommand.Start(pipeline.Spec, given.Value.Fields, pipeline.Folder, null, null, RegisteredVersion: pipeline.Number, Occasion: occasion)
            : throw new FaultException(given.Fault);
    }

    /// <summary>The runs of a pipeline as a trigger has to hear of them: the unfinished ones, and those that ended since it looked. A run that
    /// it had in sight is asked for by its id, and all that may have come since are listed; so none ends unseen between two looks.</summary>
    public async Task<TriggerCommand.RunsSeen> RunsOf(string pipeline, Trigger trigger, CancellationToken cancellation)
    {
        var at = Clock.GetUtcNow();
        var unfinished = (await Listed(new RunQuery(pipeline, UnfinishedOnly: true, Limit: Paging.LimitMax), _ => true, cancellation))
            .Select(run => run.Id).Take(Bounds.RunsMax).ToHashSet();
        var since = (trigger.Runs.Through ?? trigger.Since) - Bounds.LateMax;
        var rows = (await Listed(new RunQuery(pipeline, Limit: Paging.LimitMax), run => run.Id.StartedAt() >= since, cancellation))
            .ToDictionary(run => run.Id);
        foreach (var run in trigger.Runs.Open.Where(run => !unfinished.Contains(run) && !rows.ContainsKey(run)))
            if (await Runs.Run(run, cancellation) is { } row) rows[run] = row;
        var ended = ImmutableArray.CreateBuilder<EndedRun>();
        if (await Before(pipeline, trigger, cancellation) is { } before) ended.Add(before);
        foreach (var run in rows.Values)
            if (!run.Status.IsTerminal()) unfinished.Add(run.Id);
            // One that was in sight may be seen to have ended before the trigger was made: what it gave is what the next has to differ from.
            else if (!trigger.Runs.Heard.Contains(run.Id) && (run.EndedAt >= trigger.Since || trigger.Runs.Open.Contains(run.Id)))
                ended.Add(await Ended(run, trigger.Spec!.On, cancellation));
        return new TriggerCommand.RunsSeen(ended.DrainToImmutable(), [.. unfinished], at);
    }

    /// <summary>Newest first, as long as they are wanted.</summary>
    private async Task<List<RunRow>> Listed(RunQuery query, Func<RunRow, bool> wanted, CancellationToken cancellation)
    {
        var found = new List<RunRow>();
        while (true)
        {
            var page = await Runs.Runs(query, cancellation);
            found.AddRange(page.Items.TakeWhile(wanted));
            if (page.Next is null || page.Items.Length == 0 || !wanted(page.Items[^1])) return found;
            query = query with { Cursor = page.Next };
        }
    }
}
