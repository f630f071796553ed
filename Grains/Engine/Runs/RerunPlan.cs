using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Which results of an ended run a new one may use again: those of stages that succeeded and that nothing asks to run anew.
/// A stage is used again only if all that it needs is.</summary>
public sealed record RerunPlan(RunCommand.Start? Command, Fault? Fault)
{
    /// <param name="from">Runs again from this step on; null: from whatever did not succeed. A step in the middle of a fused stage
    /// takes the whole stage with it.</param>
    /// <param name="changed">Parameters that replace those of the earlier run; with any, everything runs again.</param>
    public static RerunPlan Of(Run past, StepId? from, ImmutableArray<Field> changed)
    {
        if (!past.Status.IsTerminal())
            return new RerunPlan(null, new Fault(FaultKind.Conflict, "ETL4223", $"Run {past.Id} has not ended.", null,
                $"Cancel it first with: etl cancel {past.Id}"));
        var plan = past.Plan!;
        if (from is { } step && !plan.Positions.ContainsKey(step))
            return new RerunPlan(null, new Fault(FaultKind.NotFound, "ETL4224",
                $"Pipeline {plan.Spec.Name} has no step {step}.", null,
                $"Its steps: {string.Join(", ", plan.Steps.Select(s => s.Spec.Id))}."));
        var first = from is { } id ? plan.Steps[plan.Positions[id]].Stage : -1;
        var reused = new bool[plan.Stages.Length];
        foreach (var stage in plan.Stages)
            reused[stage.Index] = changed.IsEmpty && stage.Index != first
                && past.Stages[stage.Index].HasSucceeded && !LacksDatasets(past, stage) && stage.Needs.All(need => reused[need]);
        var results = plan.Stages.Where(stage => reused[stage.Index]).SelectMany(stage => past.Stages[stage.Index].Results);
        ImmutableArray<Field> parameters =
            [.. past.Params.Select(old => changed.FirstOrDefault(field => field.Name == old.Name) ?? old),
             .. changed.Where(field => past.Params.All(old => old.Name != field.Name))];
        return new RerunPlan(new RunCommand.Start(
            plan.Spec, parameters, past.Folder, null, new RerunOf(past.Id, [.. results]), RegisteredVersion: past.RegisteredVersion,
            Occasion: past.Occasion), null);
    }

    /// <summary>Whether the stage was marked as succeeded, which gives no datasets, and others read some: they were skipped then, and are to
    /// run now.</summary>
    private static bool LacksDatasets(Run past, PlannedStage stage) => past.Stages[stage.Index].ByHand is not null
        && past.Plan!.Steps.Any(step => step.Stage != stage.Index && step.Inputs.Any(input => past.Plan.Steps[input.Step].Stage == stage.Index));
}
