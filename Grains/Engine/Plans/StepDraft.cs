using System.Collections.Immutable;

namespace OrleansEtl.Engine.Plans;

/// <summary>A step while it is checked.</summary>
/// <param name="Kind">Null when there is no such kind; then nothing that follows from the kind is reported.</param>
/// <param name="DependsOn">The dependencies that exist, each once.</param>
/// <param name="HasAllDependencies">Whether every one that was written exists.</param>
/// <param name="Fields">Its <c>with</c>, held against the kind.</param>
internal sealed record StepDraft(
    int Index, StepSpec Spec, KindSpec? Kind, ImmutableArray<int> DependsOn, bool HasAllDependencies, WrittenFields Fields)
{
    public string Path => SpecPath.Step(Index);
    public StepCondition Condition { get; set; } = new StepCondition.OnSuccess();
    public ImmutableArray<PlannedInput> Inputs { get; set; } = [];
    public ImmutableArray<PlannedInput> ItemInputs { get; set; } = [];

    /// <summary>How old a result of the same work may be to be taken instead; null: none is.</summary>
    public TimeSpan? Reuse { get; set; }

    /// <summary>The datasets that it gives: those of its kind, and those that it names itself.</summary>
    public ImmutableArray<string> Ports { get; } = Kind is null ? [] : PortsOf(Kind, Spec);

    /// <summary>Whether it gives a dataset at that port; a step of an unknown kind might.</summary>
    public bool HasPort(string port) => Kind is null || Ports.Contains(port);

    public static ImmutableArray<string> PortsOf(KindSpec kind, StepSpec spec) =>
        [.. kind.Ports.Select(p => p.Name), .. Declared(kind, spec), .. spec.ForEach is null ? [] : new[] { PlannedInput.Items }];

    public static IEnumerable<string> Declared(KindSpec kind, StepSpec spec) =>
        kind.DeclaresPorts is { } field && spec.With[field] is SpecValue.Map ports ? ports.Fields.Select(p => p.Name) : [];
}
