using System.Collections.Immutable;

namespace OrleansEtl.Steps.Checks;

internal static class InRange
{
    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns to look at.").Alias("column");
    private static readonly WithField<SpecValue?> Min = Fields.Scalar("min", "The smallest value allowed.").Optional();
    private static readonly WithField<SpecValue?> Max = Fields.Scalar("max", "The largest value allowed.").Optional();

    public static readonly StepKind Kind =
        CheckFields.Begin("check.range", "All values lie between two bounds.", Columns, Min, Max)
        .Describe("The bounds themselves are allowed. They are read as the column's type, so '2024-01-01' is a date "
        + "for a date column. "
            + "NULLs pass; NaN does not.")
        .Alias("check_range", "range")
        .Example("No order before 2020", """
            pipeline: recent-orders
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {day: {generator: timestamp, from: 2024-01-01, to: 2024-02-01}}}
              - id: recent
                kind: check.range
                depends_on: [orders]
                with: {columns: [day], min: "2020-01-01"}
            """)
        .Verifies(Verify);

    private static CheckPlan Verify(StepCall step)
    {
        var (min, max) = (step.Get(Min), step.Get(Max));
        if (min is null && max is null) throw StepFaults.Conflict("give 'min', 'max' or both.");
        var rule = (min, max) switch
        {
            (not null, not null) => $"is from {min.ToPlainText()} to {max.ToPlainText()}",
            (not null, _) => $"is at least {min.ToPlainText()}",
            _ => $"is at most {max!.ToPlainText()}",
        };
        return CheckFields.EachColumn(step, Columns, rule, column => string.Join(" OR ", Bounds(column, min, max)));
    }

    private static IEnumerable<string> Bounds(Column column, SpecValue? min, SpecValue? max)
    {
        // Against whole numbers a bound of 0.5 must not be rounded to 1.
        var type = column.IsWhole() ? "DOUBLE" : column.Type;
        if (min is not null) yield return $"{column.Name()} < {Bound(column, min, type)}";
        if (max is not null) yield return $"{column.Name()} > {Bound(column, max, type)}";
    }

    private static string Bound(Column column, SpecValue value, string type) =>
        column.IsNumber() && value is SpecValue.Integer or SpecValue.Real ? Literal.Of(value) : Literal.As(value, type);
}
