using System.Collections.Immutable;
using OrleansEtl.Steps.Checks;
using OrleansEtl.Steps.Flow;
using OrleansEtl.Steps.Http;
using OrleansEtl.Steps.Programs;
using OrleansEtl.Steps.Sinks;
using OrleansEtl.Steps.Sources;
using OrleansEtl.Steps.Transforms;

namespace OrleansEtl.Steps;

/// <summary>Every kind of step that there is. A new one is added here and nowhere else.</summary>
public static class StepCatalog
{
    public static readonly ImmutableArray<StepKind> All =
    [
        Generate.Kind, ExtractCsv.Kind, ExtractJson.Kind, ExtractParquet.Kind, ExtractSql.Kind,
        SqlQuery.Kind, SelectColumns.Kind, FilterRows.Kind, DropColumns.Kind, CleanNulls.Kind, Outliers.Kind,
        JoinInputs.Kind, Aggregate.Kind, Deduplicate.Kind, Transforms.Values.Kind,
        NotNull.Kind, Unique.Kind, InRange.Kind, InSet.Kind, Matches.Kind, RowCount.Kind, QueryCheck.Kind,
        LoadParquet.Kind, LoadCsv.Kind, LoadJson.Kind, LoadPostgres.Kind,
        RunProgram.Kind, CallService.Kind,
        NoOp.Kind, AwaitSignal.Kind, Approval.Kind, WaitForTime.Kind, RunOther.Kind,
    ];

    private static readonly Dictionary<string, StepKind> ByName = All.ToDictionary(kind => kind.Name);

    /// <summary>The kind of that name or older name; null when there is none.</summary>
    public static StepKind? Find(string name) => Specs.FindOlder(name) is { } spec ? ByName[spec.Name] : null;

    /// <summary>What can be said of them, to be looked up.</summary>
    public static readonly KindCatalog Specs = new(All.Select(kind => kind.Spec));
}
