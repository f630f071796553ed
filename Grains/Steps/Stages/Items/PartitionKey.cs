using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>
/// The name of a partition of a dataset: <c>country=DE/day=2026-01-01</c>, as Hive and Spark name folders. It alone says which rows are meant: two
/// partitions never have the same name, whatever their values hold, and the values are read back from it. What Hive escapes is escaped,
/// so that a folder of that name is read by others as what it is.
/// </summary>
internal static class PartitionKey
{
    private const string Null = "__HIVE_DEFAULT_PARTITION__";
    private const string EscapedNull = "%5F_HIVE_DEFAULT_PARTITION__";

    /// <summary>The percent sign first: it is what escapes the others.</summary>
    private static readonly ImmutableArray<char> Escaped =
        [.. "%\"#'*/:=?\\{[]^\u007f", .. Enumerable.Range(0, 32).Select(code => (char)code)];

    /// <summary>A SELECT of the partitions of rows, in their order: the number, name and fields of each.</summary>
    public static string Select(string rows, ImmutableArray<Column> by)
    {
        var columns = Sql.Names(by.Select(column => column.Name));
        var order = string.Join(", ", by.Select(column => $"{Sql.Name(column.Name)} NULLS LAST"));
        var key = string.Join(" || '/' || ", by.Select(column => $"{Sql.Text(Escape(column.Name) + "=")} || {Text(column)}"));
        var fields = string.Join(", ", by.Select(column => $"{Sql.Text(column.Name)}, {Field(column)}"));
        return $"""
            SELECT (row_number() OVER (ORDER BY {order}) - 1)::BIGINT AS "index", {key} AS "key", json_object({fields}, 'rows', "rows")::VARCHAR AS item
            FROM (SELECT {columns}, count(*) AS "rows" FROM {Sql.Nested(rows)} GROUP BY {columns})
            """;
    }

    /// <summary>Roughly how many partitions there are, by reading their columns once.</summary>
    public static string Estimate(string rows, ImmutableArray<Column> by) =>
        $"SELECT approx_count_distinct(hash({Sql.Names(by.Select(column => column.Name))})) FROM {Sql.Nested(rows)}";

    public static DatasetPartition PartitionOf(ItemRow row) => new(row.Key, ((SpecValue.Integer)((SpecValue.Map)row.Value)["rows"]!).Value);

    /// <summary>The rows of a partition, by conditions that a scan of Parquet files takes over: it leaves out what cannot hold them.</summary>
    public static string Rows(string rows, DatasetPartition partition, ImmutableArray<Column> columns)
    {
        var conditions = partition.Key.Split('/').Select(part =>
        {
            var at = part.IndexOf('=');
            var column = columns.First(one => one.Name.Equals(Uri.UnescapeDataString(part[..at]), StringComparison.OrdinalIgnoreCase));
            return part[(at + 1)..] is var value && value == Null
                ? $"{Sql.Name(column.Name)} IS NULL"
                : $"{Sql.Name(column.Name)} = CAST({Sql.Text(Uri.UnescapeDataString(value))} AS {column.Type})";
        });
        return $"{rows} WHERE {string.Join(" AND ", conditions)}";
    }

    /// <summary>Whether the column's values can be told apart by their texts.</summary>
    public static bool CanTell(Column column) =>
        !column.Type.EndsWith(']') && !column.Type.StartsWith("STRUCT", StringComparison.Ordinal) && !column.Type.StartsWith("MAP", StringComparison.Ordinal)
        && !column.Type.StartsWith("UNION", StringComparison.Ordinal);

    private static string Text(Column column)
    {
        var name = Sql.Name(column.Name);
        // As a text it would depend on where the process runs.
        var text = column.Type == "TIMESTAMP WITH TIME ZONE" ? $"(make_timestamp(epoch_us({name}))::VARCHAR || '+00')" : $"{name}::VARCHAR";
        var escaped = Escaped.Aggregate(text, (sql, sign) => $"replace({sql}, {Sql.Text(sign.ToString())}, {Sql.Text(Escape(sign))})");
        return $"CASE WHEN {name} IS NULL THEN '{Null}' WHEN {text} = '{Null}' THEN '{EscapedNull}' ELSE {escaped} END";
    }

    /// <summary>JSON has no word for numbers that are none.</summary>
    private static string Field(Column column) => column.Type is "DOUBLE" or "FLOAT"
        ? $"CASE WHEN isfinite({Sql.Name(column.Name)}) THEN to_json({Sql.Name(column.Name)}) ELSE to_json({Sql.Name(column.Name)}::VARCHAR) END"
        : Sql.Name(column.Name);

    private static string Escape(string name) => string.Concat(name.Select(sign => Escaped.Contains(sign) ? Escape(sign) : sign.ToString()));

    private static string Escape(char sign) => $"%{(int)sign:X2}";
}
