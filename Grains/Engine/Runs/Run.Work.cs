using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Runs;

public sealed partial record Run
{
    /// <summary>What an attempt of the stage is told: its steps with their <c>with</c> filled in and the datasets that they read.
    /// Filling cannot fail here: the stage was admitted with the same values, and what it reads has ended.</summary>
    public StageWork Work(int stage, Attempt attempt)
    {
        var (planned, scope) = (Planned(stage), new RunScope(this));
        var steps = planned.Steps.Select(position =>
        {
            var step = Plan!.Steps[position];
            var (with, fault) = Templates.Fill(step.Spec.With, scope);
            if (fault is not null) throw new FaultException(fault);
            return new StepWork(step.Spec.Id, step.Spec.Kind, (SpecValue.Map)with!, Inputs(step.DependsOn, stage), step.Published);
        });
        return new StageWork(Id, Plan!.Spec.Name, stage, attempt, [.. steps], Folder, planned.Timeout);
    }

    private ImmutableArray<InputBinding> Inputs(ImmutableArray<int> dependsOn, int stage)
    {
        var inputs = ImmutableArray.CreateBuilder<InputBinding>();
        foreach (var position in dependsOn)
        {
            var source = Plan!.Steps[position];
            if (source.Stage == stage) continue;
            var result = Stages[source.Stage].Results.FirstOrDefault(r => r.Step == source.Spec.Id);
            foreach (var output in result?.Outputs ?? [])
                if (output.Dataset is { } dataset)
                    inputs.Add(new InputBinding(output.Port == "out" ? source.Spec.Id.Value : $"{source.Spec.Id}.{output.Port}", dataset));
        }
        return inputs.DrainToImmutable();
    }
}
