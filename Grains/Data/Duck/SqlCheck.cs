using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace OrleansEtl.Data.Duck;

/// <summary>A column of an input that a query reads; <c>*</c> stands for all.</summary>
public readonly record struct ColumnUse(string Input, string Column);

/// <summary>What the tree of a user's SQL says.</summary>
/// <param name="Sql">The text without its closing semicolon, fit to stand in parentheses.</param>
/// <param name="Inputs">The declared inputs that it reads, as they were declared.</param>
/// <param name="Columns">Columns that it reads, as far as the text alone tells: qualified ones, and all where there is
/// one table.</param>
public sealed record CheckedSql(
    string Sql, ImmutableArray<Fault> Faults, ImmutableArray<string> Inputs, ImmutableArray<ColumnUse> Columns)
{
    /// <summary>Whether the same rows may give something else at another time: it names the clock or chance, or takes a sample.</summary>
    public bool Varies { get; init; }

    /// <summary>Itself, or the first fault as an exception.</summary>
    public CheckedSql OrThrow() => Faults.IsEmpty ? this : throw new FaultException(Faults[0]);
}

/// <summary>
/// The first wall around SQL that users write: it is one SELECT, and its tree names only declared inputs, its own WITH
/// names, and functions that compute. The tree comes from DuckDB's own parser, so there is no second opinion on what
/// the text means, and what the walk does not know is refused. The engine's shut-in configuration is the second wall.
/// </summary>
public static class SqlCheck
{
    /// <summary>Text longer than this is not looked at.</summary>
    public const int SqlBytesMax = 1 << 20;

    /// <param name="inputs">The names under which the query may read; upper and lower case do not matter.</param>
    /// <param name="path">Where the SQL stands in the spec.</param>
    public static CheckedSql Select(DuckSession session, string sql, IEnumerable<string> inputs, string? path = null)
    {
        if (Encoding.UTF8.GetByteCount(sql) > SqlBytesMax)
            return Refused(sql, path, DataCodes.SqlNotOneSelect, $"the SQL is longer than {SqlBytesMax} bytes.", null);
        try
        {
            return Walk(session, sql, [.. inputs], path);
        }
        catch (Exception deep) when (deep is JsonException or InsufficientExecutionStackException)
        {
            return Refused(sql, path, DataCodes.SqlInvalid, "the SQL is nested too deeply.", null);
        }
    }

    private static CheckedSql Walk(DuckSession session, string sql, ImmutableArray<string> inputs, string? path)
    {
        var json = Serialize(session, sql);
        using var tree = Tree(json);
        var root = tree.RootElement;
        if (root.GetProperty("error").GetBoolean()) return Unreadable(sql, path, root);
        var count = root.GetProperty("statements").GetArrayLength();
        if (count != 1)
            return Refused(
                sql, path, DataCodes.SqlNotOneSelect, $"found {count} statements; expected one SELECT.", null);
        var walk = new SqlWalk(sql, inputs, path);
        walk.Statement(root.GetProperty("statements")[0]);
        return new CheckedSql(WithoutSemicolon(session, sql, json), walk.Faults, walk.Inputs, walk.Columns)
        {
            Varies = walk.Varies,
        };
    }

    /// <summary>One expression over the columns of a row, such as <c>price * 1.19</c>, fit to stand anywhere in a
    /// SELECT.</summary>
    public static CheckedSql Expression(
        DuckSession session, string expression, IEnumerable<string> inputs, string? path = null)
    {
        // It has to be whole both with and without parentheses around it: "a) + (b" is only the first, "a AS b" only
        // the second.
        var names = inputs.ToArray();
        foreach (var sql in new[] { $"SELECT\n{expression}\n", $"SELECT (\n{expression}\n)" })
        {
            var check = Select(session, sql, names, path);
            if (!check.Faults.IsEmpty) return check with { Sql = expression };
            if (!IsOneExpression(session, sql))
                return Refused(
                    expression, path, DataCodes.SqlNotOneSelect,
                    $"found '{expression.Trim()}'; expected one expression.", null);
        }

        return Select(session, $"SELECT (\n{expression}\n)", names, path) with { Sql = expression };
    }

    /// <summary>Deep enough for any text that DuckDB itself parses.</summary>
    private const int TreeDepthMax = 10_000;

    private static JsonDocument Tree(string json) =>
        JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = TreeDepthMax });

    private static string Serialize(DuckSession session, string sql) =>
        (string)session.Scalar($"SELECT json_serialize_sql({Sql.Text(sql)})::VARCHAR")!;

    private static bool IsOneExpression(DuckSession session, string sql)
    {
        using var tree = Tree(Serialize(session, sql));
        var node = tree.RootElement.GetProperty("statements")[0].GetProperty("node");
        return node.GetProperty("type").GetString() == "SELECT_NODE"
            && node.GetProperty("select_list").GetArrayLength() == 1
            && node.GetProperty("from_table").GetProperty("type").GetString() == "EMPTY"
            && node.GetProperty("modifiers").GetArrayLength() == 0
            && new[] { "where_clause", "having", "qualify", "sample" }
                .All(part => node.GetProperty(part).ValueKind == JsonValueKind.Null)
            && node.GetProperty("group_expressions").GetArrayLength() == 0;
    }

    /// <summary>Cuts at a semicolon as long as the tree stays what it is: no scanner of ours has to know about quotes
    /// and comments.</summary>
    private static string WithoutSemicolon(DuckSession session, string sql, string tree)
    {
        for (var end = sql.LastIndexOf(';'); end >= 0; end = sql.LastIndexOf(';'))
        {
            if (Serialize(session, sql[..end]) != tree) break;
            sql = sql[..end];
        }

        return sql;
    }

    private const string PivotForm =
        "Write a PIVOT as SELECT * FROM (PIVOT … ON column IN (values) …): its columns may not depend on the data.";

    private static CheckedSql Unreadable(string sql, string? path, JsonElement error)
    {
        var message = error.GetProperty("error_message").GetString() ?? "";
        if (message.StartsWith("Only SELECT", StringComparison.Ordinal))
        {
            var pivot = sql.TrimStart().StartsWith("PIVOT", StringComparison.OrdinalIgnoreCase);
            return Refused(
                sql, path, DataCodes.SqlNotOneSelect,
                "found a statement that is not a SELECT; expected one SELECT.", pivot ? PivotForm : null);
        }

        var given = error.TryGetProperty("position", out var offset) ? offset.GetString() : null;
        var place = int.TryParse(given, out var position) ? SqlPlace.At(sql, position) : null;
        return Refused(sql, path, DataCodes.SqlInvalid, $"{(place is null ? "" : place + ": ")}{message}.", null);
    }

    private static CheckedSql Refused(string sql, string? path, string code, string message, string? hint) =>
        new(sql, [new Fault(FaultKind.Invalid, code, message, path, hint)], [], []);
}

/// <summary>DuckDB counts bytes; people count lines and characters.</summary>
public static class SqlPlace
{
    /// <summary><c>line 2, column 7</c> of a byte offset in UTF-8; null when it is outside.</summary>
    public static string? At(string sql, long byteOffset)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        if (byteOffset < 0 || byteOffset > bytes.Length) return null;
        var before = Encoding.UTF8.GetString(bytes, 0, (int)byteOffset);
        var line = before.Count(c => c == '\n') + 1;
        return $"line {line}, column {before.Length - before.LastIndexOf('\n')}";
    }
}
