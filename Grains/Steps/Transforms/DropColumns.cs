using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class DropColumns
{
    private static readonly WithField<System.Collections.Immutable.ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns to leave out.").Alias("column", "columns_to_drop");

    public static readonly StepKind Kind = StepKind.Transform("transform.drop_columns", "Leaves columns out.")
        .Describe("All other columns stay, in their order. At least one has to stay.")
        .Alias("drop_columns", "delete_columns", "remove_columns")
        .Takes(Columns)
        .Example("Without the note", """
            pipeline: no-notes
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 10
                  columns: {id: {generator: sequence}, note: {generator: text, pattern: "note ???"}}
              - id: slim
                kind: transform.drop_columns
                depends_on: [orders]
                with: {columns: [note]}
            """)
        .Shapes(Drop);

    private static ShapePlan Drop(StepCall step)
    {
        var dropped = step.Input.FindAll(step.Get(Columns)).ToHashSet();
        var kept = step.Input.Columns.Where(column => !dropped.Contains(column)).Select(column => column.Name).ToList();
        if (kept.Count == 0) throw StepFaults.Conflict(
            "columns names every column of the input; at least one has to stay.");
        return new ShapePlan($"SELECT {Sql.Names(kept)} FROM {step.Input.From}") { KeepsCount = true };
    }
}
