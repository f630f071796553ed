using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>A batch of appends as one statement, hence one transaction and one round trip. Which heads moved decides which of the other
/// rows are written; the answer names those runs, or nothing when all moved.</summary>
/// <remarks>The question whether a run was moved is asked in a form that the planner does not turn into a join but answers from a hash
/// table; a join of two lists of unknown length could cost their product.</remarks>
internal static class AppendStatement
{
    public static readonly PostgresStatement Store = new("""
        WITH born AS (
            INSERT INTO etl.run_heads (run_id, version, pipeline, definition, started_at, rerun_of, status, ended_at, due_at,
                steps_total, steps_done, driver, fault_code, fault_message)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[],
                $9::bigint[], $10::int[], $11::int[], $12::text[], $13::text[], $14::text[])
            ON CONFLICT DO NOTHING RETURNING run_id),
        moved AS (
            UPDATE etl.run_heads h SET version = a.version, status = a.status, ended_at = a.ended_at, due_at = a.due_at,
                steps_total = a.steps_total, steps_done = a.steps_done, driver = a.driver,
                fault_code = a.fault_code, fault_message = a.fault_message
            FROM unnest($15::text[], $16::bigint[], $17::bigint[], $18::text[], $19::bigint[], $20::bigint[], $21::int[], $22::int[],
                $23::text[], $24::text[], $25::text[])
                AS a (run_id, expected, version, status, ended_at, due_at, steps_total, steps_done, driver, fault_code, fault_message)
            WHERE h.run_id = a.run_id AND h.version = a.expected RETURNING h.run_id),
        held AS MATERIALIZED (SELECT run_id FROM born UNION ALL SELECT run_id FROM moved),
        appended AS (
            INSERT INTO etl.journal (run_id, seq, append_id, count, events)
            SELECT * FROM unnest($26::text[], $27::bigint[], $28::uuid[], $29::int[], $30::bytea[])
                AS j (run_id, seq, append_id, count, events)
            WHERE (run_id IN (SELECT run_id FROM held)) IS TRUE),
        stepped AS (
            INSERT INTO etl.steps AS old (run_id, step_id, position, kind, status, attempts, started_at, ended_at, rows_in, rows_out,
                rows_rejected, fault_code)
            SELECT * FROM unnest($31::text[], $32::text[], $33::int[], $34::text[], $35::text[], $36::int[], $37::bigint[],
                $38::bigint[], $39::bigint[], $40::bigint[], $41::bigint[], $42::text[])
                AS s (run_id, step_id, position, kind, status, attempts, started_at, ended_at, rows_in, rows_out, rows_rejected,
                    fault_code)
            WHERE (run_id IN (SELECT run_id FROM held)) IS TRUE
            ON CONFLICT (run_id, step_id) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
                started_at = excluded.started_at, ended_at = excluded.ended_at, rows_in = excluded.rows_in,
                rows_out = excluded.rows_out, rows_rejected = excluded.rows_rejected, fault_code = excluded.fault_code),
        published AS (
            INSERT INTO etl.datasets (run_id, name, version, step_id, row_count, byte_count, published_at, manifest)
            SELECT * FROM unnest($43::text[], $44::text[], $45::text[], $46::text[], $47::bigint[], $48::bigint[], $49::bigint[],
                $50::bytea[]) AS d (run_id, name, version, step_id, row_count, byte_count, published_at, manifest)
            WHERE (run_id IN (SELECT run_id FROM held)) IS TRUE
            ON CONFLICT (name, version) DO NOTHING),
        folded AS (
            INSERT INTO etl.snapshots (run_id, version, snapshot)
            SELECT * FROM unnest($51::text[], $52::bigint[], $53::bytea[]) AS f (run_id, version, snapshot)
            WHERE (run_id IN (SELECT run_id FROM held)) IS TRUE
            ON CONFLICT (run_id) DO UPDATE SET version = excluded.version, snapshot = excluded.snapshot)
        SELECT CASE WHEN count(*) < cardinality($26) THEN coalesce(array_agg(run_id), '{}') END FROM held
        """, columns => Fill(columns, []));

    /// <summary>Why an append did not move its head: it is stored already, or somebody else wrote.</summary>
    public static readonly PostgresStatement Settle = new("""
        SELECT coalesce(h.version, 0), j.append_id
        FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS a (run_id, seq, place)
        LEFT JOIN etl.run_heads h ON h.run_id = a.run_id
        LEFT JOIN etl.journal j ON j.run_id = a.run_id AND j.seq = a.seq
        ORDER BY a.place
        """, columns => FillSettle(columns, []));

    public static void Fill(Columns columns, IReadOnlyList<RunAppend> batch)
    {
        var (born, moved) = (new List<RunAppend>(), new List<RunAppend>(batch.Count));
        var (steps, published, folded) = (new List<StepRow>(batch.Count), new List<DatasetRow>(), new List<RunAppend>());
        foreach (var append in batch)
        {
            (append.ExpectedVersion == 0 ? born : moved).Add(append);
            AddLast(steps, append.Steps);
            published.AddRange(append.Published);
            if (append.Snapshot is not null) folded.Add(append);
        }
        Born(columns, born);
        Moved(columns, moved);
        Journal(columns, batch);
        Steps(columns, steps);
        Published(columns, published);
        columns.Add(folded, a => a.Run.Value);
        columns.Add(folded, a => a.NewVersion());
        columns.Add(folded, a => a.Snapshot!);
    }

    public static void FillSettle(Columns columns, IReadOnlyList<RunAppend> appends)
    {
        columns.Add(appends, a => a.Run.Value);
        columns.Add(appends, a => a.ExpectedVersion + 1);
    }

    /// <summary>One statement writes a row once: of a step that changed twice in one append the last row counts.</summary>
    private static void AddLast(List<StepRow> steps, ImmutableArray<StepRow> changed)
    {
        if (changed.Length < 2)
        {
            steps.AddRange(changed);
            return;
        }
        var seen = new HashSet<StepId>(changed.Length);
        for (var i = changed.Length - 1; i >= 0; i--)
            if (seen.Add(changed[i].Id)) steps.Add(changed[i]);
    }

    private static void Born(Columns columns, List<RunAppend> born)
    {
        columns.Add(born, a => a.Run.Value);
        columns.Add(born, a => a.NewVersion());
        columns.Add(born, a => PostgresText.Stored(a.Row.Pipeline));
        columns.Add(born, a => PostgresText.Stored(a.Row.Definition));
        columns.Add(born, a => Instants.Stored(a.Row.StartedAt));
        columns.Add(born, a => a.Row.RerunOf?.Value);
        columns.Add(born, a => Word(a.Row.Status));
        columns.Add(born, a => Instants.Stored(a.Row.EndedAt));
        columns.Add(born, a => Instants.Stored(a.Wake()));
        columns.Add(born, a => a.Row.StepsTotal);
        columns.Add(born, a => a.Row.StepsDone);
        columns.Add(born, a => PostgresText.Stored(a.Row.Driver));
        columns.Add(born, a => a.Row.FaultCode);
        columns.Add(born, a => PostgresText.Stored(a.Row.FaultMessage));
    }

    private static void Moved(Columns columns, List<RunAppend> moved)
    {
        columns.Add(moved, a => a.Run.Value);
        columns.Add(moved, a => a.ExpectedVersion);
        columns.Add(moved, a => a.NewVersion());
        columns.Add(moved, a => Word(a.Row.Status));
        columns.Add(moved, a => Instants.Stored(a.Row.EndedAt));
        columns.Add(moved, a => Instants.Stored(a.Wake()));
        columns.Add(moved, a => a.Row.StepsTotal);
        columns.Add(moved, a => a.Row.StepsDone);
        columns.Add(moved, a => PostgresText.Stored(a.Row.Driver));
        columns.Add(moved, a => a.Row.FaultCode);
        columns.Add(moved, a => PostgresText.Stored(a.Row.FaultMessage));
    }

    private static void Journal(Columns columns, IReadOnlyList<RunAppend> batch)
    {
        columns.Add(batch, a => a.Run.Value);
        columns.Add(batch, a => a.ExpectedVersion + 1);
        columns.Add(batch, a => a.Id);
        columns.Add(batch, a => a.Events.Length);
        columns.Add(batch, a => FramedEvents.Pack(a.Events));
    }

    private static void Steps(Columns columns, List<StepRow> steps)
    {
        columns.Add(steps, s => s.Run.Value);
        columns.Add(steps, s => s.Id.Value);
        columns.Add(steps, s => s.Position);
        columns.Add(steps, s => s.Kind);
        columns.Add(steps, s => Word(s.Status));
        columns.Add(steps, s => s.Attempts);
        columns.Add(steps, s => Instants.Stored(s.StartedAt));
        columns.Add(steps, s => Instants.Stored(s.EndedAt));
        columns.Add(steps, s => s.RowsIn);
        columns.Add(steps, s => s.RowsOut);
        columns.Add(steps, s => s.RowsRejected);
        columns.Add(steps, s => s.FaultCode);
    }

    private static void Published(Columns columns, List<DatasetRow> published)
    {
        columns.Add(published, d => d.Run.Value);
        columns.Add(published, d => d.Name);
        columns.Add(published, d => d.Version);
        columns.Add(published, d => d.Step.Value);
        columns.Add(published, d => d.Rows);
        columns.Add(published, d => d.Bytes);
        columns.Add(published, d => Instants.Stored(d.PublishedAt));
        columns.Add(published, d => d.Manifest);
    }

    private static string Word(RunStatus status) => RunWords[(int)status];
    private static string Word(StepStatus status) => StepWords[(int)status];

    // A word is asked for with every row; making it costs more than sending it.
    private static readonly string[] RunWords = [.. Enum.GetValues<RunStatus>().Select(status => status.Word())];
    private static readonly string[] StepWords = [.. Enum.GetValues<StepStatus>().Select(status => status.Word())];
}
