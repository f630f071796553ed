using System.Collections.Immutable;

namespace OrleansEtl.Steps.Checks;

internal static class InSet
{
    private const int ValuesNamedMax = 10;

    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns to look at.").Alias("column");
    private static readonly WithField<ImmutableArray<SpecValue>> Allowed =
        Fields.Scalars("values", "The values allowed.").Alias("allowed", "allowed_values");

    public static readonly StepKind Kind =
        CheckFields.Begin("check.in_set", "All values are among those named.", Columns, Allowed)
        .Describe("NULLs pass.")
        .Alias("check_in_set", "in_set", "accepted_values")
        .Example("Only known states", """
            pipeline: known-states
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {state: {generator: choice, values: [open, paid]}}}
              - id: known
                kind: check.in_set
                depends_on: [orders]
                with: {columns: [state], values: [open, paid, sent]}
            """)
        .Verifies(step =>
        {
            var values = step.Get(Allowed).Where(value => value is not SpecValue.Null).ToList();
            var named = string.Join(", ", values.Take(ValuesNamedMax).Select(value => value.ToPlainText()));
            return CheckFields.EachColumn(
                step, Columns, $"is one of {named}{(values.Count > ValuesNamedMax ? ", …" : "")}",
                column => $"{column.Name()} NOT IN "
                + $"({string.Join(", ", values.Select(value => Literal.As(value, column.Type)))})");
        });
}
