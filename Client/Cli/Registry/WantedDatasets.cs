using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Definitions;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Cli.Registry;

/// <summary>The datasets that the triggers of files wait for.</summary>
internal static class WantedDatasets
{
    /// <summary>Those that cannot come, by the files themselves and, of pipelines that they do not have, by what is registered.</summary>
    /// <param name="etl">Null: nothing is registered yet.</param>
    public static async Task<ImmutableArray<(CheckedPipeline File, Fault Fault)>> Missing(
        IEtl? etl, ImmutableArray<CheckedPipeline> files, KindCatalog kinds, CancellationToken cancellation)
    {
        var missing = ImmutableArray.CreateBuilder<(CheckedPipeline, Fault)>();
        foreach (var (file, index, wanted) in files.SelectMany(Of))
        {
            var plan = files.FirstOrDefault(other => other.Spec!.Name == wanted.Pipeline)?.Plan ?? await Registered(etl, wanted.Pipeline, kinds, cancellation);
            if (plan is not null && DatasetCheck.Of(wanted, plan, kinds) is { } fault)
                missing.Add((file, fault with { Path = SpecPath.Field(SpecPath.Item("triggers", index), "dataset") }));
        }
        return missing.ToImmutable();
    }

    /// <summary>By name, but whoever gives a dataset stands before those that wait for it: it has to be registered by then.</summary>
    public static IEnumerable<CheckedPipeline> GiversFirst(ImmutableArray<CheckedPipeline> files)
    {
        var (order, seen) = (new List<CheckedPipeline>(), new HashSet<CheckedPipeline>(ReferenceEqualityComparer.Instance));
        foreach (var file in files.OrderBy(file => file.Spec!.Name, StringComparer.Ordinal)) Visit(file);
        return order;

        void Visit(CheckedPipeline file)
        {
            if (!seen.Add(file)) return;
            foreach (var (_, _, wanted) in Of(file))
                if (files.FirstOrDefault(other => other.Spec!.Name == wanted.Pipeline) is { } giver) Visit(giver);
            order.Add(file);
        }
    }

    private static IEnumerable<(CheckedPipeline File, int Index, DatasetName Wanted)> Of(CheckedPipeline file)
    {
        foreach (var (index, trigger) in file.Triggers.Index())
            if (trigger.Spec.On is TriggerSource.OfDataset on && DatasetName.TryParse(on.Dataset, out var wanted)) yield return (file, index, wanted);
    }

    private static async Task<Plan?> Registered(IEtl? etl, string pipeline, KindCatalog kinds, CancellationToken cancellation) =>
        etl is not null && (await etl.Pipeline(pipeline, cancellation))?.Version?.Spec is { } spec
            ? (PlanCheck.Check(spec, kinds) as PlanResult.Checked)?.Plan
            : null;
}
