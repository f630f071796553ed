using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class CleanNulls
{
    private sealed record Rule(string Method, SpecValue? Value);

    private static readonly string[] Methods = ["drop", "mean", "median", "mode", "value", "forward"];

    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns to clean. Default: all, or those in per_column.").Alias("column")
        .Optional();

    private static readonly WithField<string> Method = Fields.Choice(
        "method", "drop leaves the row out; the others fill in the column's mean, median or most frequent value, the "
        + "given value, "
        + "or the last value before in the order.", Methods).Alias("strategy").Default("drop");

    private static readonly WithField<SpecValue?> Value =
        Fields.Scalar("value", "What to fill in, for method value.").Alias("fill_value").Optional();

    private static readonly WithField<string> RuleMethod =
        Fields.Choice("method", "As above, for this column.", Methods);

    private static readonly WithField<ImmutableArray<KeyValuePair<string, Rule>>> PerColumn = Fields.Records(
        "per_column", "Methods for single columns: {column: method} or {column: {method, value}}.",
        [RuleMethod, Value], rule => new Rule(rule.Get(RuleMethod), rule.Get(Value)),
        (new FieldType.Choice([.. Methods]), method => new Rule(method, null))).Optional();

    private static readonly WithField<ImmutableArray<string>> OrderBy =
        Fields.Texts("order_by", Ordering.Summary + " Needed for forward.").Optional();

    private static readonly WithField<ImmutableArray<string>> By =
        Fields.Columns("by", "forward fills within rows that are equal in these columns.").Optional();

    public static readonly StepKind Kind =
        StepKind.Transform("transform.clean_nulls", "Drops rows with NULLs or fills them in.")
        .Describe("A filled column keeps its type: the mean of whole numbers is rounded. Of several most frequent "
        + "values mode takes "
            + "the smallest. A NULL that forward finds nothing before stays NULL.")
        .Alias("clean_nulls", "fill_nulls", "handle_nulls", "clean_missing")
        .Takes(Columns, Method, Value, PerColumn, OrderBy, By)
        .Example("Drop rows without an id, fill missing delays", """
            pipeline: no-nulls
            steps:
              - id: flights
                kind: extract.generate
                with:
                  rows: 100
                  columns:
                    id: {generator: sequence}
                    delay: {generator: normal, mean: 10, stddev: 5, null_ratio: 0.2}
              - id: clean
                kind: transform.clean_nulls
                depends_on: [flights]
                with: {per_column: {id: drop, delay: median}}
            """)
        .Shapes(Clean);

    private static ShapePlan Clean(StepCall step)
    {
        var input = step.Input;
        var rules = Rules(step);
        var dropping = input.Columns.Where(column => rules.GetValueOrDefault(column.Name)?.Method == "drop").ToList();
        var where = dropping.Count == 0 ? ""
            : $" WHERE {string.Join(" AND ", dropping.Select(column => $"{Sql.Name(column.Name)} IS NOT NULL"))}";
        var fills = input.Columns.Select(column => (Column: column, Rule: rules.GetValueOrDefault(column.Name)))
            .Where(fill => fill.Rule is { Method: not "drop" })
            .Select(fill => $"{Filled(step, fill.Column, fill.Rule!)} AS {Sql.Name(fill.Column.Name)}").ToList();
        var items = fills.Count == 0 ? "*" : $"* REPLACE ({string.Join(", ", fills)})";
        return new ShapePlan($"SELECT {items} FROM {input.From}{where}")
        {
            KeepsCount = dropping.Count == 0,
            NeedsDataset = rules.Values.Any(rule => rule.Method is "mean" or "median" or "mode"),
        };
    }

    private static Dictionary<string, Rule> Rules(StepCall step)
    {
        var rules = new Dictionary<string, Rule>(StringComparer.Ordinal);
        var (single, named) = (step.Get(PerColumn), step.Get(Columns));
        if (named.IsEmpty && single.IsEmpty) named = [.. step.Input.ColumnNames];
        foreach (var column in step.Input.FindAll(named)) rules[column.Name] =
            new Rule(step.Get(Method), step.Get(Value));
        foreach (var (name, rule) in single) rules[step.Input.Find(name).Name] = rule;
        return rules;
    }

    private static string Filled(StepCall step, Column column, Rule rule)
    {
        var (name, from) = (Sql.Name(column.Name), step.Input.From);
        return rule.Method switch
        {
            "value" => $"coalesce({name}, {Literal.As(rule.Value ?? throw Missing(column, "value"), column.Type)})",
            "mean" when column.IsNumber() =>
            $"coalesce({name}, CAST((SELECT avg({name}) FROM {from}) AS {column.Type}))",
            "mean" => throw ColumnTypes.NotNumber(column, "mean"),
            "median" => $"coalesce({name}, CAST((SELECT median({name}) FROM {from}) AS {column.Type}))",
            "mode" => $"coalesce({name}, (SELECT {name} FROM {from} WHERE {name} IS NOT NULL "
                + $"GROUP BY {name} ORDER BY count(*) DESC, {name} LIMIT 1))",
            "forward" => Forward(step, column),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static string Forward(StepCall step, Column column)
    {
        var order = step.Get(OrderBy);
        if (order.IsEmpty) throw Missing(column, "order_by");
        var by = step.Get(By) is { IsEmpty: false } names
            ? $"PARTITION BY {string.Join(", ", names.Select(step.Input.Sql))} " : "";
        return $"last_value({Sql.Name(column.Name)} IGNORE NULLS) OVER ({by}{Ordering.By(step.Input, order)} "
            + "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)";
    }

    private static FaultException Missing(Column column, string field) => StepFaults.Conflict(
        $"column '{column.Name}' is to be filled, but '{field}' is not given.",
        field == "order_by" ? "Rows of a dataset have no order of their own: name the columns that give one." : null);
}
