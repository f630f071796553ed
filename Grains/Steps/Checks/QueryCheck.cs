using OrleansEtl.Data.Duck;
using OrleansEtl.Steps.Transforms;

namespace OrleansEtl.Steps.Checks;

internal static class QueryCheck
{
    private static readonly WithField<string> Query = Fields.Query(
        "query", "One SELECT that gives the bad rows. The input is a table with the id of its step, and also called "
        + "input.").Alias("sql");

    public static readonly StepKind Kind =
        CheckFields.Begin("check.sql", "A query of one's own finds no bad rows.", Query)
        .Alias("check_sql", "sql_check")
        .Example("Nothing delivered before it was ordered", """
            pipeline: sane-dates
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 10
                  columns:
                    ordered: {generator: timestamp, from: 2024-01-01, to: 2024-02-01}
                    delivered: {generator: timestamp, from: 2024-03-01, to: 2024-04-01}
              - id: sane
                kind: check.sql
                depends_on: [orders]
                with: {query: SELECT * FROM orders WHERE delivered < ordered}
            """)
        .Verifies(step =>
        {
            var bad = $"{SqlQuery.Named(step)} SELECT * FROM {Sql.Nested(step.Get(Query))}";
            return new CheckPlan([new CheckRule.OfDataset(
                null, "the query gives no rows",
                $"SELECT (SELECT count(*) FROM {step.Input.From}), (SELECT count(*) FROM ({bad}))", bad)],
                CheckFields.Tolerance(step));
        });
}
