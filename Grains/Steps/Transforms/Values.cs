using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class Values
{
    private static readonly string[] Types = ["text", "integer", "number", "flag", "date", "timestamp", "any"];

    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Declared = Fields.Map(
        "values", new FieldType.Choice([.. Types]),
        "The values by name, each with its type: text, integer, number, flag, date, timestamp, any.");

    private static readonly WithField<string> Query = Fields.Query(
        "query", "One SELECT that gives one row with a column for each value. The inputs are tables with the ids of "
        + "their steps.").Alias("sql");

    public static readonly StepKind Kind = StepKind.Transform(
            "transform.values", "Computes small values for {{ steps.ID.values.NAME }} in later steps.")
        .Describe("The values are also a dataset of one row. Together they may have 64 KB.")
        .Reads(InputArity.Any, Fusing.Tail)
        .Takes(Query, Declared)
        .Declares("values")
        .Example("The newest day, used by a later step", """
            pipeline: newest-day
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 50
                  columns: {day: {generator: timestamp, from: 2024-01-01, to: 2024-02-01}}
              - id: newest
                kind: transform.values
                depends_on: [orders]
                with:
                  query: SELECT max(day)::DATE AS day FROM orders
                  values: {day: date}
              - id: of_that_day
                kind: transform.sql
                depends_on: [orders, newest]
                with: {query: "SELECT * FROM orders WHERE day::DATE = {{ steps.newest.values.day }}"}
            """)
        .Shapes(Compute);

    private static ShapePlan Compute(StepCall step)
    {
        var items = step.Get(Declared).Select(value => value.Value == "any"
            ? Sql.Name(value.Key) : $"CAST({Sql.Name(value.Key)} AS {Type(value.Value)}) AS {Sql.Name(value.Key)}");
        return new ShapePlan(
            $"{SqlQuery.Named(step)} SELECT {string.Join(", ", items)} FROM {Sql.Nested(step.Get(Query))}")
        {
            NeedsDataset = !PlainSelect.Is(step.Get(Query)),
            GivesValues = true,
        };
    }

    private static string Type(string word) => word switch
    {
        "text" => "VARCHAR",
        "integer" => "BIGINT",
        "number" => "DOUBLE",
        "flag" => "BOOLEAN",
        "date" => "DATE",
        _ => "TIMESTAMP",
    };
}
