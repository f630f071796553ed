using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>Rows of lists, as they are read.</summary>
internal static class PostgresRows
{
    public const string RunColumns = "run_id, pipeline, definition, status, started_at, ended_at, steps_total, steps_done, "
        + "fault_code, fault_message, rerun_of, driver, run_key";
    public const string DatasetColumns = "name, version, run_id, step_id, row_count, byte_count, published_at, manifest, number";

    public static RunRow Run(NpgsqlDataReader row) => new(
        new RunId(row.GetString(0)), Said(row, 1)!, Said(row, 2)!, Enum.Parse<RunStatus>(row.GetString(3), ignoreCase: true),
        Time(row, 4), TimeOrNull(row, 5), row.GetInt32(6), row.GetInt32(7), Said(row, 8), Said(row, 9),
        row.IsDBNull(10) ? null : new RunId(row.GetString(10)), Said(row, 11), Said(row, 12));

    public static DatasetRow Dataset(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), new RunId(row.GetString(2)), new StepId(row.GetString(3)), row.GetInt64(4),
        row.GetInt64(5), Time(row, 6), row.GetFieldValue<byte[]>(7));

    private static DateTimeOffset Time(NpgsqlDataReader row, int column) => Instants.Time(row.GetInt64(column));
    private static DateTimeOffset? TimeOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : Time(row, column);
    private static string? Said(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : PostgresText.Said(row.GetString(column));
}
