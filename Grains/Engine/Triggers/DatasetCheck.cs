using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Triggers;

/// <summary>Whether a pipeline gives the dataset that a trigger waits for.</summary>
public static class DatasetCheck
{
    /// <summary>So many datasets of a pipeline are named when none is near.</summary>
    private const int NamedMax = 10;

    /// <returns>Null: it does, or nobody here knows the kind of the step.</returns>
    public static Fault? Of(DatasetName wanted, Plan plan, KindCatalog kinds)
    {
        if (!plan.Positions.TryGetValue(wanted.Step, out var position))
            return Lacks(wanted, $"Pipeline {wanted.Pipeline} has no step `{wanted.Step}`.", Nearest(wanted, plan, kinds));
        var step = plan.Steps[position];
        if (kinds.Find(step.Spec.Kind) is not { } kind || Given(step, kind).Contains(wanted.Port)) return null;
        if (wanted.Port == PlannedInput.Out && StepDraft.PortsOf(kind, step.Spec).Contains(PlannedInput.Out))
        {
            var last = plan.Steps[plan.Stages[step.Stage].Steps[^1]];
            var isGiven = kinds.Find(last.Spec.Kind) is { } lastKind && Given(last, lastKind).Contains(PlannedInput.Out);
            return Lacks(wanted, $"Step `{wanted.Step}` of {wanted.Pipeline} hands its rows on to `{last.Spec.Id}` in one query, and stores none.",
                $"Say `materialize: true` at step `{wanted.Step}`"
                + (isGiven ? $", or take what comes of it: `{wanted with { Step = last.Spec.Id }}`." : "."));
        }
        return Lacks(
            wanted, $"Step `{wanted.Step}` of {wanted.Pipeline} ({kind.Name}) gives no dataset{(wanted.Port == PlannedInput.Out ? "" : $" `{wanted.Port}`")}.",
            Nearest(wanted, plan, kinds));
    }

    private static Fault Lacks(DatasetName wanted, string message, string hint) =>
        new(FaultKind.Invalid, TriggerCodes.NoDataset, $"There is no dataset `{wanted}`. {message}", "dataset", hint);

    private static string Nearest(DatasetName wanted, Plan plan, KindCatalog kinds)
    {
        var names = All(wanted.Pipeline, plan, kinds);
        var same = names.Where(name => name.Step == wanted.Step).ToImmutableArray();
        if (Spelling.Nearest(wanted.ToString(), names.Select(name => name.ToString())) is { } nearest) return $"Did you mean `{nearest}`?";
        if (names.IsEmpty) return "No step of it gives a dataset.";
        var named = string.Join(", ", (same.IsEmpty ? names : same).Take(NamedMax).Select(name => $"`{name}`"));
        return same.IsEmpty ? $"It gives: {named}." : $"The step gives: {named}.";
    }

    private static ImmutableArray<DatasetName> All(string pipeline, Plan plan, KindCatalog kinds) =>
    [
        .. from step in plan.Steps
           let kind = kinds.Find(step.Spec.Kind)
           where kind is not null
           from port in Given(step, kind)
           select new DatasetName(pipeline, step.Spec.Id, port),
    ];

    /// <summary>What is on the way within one query is no dataset; what is put aside there is.</summary>
    private static IEnumerable<string> Given(PlannedStep step, KindSpec kind) =>
        StepDraft.PortsOf(kind, step.Spec).Where(port => port != PlannedInput.Out || step.Published);
}
