using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Which results of an ended run a new one may use again: those of stages that succeeded and that nothing asks to run anew.
/// A stage is used again only if all that it needs is, and it reads no parameter that has changed. Of a stage that ran for each item and
/// failed, the items that succeeded are used again.</summary>
public sealed record RerunPlan(RunCommand.Start? Command, Fault? Fault)
{
    /// <param name="from">Runs again from this step on; null: from whatever did not succeed. A step in the middle of a fused stage
    /// takes the whole stage with it.</param>
    /// <param name="given">Parameters that replace those of the earlier run; what reads one with another value runs again.</param>
    /// <param name="items">Runs again only items of this step; null: whole steps.</param>
    public static RerunPlan Of(Run past, StepId? from, ImmutableArray<Field> given, RerunItems? items = null)
    {
        if (!past.Status.IsTerminal())
            return new RerunPlan(null, new Fault(FaultKind.Conflict, "ETL4223", $"Run {past.Id} has not ended.", null,
                $"Cancel it first with: etl cancel {past.Id}"));
        var plan = past.Plan!;
        if (from is { } step && !plan.Positions.ContainsKey(step))
            return new RerunPlan(null, new Fault(FaultKind.NotFound, "ETL4224",
                $"Pipeline {plan.Spec.Name} has no step {step}.", null,
                $"Its steps: {string.Join(", ", plan.Steps.Select(s => s.Spec.Id))}."));
        if (items is not null && (from is not null || !given.IsEmpty))
            return new RerunPlan(null, new Fault(FaultKind.Invalid, "ETL6208", "Items run again with the parameters that the others ran with.", null,
                "Leave out --from and -p, or run all items again with --from."));
        if (items is not null && !plan.Positions.ContainsKey(items.Step))
            return new RerunPlan(null, new Fault(FaultKind.NotFound, "ETL4224", $"Pipeline {plan.Spec.Name} has no step {items.Step}."));
        var asked = items is null ? -1 : plan.Steps[plan.Positions[items.Step]].Stage;
        if (asked >= 0 && Again(past, plan.Stages[asked], items!.Keys) is { Succeeded: false, Fault: var no }) return new RerunPlan(null, no);
        var first = from is { } id ? plan.Steps[plan.Positions[id]].Stage : asked;
        var changed = ParamUse.Changed(past, given);
        var (reused, again) = (new bool[plan.Stages.Length], ImmutableArray.CreateBuilder<ItemsAgain>());
        foreach (var stage in plan.Stages)
        {
            if (!stage.Needs.All(need => reused[need]) || ParamUse.Reads(plan, stage, changed)) continue;
            reused[stage.Index] = stage.Index != first && past.Stages[stage.Index].HasSucceeded && !LacksDatasets(past, stage)
                && !IsUndoneOrUndoes(past, stage);
            if (reused[stage.Index] || stage.Index == first && asked < 0) continue;
            if (Again(past, stage, stage.Index == asked ? items!.Keys : []) is { Succeeded: true } some) again.Add(some.Value);
        }
        if (asked >= 0 && again.All(one => one.Step != items!.Step))
            return new RerunPlan(null, No(past, items!.Step, "reads what runs again"));
        var results = plan.Stages.Where(stage => reused[stage.Index]).SelectMany(stage => past.Stages[stage.Index].Results);
        ImmutableArray<Field> parameters =
            [.. past.Params.Select(old => given.FirstOrDefault(field => field.Name == old.Name) ?? old),
             .. given.Where(field => past.Params.All(old => old.Name != field.Name))];
        return new RerunPlan(new RunCommand.Start(
            plan.Spec, parameters, past.Folder, null,
            new RerunOf(past.Id, [.. results], again.Count == 0 ? null : again.DrainToImmutable()),
            RegisteredVersion: past.RegisteredVersion, Occasion: past.Occasion,
            Refresh: from is { } anew ? new Refresh(false, [anew]) : null, RunKey: past.RunKey), null);
    }

    /// <summary>What is left of the items of an earlier run, and what the others gave.</summary>
    private static Outcome<ItemsAgain> Again(Run past, PlannedStage stage, ImmutableArray<string> keys)
    {
        var (step, state) = (past.Plan!.Steps[stage.Steps[0]], past.Stages[stage.Index]);
        var id = step.Spec.Id;
        if (step.Spec.ForEach is null) return No(past, id, "does not run for each item");
        var outputs = past.Result(step)?.Outputs ?? [];
        if (outputs.FirstOrDefault(output => output.Port == PlannedInput.Items)?.Dataset is not { } version)
            return No(past, id, "did not come so far that what its items gave was gathered");
        if (state.Items?.Counts is not { } counts || counts.Failed + counts.Waiting == 0) return No(past, id, "succeeded for all items");
        return new ItemsAgain(id, version, [.. outputs.Where(output => output.Port != PlannedInput.Items)], keys);
    }

    private static Fault No(Run past, StepId step, string why) => new(
        FaultKind.Conflict, "ETL6208", $"Step {step} of {past.Id} {why}.", null, $"Run all of it again with: etl rerun {past.Id} --from {step}");
    /// <summary>Whether what the stage did may be undone, or it is there to undo.</summary>
    private static bool IsUndoneOrUndoes(Run past, PlannedStage stage) => past.Compensates(stage.Index)
        || past.Plan!.Compensations.TryGetValue(stage.Index, out var undoes) && past.Stages[undoes].Status != StepStatus.Skipped;

    /// <summary>Whether the stage was marked as succeeded, which gives no datasets, and others read some: they were skipped then, and are to
    /// run now.</summary>
    private static bool LacksDatasets(Run past, PlannedStage stage) => past.Stages[stage.Index].ByHand is not null
        && past.Plan!.Steps.Any(step => step.Stage != stage.Index && step.Inputs.Any(input => past.Plan.Steps[input.Step].Stage == stage.Index));
}
