using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class SqlQuery
{
    private static readonly WithField<string> Query = Fields.Query(
        "query", "One SELECT. The inputs are tables with the ids of their steps; a single input is also called input.")
        .Alias("sql");

    public static readonly StepKind Kind = StepKind.Transform("transform.sql", "Runs one SELECT over the inputs.")
        .Describe("The SQL is DuckDB's. It may read the step's inputs and nothing else. A port is a table with a dot "
        + "in its name: "
            + "\"orders.rejects\". A plain SELECT over one input runs in one query with the steps before it.")
        .Alias("sql", "sql_transform", "transform_sql")
        .Reads(InputArity.OneOrMore, Fusing.Link)
        .Takes(Query)
        .Example("Totals a day", """
            pipeline: totals
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 100
                  columns:
                    day: {generator: timestamp, from: 2024-01-01, to: 2024-01-31}
                    amount: {generator: uniform, min: 1, max: 99}
              - id: totals
                kind: transform.sql
                depends_on: [orders]
                with:
                  query: |
                    SELECT day::DATE AS day, count(*) AS orders, sum(amount) AS amount
                    FROM orders GROUP BY day::DATE
            """)
        .Shapes(step => new ShapePlan($"{Named(step)} SELECT * FROM {Sql.Nested(step.Get(Query))}")
        {
            NeedsDataset = !PlainSelect.Is(step.Get(Query)),
        });

    /// <summary>The inputs under the names by which people know them.</summary>
    public static string Named(StepCall step)
    {
        var names = step.Inputs.Select(input => (input.Name, input.From)).ToList();
        if (names.Count == 1 && names[0].Name != "input") names.Add(("input", names[0].From));
        return names.Count == 0 ? "" : "WITH " + string.Join(", ", names.Select(one =>
            $"{Sql.Name(one.Name)} AS NOT MATERIALIZED (SELECT * FROM {one.From})"));
    }
}
