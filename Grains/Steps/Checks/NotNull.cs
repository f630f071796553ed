using System.Collections.Immutable;

namespace OrleansEtl.Steps.Checks;

internal static class NotNull
{
    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns that have to hold a value in every row.").Alias("column");

    public static readonly StepKind Kind =
        CheckFields.Begin("check.not_null", "Every row has a value in these columns.", Columns)
        .Alias("check_not_null", "not_null")
        .Example("Every order has an id", """
            pipeline: orders-have-ids
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: has_id
                kind: check.not_null
                depends_on: [orders]
                with: {columns: [id]}
            """)
        .Verifies(step => CheckFields.EachColumn(step, Columns, "is not NULL", column => $"{column.Name()} IS NULL"));
}
