using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class Outliers
{
    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "Columns of numbers to look at.").Alias("column");

    private static readonly WithField<string> Method = Fields.Choice(
        "method", "iqr: beyond the quartiles by factor times their distance. zscore: beyond the mean by factor "
        + "standard deviations.",
        "iqr", "zscore").Default("iqr");

    private static readonly WithField<double?> Factor =
        Fields.Number("factor", "Default: 1.5 for iqr, 3 for zscore.", 0).Alias("threshold").Optional();

    private static readonly WithField<string> Action = Fields.Choice(
        "action", "drop leaves the row out, cap sets the value to the bound, flag adds a column <column>_outlier.",
        "drop", "cap", "flag").Default("drop");

    public static readonly StepKind Kind =
        StepKind.Transform("transform.outliers", "Drops, caps or flags values far from the others.")
        .Describe("The bounds are those of the whole input. NULLs are no outliers and stay. Capping whole numbers "
        + "takes the nearest "
            + "whole number within the bounds.")
        .Alias("outliers", "remove_outliers", "handle_outliers", "clean_outliers")
        .Takes(Columns, Method, Factor, Action)
        .Example("Cap extreme delays", """
            pipeline: no-extremes
            steps:
              - id: flights
                kind: extract.generate
                with:
                  rows: 1000
                  columns: {id: {generator: sequence}, delay: {generator: normal, mean: 10, stddev: 5}}
              - id: capped
                kind: transform.outliers
                depends_on: [flights]
                with: {columns: [delay], method: zscore, factor: 2, action: cap}
            """)
        .Shapes(Treat);

    private sealed record Bounded(Column Column, int Index)
    {
        public string Name => Sql.Name(Column.Name);
        public string Low => $"_bounds.low{Index}";
        public string High => $"_bounds.high{Index}";
        public string IsOut => $"coalesce({Name}::DOUBLE < {Low} OR {Name}::DOUBLE > {High}, FALSE)";

        // A whole number within the bounds, or else rounding could step over them.
        public string Capped => Column.IsWhole()
            ? $"CASE WHEN {Name}::DOUBLE < {Low} THEN ceil({Low}) WHEN {Name}::DOUBLE > {High} THEN floor({High}) "
            + $"ELSE {Name} END"
            : $"CASE WHEN {Name}::DOUBLE < {Low} THEN {Low} WHEN {Name}::DOUBLE > {High} THEN {High} ELSE {Name} END";
    }

    private static ShapePlan Treat(StepCall step)
    {
        var input = step.Input;
        var columns = input.FindAll(step.Get(Columns)).Distinct().Select((column, i) => new Bounded(column, i))
            .ToList();
        foreach (var one in columns)
            if (!one.Column.IsNumber()) throw ColumnTypes.NotNumber(one.Column, "looking for outliers");

        var from = $"FROM {input.From} CROSS JOIN ({Bounds(step, columns)}) AS _bounds";
        var names = Sql.Names(input.ColumnNames);
        var select = step.Get(Action) switch
        {
            "drop" => $"SELECT {names} {from} WHERE NOT ({string.Join(" OR ", columns.Select(one => one.IsOut))})",
            "cap" => $"SELECT {string.Join(", ", input.Columns.Select(column => Capped(column, columns)))} {from}",
            _ => $"SELECT {names}, {string.Join(", ", columns.Select(one => $"{one.IsOut} AS {Flag(one, input)}"))} "
            + $"{from}",
        };
        return new ShapePlan(select) { NeedsDataset = true, KeepsCount = step.Get(Action) != "drop" };
    }

    private static string Bounds(StepCall step, List<Bounded> columns)
    {
        var iqr = step.Get(Method) == "iqr";
        var factor = Sql.Number(step.Get(Factor) ?? (iqr ? 1.5 : 3));
        var measured = columns.Select(one => iqr
            ? $"quantile_cont({one.Name}::DOUBLE, 0.25) AS a{one.Index}, quantile_cont({one.Name}::DOUBLE, 0.75) AS "
            + $"b{one.Index}"
            : $"avg({one.Name}::DOUBLE) AS a{one.Index}, stddev_samp({one.Name}::DOUBLE) AS b{one.Index}");
        var bounds = columns.Select(one => iqr
            ? $"a{one.Index} - {factor} * (b{one.Index} - a{one.Index}) AS low{one.Index}, "
              + $"b{one.Index} + {factor} * (b{one.Index} - a{one.Index}) AS high{one.Index}"
            : $"a{one.Index} - {factor} * b{one.Index} AS low{one.Index}, a{one.Index} + {factor} * b{one.Index} AS "
            + $"high{one.Index}");
        return $"SELECT {string.Join(", ", bounds)} FROM (SELECT {string.Join(", ", measured)} FROM {step.Input.From})";
    }

    private static string Capped(Column column, List<Bounded> columns) =>
        columns.Find(one => one.Column == column) is { } bounded
            ? $"CAST({bounded.Capped} AS {column.Type}) AS {bounded.Name}" : Sql.Name(column.Name);

    private static string Flag(Bounded one, StepInput input)
    {
        var name = $"{one.Column.Name}_outlier";
        return input.ColumnNames.Contains(name, StringComparer.OrdinalIgnoreCase) ? throw StepFaults.ColumnTwice(name)
            : Sql.Name(name);
    }
}
