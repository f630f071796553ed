using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Checks;

/// <summary>What all checks have in common.</summary>
internal static class CheckFields
{
    private const int SamplesMax = 1000;

    private static readonly WithField<string> Severity = Fields.Choice(
        "severity", "fail stops the run when too many rows are bad; warn only reports them.", "warn", "fail")
        .Default("fail");

    private static readonly WithField<long> MaxFailed =
        Fields.Integer("max_failed", "Bad rows that are tolerated.", 0).Default(0);

    private static readonly WithField<double?> MaxFailedRatio =
        Fields.Number("max_failed_ratio", "Instead: the part of the checked rows that is tolerated, 0 to 1.", 0, 1)
        .Optional();

    private static readonly WithField<long> Samples =
        Fields.Integer("samples", "Bad rows shown in the report.", 0, SamplesMax).Default(10);

    public static KindDraft Begin(string name, string summary, params WithField[] fields) =>
        StepKind.Check(name, summary)
        .Takes(fields).Takes(Severity, MaxFailed, MaxFailedRatio, Samples)
        .Port("report", "One row a rule: check, column, rule, rows_checked, rows_failed, passed, sample (bad rows as "
        + "JSON).")
        .Gives("failed_rows", ValueType.Integer, "Bad rows, of all rules together.")
        .Gives("passed", ValueType.Flag, "Whether no rule had more bad rows than tolerated.");

    public static CheckTolerance Tolerance(StepCall step) => new(
        step.Get(Severity) == "fail", step.Get(MaxFailed), step.Get(MaxFailedRatio), (int)step.Get(Samples));

    /// <summary>One rule for each column: a row is bad when the condition is true.</summary>
    public static CheckPlan EachColumn(
        StepCall step, WithField<ImmutableArray<string>> columns, string rule, Func<Column, string> isBad) => new(
        [.. step.Input.FindAll(step.Get(columns)).Distinct()
        .Select(column => (CheckRule)new CheckRule.OfRows(column.Name, rule, isBad(column)))],
        Tolerance(step));

    public static string Name(this Column column) => Sql.Name(column.Name);
}
