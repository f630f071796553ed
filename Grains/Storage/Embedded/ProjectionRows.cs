namespace OrleansEtl.Storage;

/// <summary>What people list, as rows, within the transaction of the append that changes it.</summary>
internal sealed class ProjectionRows(Connection connection)
{
    // Most appends leave the status alone; naming it in SET would move the run in three indexes each time.
    private readonly Statement _sameStatus = connection.Prepare("""
        UPDATE runs SET steps_total = ?3, steps_done = ?4, fault_code = ?5, fault_message = ?6, driver = ?7
        WHERE run_id = ?1 AND status = ?2 AND ended_at IS NULL
        """);
    private readonly Statement _run = connection.Prepare($"""
        INSERT INTO runs ({RunColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run_id) DO UPDATE SET status = excluded.status, ended_at = excluded.ended_at,
            steps_total = excluded.steps_total, steps_done = excluded.steps_done, fault_code = excluded.fault_code,
            fault_message = excluded.fault_message, driver = excluded.driver
        """);
    private readonly Statement _step = connection.Prepare($"""
        INSERT INTO steps ({StepColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run_id, step_id) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
            started_at = excluded.started_at, ended_at = excluded.ended_at, rows_in = excluded.rows_in,
            rows_out = excluded.rows_out, rows_rejected = excluded.rows_rejected, fault_code = excluded.fault_code
        """);
    private readonly Statement _publish = connection.Prepare("""
        INSERT INTO datasets (name, version, run_id, step_id, row_count, byte_count, published_at, manifest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, version) DO NOTHING
        """);

    private readonly Statement _keep = connection.Prepare("""
        INSERT INTO step_results (reuse_key, run_id, done_at, results) VALUES (?, ?, ?, ?)
        ON CONFLICT (reuse_key) DO UPDATE SET run_id = excluded.run_id, done_at = excluded.done_at, results = excluded.results
        WHERE done_at <= excluded.done_at
        """);

    public const string RunColumns = "run_id, pipeline, definition, status, started_at, ended_at, steps_total, steps_done, "
        + "fault_code, fault_message, rerun_of, driver, run_key";
    public const string StepColumns = "run_id, step_id, position, kind, status, attempts, started_at, ended_at, rows_in, rows_out, "
        + "rows_rejected, fault_code";
    public const string DatasetColumns = "name, version, run_id, step_id, row_count, byte_count, published_at, manifest, number";

    public void Store(RunRow row, bool isNew)
    {
        if (!isNew && row.EndedAt is null && _sameStatus.Begin()
                .Add(row.Id.Value).Add(row.Status.Word()).Add(row.StepsTotal).Add(row.StepsDone)
                .Add(row.FaultCode).Add(row.FaultMessage).Add(row.Driver).Execute() == 1) return;
        _run.Begin().Add(row.Id.Value).Add(row.Pipeline).Add(row.Definition).Add(row.Status.Word())
            .Add(Instants.Stored(row.StartedAt)).Add(Instants.Stored(row.EndedAt)).Add(row.StepsTotal).Add(row.StepsDone)
            .Add(row.FaultCode).Add(row.FaultMessage).Add(row.RerunOf?.Value).Add(row.Driver)
            .Add(row.RunKey).Execute();
    }

    public void Store(StepRow row) => _step.Begin()
        .Add(row.Run.Value).Add(row.Id.Value).Add(row.Position).Add(row.Kind).Add(row.Status.Word()).Add(row.Attempts)
        .Add(Instants.Stored(row.StartedAt)).Add(Instants.Stored(row.EndedAt)).Add(row.RowsIn).Add(row.RowsOut)
        .Add(row.RowsRejected).Add(row.FaultCode).Execute();

    public void Publish(DatasetRow row) => _publish.Begin()
        .Add(row.Name).Add(row.Version).Add(row.Run.Value).Add(row.Step.Value).Add(row.Rows).Add(row.Bytes)
        .Add(Instants.Stored(row.PublishedAt)).Add(row.Manifest).Execute();

    public void Keep(ResultRow row) => _keep.Begin()
        .Add(row.ReuseKey).Add(row.Run.Value).Add(Instants.Stored(row.DoneAt)).Add(row.Results).Execute();

    public static RunRow Run(Statement row) => new(
        new RunId(row.Text(0)), row.Text(1), row.Text(2), Enum.Parse<RunStatus>(row.Text(3), ignoreCase: true),
        row.Time(4), row.TimeOrNull(5), row.Int(6), row.Int(7), row.TextOrNull(8), row.TextOrNull(9),
        row.TextOrNull(10) is { } rerunOf ? new RunId(rerunOf) : null, row.TextOrNull(11), row.TextOrNull(12));

    public static StepRow Step(Statement row) => new(
        new RunId(row.Text(0)), new StepId(row.Text(1)), row.Int(2), row.Text(3),
        Enum.Parse<StepStatus>(row.Text(4), ignoreCase: true), row.Int(5), row.TimeOrNull(6), row.TimeOrNull(7),
        row.LongOrNull(8), row.LongOrNull(9), row.LongOrNull(10), row.TextOrNull(11));

    public static DatasetRow Dataset(Statement row) => new(
        row.Text(0), row.Text(1), new RunId(row.Text(2)), new StepId(row.Text(3)), row.Long(4), row.Long(5), row.Time(6),
        row.Bytes(7));
}
