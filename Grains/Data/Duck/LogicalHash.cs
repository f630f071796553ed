namespace OrleansEtl.Data.Duck;

/// <summary>
/// Names the rows of a query whatever their order: two results with the same columns and rows have the same hash. Whole
/// numbers and decimals count by their value, whatever their width; doubles by their first seven digits, since a
/// parallel sum differs in its last bits from run to run, and less than 1e-12 counts as nothing. For comparing results
/// of one DuckDB version, not for keeping.
/// </summary>
public static class LogicalHash
{
    /// <summary>Moves values off the border between two roundings: borders lie at short decimals, and so do people's
    /// numbers.</summary>
    private const string Nudge = "1.0000000371";

    public static string Of(DuckSession session, string select, CancellationToken cancellation = default)
    {
        var columns = session.DescribeTypes(select, cancellation);
        var values = columns.Select(column => Canonical(Sql.Name(column.Name), column.Type));
        using var rows = session.Query(
            "SELECT count(*), coalesce(sum(h::HUGEINT), 0)::VARCHAR, coalesce(bit_xor(h), 0)::VARCHAR "
            + $"FROM (SELECT hash({string.Join(", ", values)}) h FROM {Sql.Nested(select)})", cancellation);
        rows.Read();
        var names = string.Join(", ", columns.Select(column => column.Name));
        return $"{rows.Int64(0)} rows {rows.Text(1)} {rows.Text(2)} ({names})";
    }

    private static string Canonical(string name, DuckType type) => type.Kind switch
    {
        DuckKind.Float or DuckKind.Double => Rounded(name),
        DuckKind.Decimal when type.Size > 0 => $"rtrim(rtrim({name}::VARCHAR, '0'), '.')",
        DuckKind.List when type.Parts[0].Kind is DuckKind.Float or DuckKind.Double =>
            $"list_transform({name}, lambda x: {Rounded("x")})::VARCHAR",
        _ => $"{name}::VARCHAR",
    };

    private static string Rounded(string name) =>
        $"CASE WHEN abs({name}) < 1e-12 THEN '0' "
        + $"WHEN isfinite({name}) THEN format('{{:.6e}}', {name}::DOUBLE * {Nudge}) ELSE {name}::VARCHAR END";
}
