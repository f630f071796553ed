using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>The check of steps that undo others. Such a step depends on the one that it undoes and on nothing else.</summary>
public sealed partial class PlanCheck
{
    private HashSet<StepId>? _undone;

    /// <summary>Whether another step is there to undo it.</summary>
    private bool IsUndone(StepId step) =>
        (_undone ??= [.. _spec.Steps.Where(other => other.Compensates is not null).Select(other => other.Compensates!.Value)]).Contains(step);

    private (ImmutableArray<int> Known, bool Complete) CheckCompensation(int index, StepId compensated)
    {
        var step = _spec.Steps[index];
        var path = SpecPath.Field(SpecPath.Step(index), "compensates");
        if (!_steps.TryGetValue(compensated.Value ?? "", out var at))
        {
            Wrong(index, PlanCodes.UnknownStep, $"`{step.Id}` compensates {Describe.Quote(compensated.Value ?? "")}, but there is no such step.",
                path, _faults.Count < _bounds.FaultsMax ? StepAdvice(compensated.Value ?? "", index) : null);
            return ([], false);
        }
        var other = Enumerable.Range(0, index).FirstOrDefault(i => _spec.Steps[i].Compensates == compensated, -1);
        var wrong = at == index ? "It cannot compensate itself."
            : _spec.Steps[at].Compensates is not null ? $"`{compensated}` compensates a step itself, and is not undone."
            : other >= 0 ? $"`{_spec.Steps[other].Id}` compensates `{compensated}` already."
            : !step.DependsOn.IsEmpty ? "It depends on what it compensates, and on nothing else."
            : step.When is not null ? "It runs when the run fails or is cancelled, and has no `when`."
            : _spec.Steps[at].ForEach is not null ? $"`{compensated}` runs for each item: some of them may have succeeded though it failed."
            : step.ForEach is not null ? "It runs once, and not for each item of a list."
            : step.Reuse > TimeSpan.Zero || _spec.Steps[at].Reuse > TimeSpan.Zero ? "What is undone, and what undoes, cannot be used again: leave out `reuse`."
            : _kinds.Find(step.Kind)?.Awaits is not null ? "It cannot wait for people or for a time."
            : null;
        if (wrong is null) return ([at], true);
        Wrong(index, PlanCodes.WrongCompensation, $"`{step.Id}` compensates `{compensated}`. {wrong}", path);
        return ([], false);
    }
}
