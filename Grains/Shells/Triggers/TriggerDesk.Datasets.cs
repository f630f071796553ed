using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Triggers;

/// <summary>From runs that have ended to the versions of a dataset that they gave.</summary>
public sealed partial record TriggerDesk
{
    /// <summary>Why the dataset that a trigger waits for cannot come; null: it can, or nothing is known of its pipeline yet.</summary>
    public async Task<Fault?> NoDataset(TriggerSource on, CancellationToken cancellation)
    {
        if (Wanted(on) is not { } wanted) return null;
        var pipeline = await Registered(wanted.Pipeline, cancellation);
        var lack = pipeline is not null && PlanCheck.Check(pipeline.Spec, Kinds) is PlanResult.Checked { Plan: var plan }
            ? DatasetCheck.Of(wanted, plan, Kinds)
            : null;
        return pipeline is not null && lack is null ? null : await NamedOtherwise(wanted, cancellation) ?? lack;
    }

    /// <summary>A load may give its dataset any name; then people know it by that.</summary>
    private async Task<Fault?> NamedOtherwise(DatasetName wanted, CancellationToken cancellation)
    {
        if (await Runs.Dataset(wanted.ToString(), null, cancellation) is not { } named) return null;
        if (await Runs.Run(named.Run, cancellation) is not { } maker || maker.Pipeline == wanted.Pipeline) return null;
        return new Fault(FaultKind.Invalid, TriggerCodes.NoDataset,
            $"Dataset `{wanted}` is what step `{named.Step}` of {maker.Pipeline} gives under a name of its own.", "dataset",
            $"Name the step: `{new DatasetName(maker.Pipeline, named.Step, DatasetName.Out)}`.");
    }

    private async Task<PipelineVersion?> Registered(string pipeline, CancellationToken cancellation)
    {
        try
        {
            return await Find(pipeline, null, cancellation);
        }
        catch (FaultException e) when (!e.Fault.IsTransient)
        {
            return null;
        }
    }

    /// <summary>What the trigger's first version has to differ from: of the runs that succeeded before it was made, the last to end that gave one.</summary>
    private async Task<EndedRun?> Before(string pipeline, Trigger trigger, CancellationToken cancellation)
    {
        if (trigger.Dataset is not null || Wanted(trigger.Spec!.On) is null) return null;
        var newest = await Runs.Runs(new RunQuery(pipeline, Status: RunStatus.Succeeded, Limit: Bounds.BeforeMax), cancellation);
        // The newest that began need not be the last that ended.
        foreach (var row in newest.Items.Where(row => row.EndedAt < trigger.Since).OrderByDescending(row => row.EndedAt))
            if (await Ended(row, trigger.Spec.On, cancellation) is { Gave: { } gave } ended && gave.IsNewAt(ended.EndedAt)) return ended;
        return null;
    }

    private async Task<EndedRun> Ended(RunRow row, TriggerSource on, CancellationToken cancellation)
    {
        var run = (await Journal.Read(row.Id, cancellation))?.Replay();
        var gave = run is not null && row.Status == RunStatus.Succeeded && Wanted(on) is { } wanted ? GivenDataset.Of(run, wanted, Kinds) : null;
        if (gave?.Maker(row.Id) is { } maker && await Runs.Run(maker, cancellation) is { Status: RunStatus.Succeeded } earlier)
            gave = gave with { WholeSince = earlier.EndedAt };
        return new EndedRun(row.Id, row.Status, row.EndedAt!.Value, run?.Occasion?.Trigger?.Depth ?? 0, gave);
    }

    private static DatasetName? Wanted(TriggerSource on) =>
        on is TriggerSource.OfDataset source && DatasetName.TryParse(source.Dataset, out var name) ? name : null;
}
