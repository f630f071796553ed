using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

public sealed partial record Run
{
    /// <summary>What an attempt of the stage is told: its steps with their <c>with</c> filled in and the datasets that they read.
    /// Filling cannot fail here: the stage was admitted with the same values.</summary>
    public StageWork Work(int stage, Attempt attempt)
    {
        var planned = Planned(stage);
        if (Rule(stage) is { } rule) return ItemsWork(stage, attempt, rule);
        return new StageWork(
            Id, Plan!.Spec.Name, stage, attempt, [.. planned.Steps.Select(Work)], Folder, planned.Timeout,
            Stages[stage].RanOut || IsSuspect(stage, attempt), Priority, Limits: Taken(planned), RunLimits: Plan.Spec.Limits,
            Reuse: planned.Reuse, Refresh: planned.Reuse is not null && IsRefreshed(planned), IsSuspect: IsSuspect(stage, attempt));
    }

    /// <summary>All steps of a stage take the same.</summary>
    private ImmutableArray<LimitUse>? Taken(PlannedStage planned) => Plan!.Steps[planned.Steps[0]].Spec.Limits;

    private bool IsRefreshed(PlannedStage planned) =>
        Refresh is { } refresh && (refresh.Everything || planned.Steps.Any(step => refresh.Steps.Contains(Plan!.Steps[step].Spec.Id)));

    private StepWork Work(int position)
    {
        var step = Plan!.Steps[position];
        var with = step.Spec.With;
        if (step.HasTemplates)
        {
            var filled = Templates.Fill(step, Scope());
            with = filled.Succeeded ? filled.Value : throw new FaultException(filled.Fault);
        }
        return new StepWork(step.Spec.Id, step.Spec.Kind, with, Inputs(step), step.Published);
    }

    /// <summary>What comes from other stages; a handler of failures does without what the failed step did not give.</summary>
    private ImmutableArray<InputBinding> Inputs(PlannedStep step) => Bound(step, step.Inputs);

    private ImmutableArray<InputBinding> Bound(PlannedStep step, ImmutableArray<PlannedInput> inputs) =>
    [
        .. from input in inputs
           let source = Plan!.Steps[input.Step]
           where source.Stage != step.Stage
           let dataset = Result(source)?.Outputs.FirstOrDefault(output => output.Port == input.Port)?.Dataset
           where dataset is not null
           select new InputBinding(input.Name, dataset),
    ];

    /// <summary>What a step gave; null when it gave nothing (yet).</summary>
    internal StepResult? Result(PlannedStep step)
    {
        foreach (var result in Stages[step.Stage].Results)
            if (result.Step == step.Spec.Id) return result;
        return null;
    }

    /// <summary>What <c>{{ … }}</c> can read of this run.</summary>
    internal Scope Scope() => new(Plan!.Spec, Id, StartedAt, Params, Occasion, id => Result(Plan.Steps[Plan.Positions[id]]));
}
