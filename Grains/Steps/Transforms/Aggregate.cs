using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class Aggregate
{
    private static readonly string[] Functions =
    [
        "count", "count_distinct", "sum", "avg", "min", "max", "median", "quantile", "stddev", "first", "last",
        "string_agg",
    ];

    private static readonly WithField<ImmutableArray<string>> By =
        Fields.Columns("by", "One row for each combination of these columns. Default: one row for all.")
        .Alias("group_by").Optional();

    private static readonly WithField<string> Function = Fields.Choice("function", "What to compute.", Functions)
        .Alias("agg");

    private static readonly WithField<string?> Column =
        Fields.Column("column", "Of which column; count without one counts rows.").Optional();

    private static readonly WithField<double> Quantile = Fields.Number("q", "For quantile: which, 0 to 1.", 0, 1)
        .Default(0.5);
    private static readonly WithField<string> Separator = Fields.Text("separator", "For string_agg.").Default(",");

    private static readonly WithField<ImmutableArray<string>> OrderBy =
        Fields.Texts("order_by", "Needed for first, last and string_agg. " + Ordering.Summary).Optional();

    private static readonly WithField<string?> Where = Fields.Expression("where", "Only rows for which this is true.")
        .Optional();

    private sealed record Measure(string? Expression, With With);

    private static readonly WithField<ImmutableArray<KeyValuePair<string, Measure>>> Measures = Fields.Records(
        "measures", "The computed columns: {name: {function, column, …}} or {name: expression}, such as {total: "
        + "sum(amount)}.",
        [Function, Column, Quantile, Separator, OrderBy, Where], with => new Measure(null, with),
        (new FieldType.Expression(), text => new Measure(text, default))).Alias("aggregations", "aggregates");

    public static readonly StepKind Kind =
        StepKind.Transform("transform.aggregate", "Groups rows and computes counts, sums, averages ….")
        .Describe("All but count of rows leave NULLs out. quantile and median interpolate. stddev is that of a sample.")
        .Alias("aggregate", "group_by", "summarize")
        .Takes(By, Measures)
        .Example("Delays by airport", """
            pipeline: delays
            steps:
              - id: flights
                kind: extract.generate
                with:
                  rows: 1000
                  columns:
                    origin: {generator: choice, values: [SFO, LAX, JFK]}
                    delay: {generator: normal, mean: 10, stddev: 20}
              - id: by_airport
                kind: transform.aggregate
                depends_on: [flights]
                with:
                  by: [origin]
                  measures:
                    flights: {function: count}
                    worst: {function: quantile, column: delay, q: 0.95}
                    late_share: avg(CASE WHEN delay > 15 THEN 1 ELSE 0 END)
            """)
        .Shapes(Group);

    private static ShapePlan Group(StepCall step)
    {
        var by = step.Input.FindAll(step.Get(By)).Select(column => column.Name).ToList();
        var measures = step.Get(Measures);
        var twice = by.Concat(measures.Select(measure => measure.Key))
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw StepFaults.ColumnTwice(twice.Key);

        var items = by.Select(Sql.Name)
            .Concat(measures.Select(one => $"{Computed(one.Key, one.Value, step.Input)} AS {Sql.Name(one.Key)}"));
        var group = by.Count == 0 ? "" : $" GROUP BY {Sql.Names(by)}";
        return new ShapePlan($"SELECT {string.Join(", ", items)} FROM {step.Input.From}{group}");
    }

    private static string Computed(string name, Measure measure, StepInput input)
    {
        if (measure.Expression is not null) return StepCall.Nested(measure.Expression);
        var with = measure.With;
        var filter = with.Get(Where) is { } where ? $" FILTER (WHERE {StepCall.Nested(where)})" : "";
        return Called(name, with, input) + filter;
    }

    private static string Called(string name, With with, StepInput input)
    {
        var function = with.Get(Function);
        if (function == "count" && !with.Has(Column)) return "count(*)";
        var column = input.Sql(
            with.Get(Column) ?? throw StepFaults.Conflict($"measure '{name}': {function} needs a column."));
        return function switch
        {
            "count_distinct" => $"count(DISTINCT {column})",
            "quantile" => $"quantile_cont({column}, {Sql.Number(with.Get(Quantile))})",
            "stddev" => $"stddev_samp({column})",
            "first" => $"first({column} {Ordered()})",
            "last" => $"last({column} {Ordered()})",
            "string_agg" => $"string_agg({column}, {Sql.Text(with.Get(Separator))} {Ordered()})",
            _ => $"{function}({column})",
        };

        string Ordered() => with.Get(OrderBy) is { IsEmpty: false } order
            ? Ordering.By(input, order)
            : throw StepFaults.Conflict(
                $"measure '{name}': {function} needs 'order_by'.", "Rows of a group have no order of their own.");
    }
}
