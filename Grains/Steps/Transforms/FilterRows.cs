namespace OrleansEtl.Steps.Transforms;

internal static class FilterRows
{
    private static readonly WithField<string> Where =
        Fields.Expression("where", "A condition over the columns of one row; rows for which it is true are kept.")
        .Alias("condition", "filter");

    public static readonly StepKind Kind =
        StepKind.Transform("transform.filter", "Keeps the rows for which a condition is true.")
        .Describe("Rows for which the condition is false or NULL are left out; rows_in less rows_out says how many.")
        .Alias("filter_rows", "filter")
        .Takes(Where)
        .Example("Only late flights", """
            pipeline: late-flights
            steps:
              - id: flights
                kind: extract.generate
                with:
                  rows: 100
                  columns: {flight: {generator: sequence}, delay: {generator: uniform, min: -20, max: 90}}
              - id: late
                kind: transform.filter
                depends_on: [flights]
                with: {where: delay > 15}
            """)
        .Shapes(step => new ShapePlan($"SELECT * FROM {step.Input.From} WHERE {StepCall.Nested(step.Get(Where))}")
        {
            NeedsDataset = PlainSelect.IsVolatile(step.Get(Where)),
        });
}
