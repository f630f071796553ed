using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Datasets;

/// <summary>Schema, rows and statistics from the files' own footers: no second scan, and a check that the files can be
/// read.</summary>
internal static class ParquetStatistics
{
    public static (long Rows, ImmutableArray<ManifestColumn> Columns) Read(
        DuckSession session, ImmutableArray<string> files, CancellationToken cancellation)
    {
        var list = Sql.Files(files);
        var columns = session.DescribeTypes(
            $"SELECT * FROM read_parquet({list}, hive_partitioning = false)", cancellation);
        var rows = session.Count($"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({list})", cancellation);
        if (rows == 0)
            return (0, [.. columns.Select(column =>
                new ManifestColumn(column.Name, column.Type.Text, 0, null, null, 0))]);

        var figures = string.Join(", ", columns.Select((column, i) => Figures(column.Name, column.Type)));
        using var result = session.Query($"SELECT {figures} FROM parquet_metadata({list})", cancellation);
        result.Read();
        return (rows, [.. columns.Select((column, i) => new ManifestColumn(
            column.Name, column.Type.Text,
            Whole(result, i * 4), result.Text(i * 4 + 1), result.Text(i * 4 + 2), Whole(result, i * 4 + 3)))]);
    }

    private static long? Whole(DuckRows row, int column) => row.IsNull(column) ? null : row.Int64(column);

    /// <summary>
    /// Nulls, least, greatest, distinct. A figure that one row group lacks is lacking for all; a least or greatest
    /// value that is only a prefix is left out; distinct values of several groups cannot be added.
    /// </summary>
    private static string Figures(string name, DuckType type)
    {
        var mine = $"FILTER (WHERE path_in_schema = {Sql.Text(name)})";
        var nulls = $"CASE WHEN count(stats_null_count) {mine} = count(*) {mine} AND count(*) {mine} > 0 "
            + $"THEN sum(stats_null_count) {mine} END";
        var distinct = $"CASE WHEN count(*) {mine} = 1 THEN max(stats_distinct_count) {mine} END";
        if (!IsComparable(type.Kind)) return $"({nulls})::BIGINT, NULL, NULL, ({distinct})::BIGINT";
        var extremes = $"{Extreme("min", type.Text, mine)}, {Extreme("max", type.Text, mine)}";
        return $"({nulls})::BIGINT, {extremes}, ({distinct})::BIGINT";
    }

    private static string Extreme(string which, string type, string mine)
    {
        var value = $"stats_{which}_value";
        var whole = $"{which}_is_exact OR ({value} IS NULL AND stats_null_count = num_values)";
        var exact = $"coalesce(bool_and({whole}) {mine}, false)";
        return $"CASE WHEN {exact} THEN ({which}(TRY_CAST({value} AS {type})) {mine})::VARCHAR END";
    }

    private static bool IsComparable(DuckKind kind) => kind
        is DuckKind.Boolean or DuckKind.Float or DuckKind.Double or DuckKind.Decimal or DuckKind.Varchar
        or DuckKind.TinyInt or DuckKind.SmallInt or DuckKind.Integer or DuckKind.BigInt
        or DuckKind.UTinyInt or DuckKind.USmallInt or DuckKind.UInteger or DuckKind.UBigInt
        or DuckKind.Date or DuckKind.Time or DuckKind.Timestamp or DuckKind.TimestampTz or DuckKind.TimestampNanos;
}
