using System.Globalization;

namespace OrleansEtl.Storage;

/// <summary>A batch of appends as one statement, hence one transaction and one round trip. Which heads moved decides which of the other
/// rows are written; the answer names those runs, or nothing when all moved.</summary>
/// <remarks>There is a statement for each set of parts that a batch may have, since a part without rows costs as much as ten appends.
/// The question whether a run is born is asked in a form that the planner does not turn into a join but answers from a hash table; a
/// join of two lists of unknown length could cost their product.</remarks>
internal sealed class AppendStatement
{
    private readonly PostgresStatement?[] _statements = new PostgresStatement?[1 << 6];

    /// <summary>Why an append did not move its head: it is stored already, or somebody else wrote.</summary>
    public static readonly PostgresStatement Settle = new("""
        SELECT coalesce(h.version, 0), j.append_id
        FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS a (run_id, seq, place)
        LEFT JOIN etl.run_heads h ON h.run_id = a.run_id
        LEFT JOIN etl.journal j ON j.run_id = a.run_id AND j.seq = a.seq
        ORDER BY a.place
        """, columns => FillSettle(columns, []));

    public static void FillSettle(Columns columns, IReadOnlyList<RunAppend> appends)
    {
        columns.Add(appends, a => a.Run.Value);
        columns.Add(appends, a => a.ExpectedVersion + 1);
    }

    /// <summary>The statement for a batch of these parts. One caller at a time.</summary>
    public PostgresStatement Store(AppendParts parts)
    {
        var has = (parts.Born.Count > 0 ? 1 : 0) | (parts.Moved.Count > 0 ? 2 : 0)
            | (parts.Published.Count > 0 ? 4 : 0) | (parts.Folded.Count > 0 ? 8 : 0)
            | (parts.Results.Count > 0 ? 16 : 0) | (parts.Fenced.Count > 0 ? 32 : 0);
        return _statements[has] ??= new PostgresStatement(Sql(parts), parts.Fill);
    }

    private static string Sql(AppendParts parts)
    {
        var types = new Types();
        List<string> with = [], journal = [], held = [];
        if (parts.Born.Count > 0)
        {
            if (parts.Fenced.Count > 0) with.Add(Starts(types));
            with.Add(Born(types, parts.Fenced.Count > 0));
            journal.Add($"""
                SELECT * FROM {types.Unnest("text bigint uuid int bytea bytea")} AS j (run_id, seq, append_id, count, events, steps)
                WHERE (run_id IN (SELECT run_id FROM born)) IS TRUE
                """);
            held.Add("SELECT run_id FROM born");
        }
        if (parts.Moved.Count > 0)
        {
            with.Add(Moved(types));
            journal.Add("SELECT * FROM moved");
            held.Add("SELECT run_id FROM moved");
        }
        with.Add($"""
            held AS MATERIALIZED ({string.Join(" UNION ALL ", held)}),
            appended AS (
                INSERT INTO etl.journal (run_id, seq, append_id, count, events, steps)
                {string.Join(" UNION ALL ", journal)})
            """);
        if (parts.Published.Count > 0) with.Add(Published(types));
        if (parts.Results.Count > 0) with.Add(Results(types));
        if (parts.Folded.Count > 0) with.Add(Folded(types));
        return $"""
            WITH {string.Join(",\n", with)}
            SELECT CASE WHEN count(*) < {types.Next("int")} THEN coalesce(array_agg(run_id), '{"{}"}') END FROM held
            """;
    }

    /// <summary>Which of the starts that depend on other runs may happen. Of several under one key in a batch one is asked.</summary>
    private static string Starts(Types types) => $"""
        starts AS (
            INSERT INTO etl.run_starts AS s (start_key, run_id, last_run_id)
            SELECT DISTINCT ON (start_key) * FROM {types.Unnest("text text text")} AS a (start_key, run_id, last_run_id)
            WHERE NOT EXISTS (SELECT FROM etl.run_heads h WHERE h.run_id = a.run_id)
            ORDER BY start_key
            ON CONFLICT (start_key) DO UPDATE SET run_id = excluded.run_id, last_run_id = excluded.last_run_id
                WHERE s.run_id = excluded.last_run_id
            RETURNING run_id)
        """;

    private static string Born(Types types, bool isFenced)
    {
        const string head = "run_id, version, pipeline, definition, started_at, rerun_of, status, ended_at, due_at, "
            + "steps_total, steps_done, driver, fault_code, fault_message, run_key";
        const string columns = "text bigint text text bigint text text bigint bigint int int text text text text";
        return $"""
            born AS (
                INSERT INTO etl.run_heads ({head})
                SELECT {head} FROM {types.Unnest(isFenced ? columns + " bool" : columns)} AS b ({head}{(isFenced ? ", fenced" : "")})
                {(isFenced ? "WHERE NOT fenced OR (run_id IN (SELECT run_id FROM starts)) IS TRUE" : "")}
                ON CONFLICT DO NOTHING RETURNING run_id)
            """;
    }

    private static string Moved(Types types) => $"""
        moved AS (
            UPDATE etl.run_heads h SET version = a.version, status = a.status, ended_at = a.ended_at, due_at = a.due_at,
                steps_total = a.steps_total, steps_done = a.steps_done, driver = a.driver,
                fault_code = a.fault_code, fault_message = a.fault_message
            FROM {types.Unnest("text bigint text bigint bigint int int text text text bigint uuid int bytea bytea")}
                AS a (run_id, version, status, ended_at, due_at, steps_total, steps_done, driver, fault_code, fault_message,
                    seq, append_id, count, events, steps)
            WHERE h.run_id = a.run_id AND h.version = a.seq - 1
            RETURNING a.run_id, a.seq, a.append_id, a.count, a.events, a.steps)
        """;

    private static string Published(Types types) => $"""
        published AS (
            INSERT INTO etl.datasets (run_id, name, version, step_id, row_count, byte_count, published_at, manifest)
            SELECT * FROM {types.Unnest("text text text text bigint bigint bigint bytea")}
                AS d (run_id, name, version, step_id, row_count, byte_count, published_at, manifest)
            WHERE (run_id IN (SELECT run_id FROM held)) IS TRUE
            ON CONFLICT (name, version) DO NOTHING)
        """;

    /// <summary>In one order, so that silos never wait for each other in a circle; of two of one name in a batch the newer.</summary>
    private static string Results(Types types) => $"""
        results AS (
            INSERT INTO etl.step_results AS r (reuse_key, run_id, done_at, results)
            SELECT DISTINCT ON (reuse_key) * FROM {types.Unnest("text text bigint bytea")} AS d (reuse_key, run_id, done_at, results)
            WHERE (run_id IN (SELECT run_id FROM held)) IS TRUE
            ORDER BY reuse_key, done_at DESC
            ON CONFLICT (reuse_key) DO UPDATE SET run_id = excluded.run_id, done_at = excluded.done_at, results = excluded.results
                WHERE r.done_at <= excluded.done_at)
        """;

    private static string Folded(Types types) => $"""
        folded AS (
            INSERT INTO etl.snapshots (run_id, version, snapshot)
            SELECT * FROM {types.Unnest("text bigint bytea")} AS f (run_id, version, snapshot)
            WHERE (run_id IN (SELECT run_id FROM held)) IS TRUE
            ON CONFLICT (run_id) DO UPDATE SET version = excluded.version, snapshot = excluded.snapshot)
        """;

    /// <summary>Numbers the parameters in the order in which they are asked for, which is the order in which they are filled.</summary>
    private sealed class Types
    {
        private int _last;

        public string Next(string type) => string.Create(CultureInfo.InvariantCulture, $"${++_last}::{type}");

        public string Unnest(string types) => $"unnest({string.Join(", ", types.Split(' ').Select(type => Next(type + "[]")))})";
    }
}
