using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Checks;

internal static class Unique
{
    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns that together are different in every row.").Alias("column", "keys");

    public static readonly StepKind Kind =
        CheckFields.Begin("check.unique", "No two rows are equal in these columns.", Columns)
        .Describe("All rows that share a key count as bad. Rows with a NULL in a key column are not compared. "
            + "The sample shows keys and how often each occurs.")
        .Alias("check_unique", "unique")
        .Example("Every order occurs once", """
            pipeline: orders-are-unique
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: once
                kind: check.unique
                depends_on: [orders]
                with: {columns: [id]}
            """)
        .Verifies(Verify);

    private static CheckPlan Verify(StepCall step)
    {
        var names = step.Input.FindAll(step.Get(Columns)).Select(column => column.Name).Distinct().ToList();
        var keys = Sql.Names(names);
        var given = string.Join(" AND ", names.Select(name => $"{Sql.Name(name)} IS NOT NULL"));
        var groups = $"SELECT {keys}, count(*) AS occurrences FROM {step.Input.From} WHERE {given} GROUP BY {keys}";
        return new CheckPlan([new CheckRule.OfDataset(
            string.Join(", ", names), "is unique",
            $"SELECT coalesce(sum(occurrences), 0)::BIGINT, coalesce(sum(occurrences) FILTER (WHERE occurrences > 1), "
            + $"0)::BIGINT FROM ({groups})",
            $"{groups} HAVING count(*) > 1 ORDER BY occurrences DESC, {keys}")], CheckFields.Tolerance(step));
    }
}
