using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Testing;

/// <summary>The tests of one pipeline, as they stand beside it in <c>NAME.test.yaml</c>.</summary>
/// <param name="Pipeline">The path of the pipeline's file.</param>
/// <param name="Text">The file's text, for showing lines of it.</param>
public sealed record TestFile(
    string File, string Pipeline, ImmutableArray<TestCase> Cases, ImmutableArray<Diagnostic> Diagnostics, string Text)
{
    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.Severity == Severity.Error);
}

/// <summary>One run of the pipeline with given rows, and what is expected of it.</summary>
/// <param name="Loads">Whether steps that load are run, to where they load.</param>
/// <param name="Status">Of the whole run; null: succeeded, unless a step is expected to fail.</param>
/// <param name="Environment">Whose values the pipeline gets; null: none.</param>
/// <param name="Occasion">The time that the run is for; null: none.</param>
public sealed record TestCase(
    string Name, ImmutableArray<Field> Params, string? Environment, ImmutableArray<GivenRows> Given, bool Loads, TimeSpan Timeout,
    string? Status, ImmutableArray<ExpectedStep> Expected, RunOccasion? Occasion = null)
{
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(1);
}

/// <summary>Rows that stand in the place of a step: it is not run.</summary>
/// <param name="Columns">Names and types; none: inferred from the rows.</param>
public sealed record GivenRows(StepId Step, ImmutableArray<Field> Columns, ImmutableArray<SpecValue.Map> Rows);

/// <summary>What is expected of a step; null: nothing is.</summary>
/// <param name="Rows">Only their columns are compared.</param>
/// <param name="IsOrdered">Whether the rows are to come in this order.</param>
/// <param name="Columns">All columns, in this order.</param>
/// <param name="Fault">The code of the fault that it fails with.</param>
public sealed record ExpectedStep(
    StepId Step, ImmutableArray<SpecValue.Map>? Rows, bool IsOrdered, ImmutableArray<string>? Columns, long? RowCount, long? Rejected,
    string? Status, string? Fault)
{
    /// <summary>Whether its rows have to be kept to be looked at.</summary>
    public bool LooksAtRows => Rows is not null || Columns is not null;
}
