using System.Collections.Immutable;
using Npgsql;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>A column of a table as it is.</summary>
/// <param name="Type">As Postgres writes it; of a domain, the type below.</param>
/// <param name="ItemId">The id of the type of an array's items.</param>
internal sealed record TableColumn(string Name, string Type, uint ItemId, bool IsEnum);

/// <summary>The table that is loaded.</summary>
/// <param name="Schema">Where it is, or would be.</param>
/// <param name="Columns">Empty when there is no such table.</param>
/// <param name="UniqueKeys">The columns of each rule by which rows can be told apart.</param>
internal sealed record LoadTarget(
    TableName Name, string Schema, bool Exists, ImmutableArray<TableColumn> Columns,
    ImmutableArray<ImmutableArray<string>> UniqueKeys)
{
    public static LoadTarget Find(NpgsqlConnection connection, TableName name, CancellationToken cancellation)
    {
        var found = Rows(connection, cancellation, """
            SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)
            """, row => row.GetString(0), name.Quoted);
        if (found is not [var schema])
        {
            var place = name.Schema ?? Rows(connection, cancellation, "SELECT current_schema()", row =>
                row.IsDBNull(0) ? "public" : row.GetString(0))[0];
            return new LoadTarget(name with { Schema = place }, place, false, [], []);
        }

        name = name with { Schema = schema };
        var columns = Rows(connection, cancellation, """
            SELECT a.attname, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod)
                ELSE format_type(a.atttypid, a.atttypmod) END, t.typelem, t.typtype = 'e'
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """, row => new TableColumn(row.GetString(0), row.GetString(1), row.GetFieldValue<uint>(2), row.GetBoolean(3)),
            name.Quoted);
        var keys = Rows(connection, cancellation, """
            SELECT ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid
                AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
            FROM pg_index i WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indimmediate
                AND i.indpred IS NULL AND i.indexprs IS NULL
            """, row => row.GetFieldValue<string[]>(0).ToImmutableArray(), name.Quoted);
        return new LoadTarget(name, schema, true, [.. columns], [.. keys]);
    }

    /// <summary>Whether a cluster has its journals in this schema.</summary>
    public bool IsOfRuns(NpgsqlConnection connection, CancellationToken cancellation) =>
        Rows(connection, cancellation, "SELECT to_regclass($1) IS NOT NULL", row => row.GetBoolean(0), $"{Sql.Name(Schema)}.run_heads") is [true];

    /// <summary>Where each column of the rows goes. All that do not fit are told at once.</summary>
    public ImmutableArray<LoadColumn> Fit(ImmutableArray<(string Name, DuckType Type)> rows, TableLoad load)
    {
        var pairs = load.Columns.IsEmpty
            ? rows.Select(row => (Target: row.Name, Source: row)).ToList()
            : [.. load.Columns.Select(pair => (Target: pair.Key, Source: Source(rows, pair.Value)))];
        var fits = pairs.Select(pair => Fit(pair.Target, pair.Source)).ToList();
        var wrong = fits.Select(fit => fit.Wrong).OfType<string>().ToList();
        if (wrong.Count > 0)
            throw Differs($"{string.Join("; ", wrong)}.", "Convert or leave out columns before, with transform.select or transform.sql.");
        var columns = fits.Select(fit => fit.Column!).ToImmutableArray();
        var twice = columns.GroupBy(column => column.Target).FirstOrDefault(same => same.Count() > 1);
        if (twice is not null) throw Differs($"two columns go to '{twice.Key}'.", "Name one of them otherwise.");
        CheckKey(columns, load);
        return columns;
    }

    /// <summary>The statement that makes the table for such columns.</summary>
    public string Create(ImmutableArray<LoadColumn> columns, ImmutableArray<string> keys) =>
        $"CREATE TABLE {Name.Quoted} ({string.Join(", ", columns.Select(column => $"{Sql.Name(column.Target)} {column.TableType}"))}"
        + (keys.IsEmpty ? ")" : $", PRIMARY KEY ({Sql.Names(keys)}))");

    private (LoadColumn? Column, string? Wrong) Fit(string target, (string Name, DuckType Type) source)
    {
        if (!Exists)
        {
            var type = LoadTypes.TypeFor(source.Type);
            return (LoadTypes.Of(source.Name, source.Type, target, type, ItemIds.Of(type), false), null);
        }

        var column = Columns.FirstOrDefault(one => one.Name == target)
            ?? Columns.FirstOrDefault(one => string.Equals(one.Name, target, StringComparison.OrdinalIgnoreCase));
        if (column is null) return (null, $"column '{target}' is not in the table ({string.Join(", ", Columns.Select(c => c.Name))})");
        return LoadTypes.Of(source.Name, source.Type, column.Name, column.Type, column.ItemId, column.IsEnum) is { } fit
            ? (fit, null) : (null, $"column '{source.Name}' is {source.Type}; '{column.Name}' of the table is {column.Type}");
    }

    private void CheckKey(ImmutableArray<LoadColumn> columns, TableLoad load)
    {
        var missing = load.Keys.Where(key => columns.All(column => column.Target != key)).ToList();
        if (missing.Count > 0)
            throw Key($"the key '{missing[0]}' is not among the columns that are loaded ({string.Join(", ", columns.Select(c => c.Target))}).", null);
        if (load.Mode != LoadMode.Upsert || !Exists) return;
        if (!UniqueKeys.Any(unique => unique.ToHashSet().SetEquals(load.Keys)))
            throw Key($"the table {Name} has no primary key or unique index on ({string.Join(", ", load.Keys)}).",
                $"Make one: CREATE UNIQUE INDEX ON {Name.Quoted} ({Sql.Names(load.Keys)})");
    }

    private (string Name, DuckType Type) Source(ImmutableArray<(string Name, DuckType Type)> rows, string name) =>
        rows.FirstOrDefault(row => row.Name == name) is { Name: not null } found ? found
        : throw Differs($"column '{name}' is not in the rows ({string.Join(", ", rows.Select(row => row.Name))}).", null);

    private FaultException Differs(string what, string? hint) =>
        new(new Fault(FaultKind.Invalid, PostgresCodes.TableDiffers, $"table {Name}: {what}", Hint: hint));

    private static FaultException Key(string what, string? hint) =>
        new(new Fault(FaultKind.Invalid, PostgresCodes.KeyInvalid, what, "with.key", hint));

    private static List<T> Rows<T>(
        NpgsqlConnection connection, CancellationToken cancellation, string sql, Func<NpgsqlDataReader, T> read,
        params string[] values)
    {
        using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        using var reader = command.ExecuteReaderAsync(cancellation).GetAwaiter().GetResult();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    /// <summary>The ids of the types that tables are made of; they never change.</summary>
    private static class ItemIds
    {
        private static readonly Dictionary<string, uint> Ids = new()
        {
            ["boolean"] = 16, ["bytea"] = 17, ["bigint"] = 20, ["smallint"] = 21, ["integer"] = 23, ["text"] = 25,
            ["real"] = 700, ["double precision"] = 701, ["date"] = 1082, ["time without time zone"] = 1083,
            ["timestamp without time zone"] = 1114, ["timestamp with time zone"] = 1184, ["numeric"] = 1700,
            ["uuid"] = 2950, ["jsonb"] = 3802,
        };

        public static uint Of(string type)
        {
            if (!type.EndsWith("[]", StringComparison.Ordinal)) return 0;
            var item = type[..^2];
            return Ids[item.IndexOf('(') is var open && open < 0 ? item : item[..open]];
        }
    }
}
