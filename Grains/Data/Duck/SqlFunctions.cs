using System.Collections.Frozen;

namespace OrleansEtl.Data.Duck;

/// <summary>
/// Which functions users' SQL may call. Rows may come only from a short list of functions; values from any function but
/// those that look at the process, its settings or other sessions, or that change something. A test holds the second
/// list against every volatile function of the DuckDB in use, so that a new version cannot add one unseen.
/// </summary>
internal static class SqlFunctions
{
    private static readonly FrozenSet<string> Rows = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree",
        "regexp_split_to_table", "generate_subscripts");

    private static readonly FrozenSet<string> Refused = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "getenv", "getvariable", "query", "query_table", "version", "stats", "sleep_ms", "setseed", "nextval",
        "currval", "txid_current", "in_search_path", "session_user", "user", "get_block_size", "which_secret",
        "json_serialize_plan", "json_execute_serialized_sql", "format_pg_type", "map_to_pg_oid", "col_description",
        "obj_description", "shobj_description", "checkpoint", "force_checkpoint", "glob", "current_setting",
        "current_database", "current_catalog", "current_schema", "current_schemas", "current_user", "current_role",
        "current_query", "current_query_id", "current_connection_id", "current_transaction_id");

    /// <summary>What gives something else when it is asked again: by chance, or by the clock. With one argument <c>age</c> counts from
    /// today, though it is said to be steady; some stand without parentheses, as columns do.</summary>
    private static readonly FrozenSet<string> Varying = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today", "get_current_time", "get_current_timestamp",
        "transaction_timestamp", "error", "age", "ago", "current_date", "current_time", "current_timestamp", "current_localtime",
        "current_localtimestamp", "localtime", "localtimestamp");

    private static readonly string[] RefusedBeginnings =
    [
        "pg_", "duckdb_", "pragma_", "__internal", "etl_", "read_", "write_", "has_", "inet_", "enable_", "disable_",
        "parquet_", "sniff_",
    ];

    public static bool GivesRows(string name) => Rows.Contains(name);

    public static string RowGivers() => string.Join(", ", Rows.Order(StringComparer.Ordinal));

    /// <param name="name">Of a function, or of what looks like a column.</param>
    public static bool Varies(string name) => Varying.Contains(name);

    public static bool ReachesOutside(string name) =>
        Refused.Contains(name)
        || RefusedBeginnings.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase));
}
