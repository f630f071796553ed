using System.Collections.Immutable;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Triggers;

/// <summary>What triggers work with: where they are stored, what they start, and whether this process looks and starts.</summary>
/// <param name="Find">A registered version of a pipeline; null: the active one. What is not there is a fault that no repetition heals.</param>
/// <param name="NewId">Makes the ids of writes.</param>
/// <param name="Kinds">Say which datasets steps give.</param>
public sealed partial record TriggerDesk(
    IGrainStates States, IRunCatalog Runs, IRunJournal Journal, Func<string, int?, CancellationToken, Task<PipelineVersion>> Find,
    TimeProvider Clock, Func<Guid> NewId, KindCatalog Kinds)
{
    public TriggerBounds Bounds { get; init; } = TriggerBounds.Default;
    public TriggerOptions Options { get; init; } = new();

    /// <summary>How this process starts runs; null: it neither looks nor starts, and leaves that to one that does.</summary>
    public Func<RunId, RunCommand.Start, Task<Answer>>? Pays { get; init; }

    /// <summary>Null when there is none.</summary>
    public async Task<TriggerView?> View(string id, CancellationToken cancellation)
    {
        if (!ScheduleDesk.IsId(id)) return null;
        var kept = await new KeptTrigger(this, id).Read(cancellation);
        if (!kept.Exists) return null;
        var view = kept.View();
        return view.Fault is null && await NoDataset(view.Spec.On, cancellation) is { } lack ? view with { Fault = lack } : view;
    }

    /// <inheritdoc cref="ITriggerCatalogGrain.List"/>
    public Task<Listing<TriggerView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation) => States.List(
        KeptTrigger.GrainType, KeptTrigger.StateName, prefix, cursor, limit, bytes => Short(TriggerCodec.Read(bytes).Trigger.View()), cancellation);

    private static TriggerView Short(TriggerView view) => view with { Recent = [.. view.Recent.Take(1)] };

    /// <summary>Makes it, if nothing is wrong with it.</summary>
    public async Task<TriggerAnswer> Put(KeptTrigger kept, TriggerSpec spec, bool keepsPause)
    {
        if (await Wrong(kept.Id, spec, CancellationToken.None) is { IsEmpty: false } faults) return new TriggerAnswer.Refused(faults);
        return (await kept.Hear(new TriggerCommand.Put(kept.Id, spec, keepsPause), CancellationToken.None)).Answer;
    }

    public async Task<TriggerAnswer> Delete(KeptTrigger kept) => await kept.Delete(CancellationToken.None)
        ? new TriggerAnswer.Done()
        : new TriggerAnswer.Refused([Unknown(kept.Id.Value)]);

    public static Fault Unknown(string id) => new(
        FaultKind.NotFound, TriggerCodes.NoTrigger, $"There is no trigger {id}.", null, "List them with: etl triggers list");

    /// <summary>What is wrong besides itself: said when it is made, and not by what happens first.</summary>
    private async Task<ImmutableArray<Fault>> Wrong(TriggerId id, TriggerSpec spec, CancellationToken cancellation)
    {
        if (!ScheduleDesk.IsId(id.Value))
            return [new Fault(FaultKind.Invalid, TriggerCodes.WrongId,
                $"`{id}` is no id of a trigger; expected a name of letters, digits, `_`, `-` and `.` that begins with a letter, "
                + $"or PIPELINE/NAME, and at most {ScheduleDesk.IdLengthMax} characters.")];
        try
        {
            var pipeline = await Find(spec.Pipeline, spec.Version, cancellation);
            if (TriggerParams.Faults(pipeline.Spec, spec) is { IsEmpty: false } faults) return faults;
        }
        catch (FaultException e) when (!e.Fault.IsTransient)
        {
            return [e.Fault];
        }
        if (spec.On.Upstream() is null) return [];
        return TriggerCheck.Cycle(id, spec, await Chains(id, cancellation)) is { } cycle ? [cycle]
            : await NoDataset(spec.On, cancellation) is { } lack ? [lack] : [];
    }

    /// <summary>Who starts whom when it ends.</summary>
    private async Task<ImmutableArray<(string Ended, string Started)>> Chains(TriggerId but, CancellationToken cancellation)
    {
        var chains = ImmutableArray.CreateBuilder<(string, string)>();
        for (string? cursor = null; ;)
        {
            var page = await List("", cursor, Paging.LimitMax, cancellation);
            foreach (var one in page.Items)
                if (one.Id != but.Value && one.Spec.On.Upstream() is { } upstream) chains.Add((upstream, one.Spec.Pipeline));
            if (page.Next is null) return chains.DrainToImmutable();
            cursor = page.Next;
        }
    }
}

public sealed record TriggerOptions
{
    /// <summary>How soon somebody tries again to make a start that could not be made: a silo's death costs a trigger seconds.</summary>
    public TimeSpan PayWithin { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>Others that write first before one gives up.</summary>
    public int TriesMax { get; init; } = 10;
    /// <summary>Runs of one trigger that are started at once.</summary>
    public int StartsAtOnce { get; init; } = 16;
}
