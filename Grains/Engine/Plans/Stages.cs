using System.Collections.Immutable;

namespace OrleansEtl.Engine.Plans;

/// <summary>Groups steps into stages. A step joins the stage of the one before it when nobody could tell the difference but by the
/// clock: it reads that step alone, nobody else does, both kinds allow it, and neither asks for something of its own (a condition,
/// other retries, other limits, a dataset between them, the other's values, another rule for using results again). Every step is in
/// exactly one stage.</summary>
internal static class Stages
{
    public static Plan Plan(PipelineSpec spec, StepDraft[] drafts, Graph graph)
    {
        var stageOf = new int[drafts.Length];
        Array.Fill(stageOf, -1);
        var chains = new List<List<int>>();
        foreach (var head in graph.Order)
        {
            if (stageOf[head] >= 0) continue;
            var chain = Chain(head, drafts, graph, spec);
            foreach (var step in chain) stageOf[step] = chains.Count;
            chains.Add(chain);
        }
        var last = chains.Select(c => c[^1]).ToHashSet();
        return new Plan(
            spec,
            [.. drafts.Select(d => new PlannedStep(
                d.Index, d.Spec, d.DependsOn, graph.Dependants[d.Index], d.Inputs, stageOf[d.Index],
                d.HasPort(PlannedInput.Out) && (last.Contains(d.Index) || d.Spec.Materialize),
                d.Condition, [.. d.Fields.SqlPaths]) { Awaits = d.Kind!.Awaits, ItemInputs = d.ItemInputs })],
            [.. chains.Select((chain, index) => Stage(index, chain, drafts, graph, stageOf, spec))]);
    }

    private static List<int> Chain(int head, StepDraft[] drafts, Graph graph, PipelineSpec spec)
    {
        var chain = new List<int> { head };
        while (graph.Dependants[chain[^1]] is [var next] && Joins(drafts[next], chain, drafts, spec)) chain.Add(next);
        return chain;
    }

    private static bool Joins(StepDraft next, List<int> chain, StepDraft[] drafts, PipelineSpec spec)
    {
        var (first, before) = (drafts[chain[0]], drafts[chain[^1]]);
        return (before.Spec.ForEach ?? next.Spec.ForEach) is null
            && before.Reuse == next.Reuse
            && before.Kind!.Fusing is Fusing.Head or Fusing.Link
            && next.Kind!.Fusing is Fusing.Link or Fusing.Tail
            && next.DependsOn.Length == 1
            && !before.Spec.Materialize
            && next.Spec.Takes().SequenceEqual(first.Spec.Takes())
            && next.Condition is StepCondition.OnSuccess
            && (next.Spec.Retry is null || next.Spec.Retry == Retry(chain, drafts, spec))
            && (next.Spec.Timeout is null || next.Spec.Timeout == first.Spec.Timeout)
            && next.Inputs is [{ Port: PlannedInput.Out }]
            && (next.Fields.ValuesOf.Count == 0 || !chain.Any(s => next.Fields.ValuesOf.Contains(drafts[s].Spec.Id.Value)));
    }

    private static PlannedStage Stage(
        int index, List<int> chain, StepDraft[] drafts, Graph graph, int[] stageOf, PipelineSpec spec) => new(
        index,
        [.. chain],
        [.. drafts[chain[0]].DependsOn.Select(d => stageOf[d]).Distinct().Order()],
        [.. graph.Dependants[chain[^1]].Select(d => stageOf[d]).Distinct().Order()],
        Retry(chain, drafts, spec),
        chain.Select(s => drafts[s].Spec.Timeout).Min(),
        drafts[chain[0]].Condition,
        drafts[chain[0]].Reuse);

    private static RetrySpec Retry(List<int> chain, StepDraft[] drafts, PipelineSpec spec) =>
        chain.Select(s => drafts[s].Spec.Retry).FirstOrDefault(r => r is not null) ?? spec.Retry ?? RetrySpec.Default;
}
