using System.Collections.Immutable;
using System.Globalization;
using static OrleansEtl.Storage.PostgresRows;

namespace OrleansEtl.Storage;

/// <summary>Lists from Postgres. Each is a walk along one index from where the last page ended, so a page takes the same time however
/// many runs there are.</summary>
internal sealed class PostgresRunCatalog(PostgresReads reads) : IRunCatalog
{
    /// <summary>Sorts after every id.</summary>
    private const string AfterAll = RunId.Prefix + "~";

    internal static readonly string[] DrivenStatuses = [.. Pages.Driven.Select(status => status.Word())];
    private static readonly string[] EveryStatus = [.. Enum.GetValues<RunStatus>().Select(status => status.Word())];

    private const string OfAnyStatus = $"SELECT {RunColumns} FROM etl.run_heads WHERE run_id < $1 ORDER BY run_id DESC LIMIT $2";

    // A walk for each status, then the newest of all that they found. The bounds are rows, and the order names all their columns, so that
    // only the index that has them can serve; asked for `status = …` and `run_id`, the planner may walk along all runs and look at each.
    private const string WithStatus = $"""
        SELECT h.* FROM unnest($3::text[]) AS asked (status) CROSS JOIN LATERAL (
            SELECT {RunColumns} FROM etl.run_heads WHERE (status, run_id) < (asked.status, $1) AND status >= asked.status
            ORDER BY status DESC, run_id DESC LIMIT $2) h
        ORDER BY h.run_id DESC LIMIT $2
        """;

    private const string OfPipeline = $"""
        SELECT h.* FROM unnest($3::text[]) AS asked (status) CROSS JOIN LATERAL (
            SELECT {RunColumns} FROM etl.run_heads
            WHERE (pipeline, status, run_id) < ($4, asked.status, $1) AND (pipeline, status) >= ($4, asked.status)
            ORDER BY pipeline DESC, status DESC, run_id DESC LIMIT $2) h
        ORDER BY h.run_id DESC LIMIT $2
        """;

    private const string OfKey = $"""
        SELECT {RunColumns} FROM etl.run_heads
        WHERE pipeline = $4 AND run_key = $5 AND run_id < $1 AND status = ANY ($3::text[]) ORDER BY run_id DESC LIMIT $2
        """;

    public async Task<Page<RunRow>> Runs(RunQuery query, CancellationToken cancellation)
    {
        var limit = Paging.Checked(query.Limit);
        var before = Paging.RunCursor(query.Cursor)?.Value ?? AfterAll;
        var statuses = query.Statuses().Select(status => status.Word()).ToArray();
        var sql = query is { Pipeline: not null, RunKey: not null } ? OfKey
            : query.Pipeline is not null ? OfPipeline : statuses.Length > 0 ? WithStatus : OfAnyStatus;
        var rows = await reads.All(sql, parameters =>
        {
            parameters.Add(before);
            parameters.Add((long)limit + 1);
            if (sql == OfAnyStatus) return;
            parameters.Add(statuses.Length > 0 ? statuses : EveryStatus);
            if (query.Pipeline is { } pipeline) parameters.Add(PostgresText.Stored(pipeline));
            if (sql == OfKey) parameters.Add(PostgresText.Stored(query.RunKey));
        }, PostgresRows.Run, cancellation);
        return rows.ToPage(limit, row => row.Id.Value);
    }

    public Task<RunRow?> Run(RunId run, CancellationToken cancellation) => reads.First(
        $"SELECT {RunColumns} FROM etl.run_heads WHERE run_id = $1", parameters => parameters.Add(run.Value), PostgresRows.Run,
        cancellation);

    public Task<ImmutableArray<StepRow>> Steps(RunId run, CancellationToken cancellation) => reads.Read(
        "SELECT steps FROM etl.journal WHERE run_id = $1 AND steps IS NOT NULL ORDER BY seq",
        parameters => parameters.Add(run.Value), async reader =>
        {
            var steps = new Dictionary<StepId, StepRow>();
            while (await reader.ReadAsync(cancellation))
                foreach (var step in PackedSteps.Unpack(run, reader.GetFieldValue<byte[]>(0))) steps[step.Id] = step;
            return steps.Values.OrderBy(step => step.Position).ThenBy(step => step.Id.Value, StringComparer.Ordinal).ToImmutableArray();
        }, cancellation);

    public async Task<Page<DatasetRow>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        // From name to name along the index, so that many versions of one dataset cost nothing.
        var rows = await reads.All($"""
            WITH RECURSIVE names (name) AS (
                (SELECT name FROM etl.datasets WHERE name >= $1 AND name > $2 AND name < $3 ORDER BY name LIMIT 1)
                UNION ALL
                SELECT (SELECT d.name FROM etl.datasets d WHERE d.name > names.name AND d.name < $3 ORDER BY d.name LIMIT 1)
                FROM names WHERE names.name IS NOT NULL)
            SELECT newest.* FROM (SELECT name FROM names WHERE name IS NOT NULL LIMIT $4) names CROSS JOIN LATERAL (
                SELECT {DatasetColumns} FROM etl.datasets d WHERE d.name = names.name ORDER BY number DESC LIMIT 1) newest
            ORDER BY newest.name
            """, parameters =>
            {
                parameters.Add(prefix);
                parameters.Add(cursor ?? "");
                parameters.Add(prefix + "\U0010FFFF");
                parameters.Add((long)limit + 1);
            }, PostgresRows.Dataset, cancellation);
        return rows.ToPage(limit, row => row.Name);
    }

    public async Task<Page<DatasetRow>> Versions(string name, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var before = Paging.NumberCursor(cursor);
        var rows = await reads.All(
            $"SELECT {DatasetColumns} FROM etl.datasets WHERE name = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
            parameters =>
            {
                parameters.Add(name);
                parameters.Add(before);
                parameters.Add((long)limit + 1);
            }, row => (Row: PostgresRows.Dataset(row), Number: row.GetInt64(8)), cancellation);
        var page = rows.ToPage(limit, row => row.Number.ToString(CultureInfo.InvariantCulture));
        return new Page<DatasetRow>([.. page.Items.Select(row => row.Row)], page.Next);
    }

    public Task<DatasetRow?> Dataset(string name, string? version, CancellationToken cancellation) => version is null
        ? reads.First($"SELECT {DatasetColumns} FROM etl.datasets WHERE name = $1 ORDER BY number DESC LIMIT 1",
            parameters => parameters.Add(name), PostgresRows.Dataset, cancellation)
        : reads.First($"SELECT {DatasetColumns} FROM etl.datasets WHERE name = $1 AND version = $2", parameters =>
            {
                parameters.Add(name);
                parameters.Add(version);
            }, PostgresRows.Dataset, cancellation);

    public Task<ImmutableArray<DatasetRow>> Published(RunId run, CancellationToken cancellation) => reads.All(
        $"SELECT {DatasetColumns} FROM etl.datasets WHERE run_id = $1 ORDER BY number",
        parameters => parameters.Add(run.Value), PostgresRows.Dataset, cancellation);

    public Task<RunId?> LastStarted(string key, CancellationToken cancellation) => reads.First<RunId?>(
        "SELECT run_id FROM etl.run_starts WHERE start_key = $1", parameters => parameters.Add(PostgresText.Stored(key)),
        row => new RunId(row.GetString(0)), cancellation);

    public Task<ImmutableArray<RunId>> Due(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return reads.All("SELECT run_id FROM etl.run_heads WHERE due_at <= $1 ORDER BY due_at, run_id LIMIT $2", parameters =>
        {
            parameters.Add(Instants.Stored(now));
            parameters.Add((long)limit);
        }, row => new RunId(row.GetString(0)), cancellation);
    }

    public Task<ImmutableArray<RunId>> Orphans(
        ImmutableArray<string> drivers, RunId? after, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return reads.All("""
            SELECT h.run_id FROM unnest($1::text[]) AS asked (status) CROSS JOIN LATERAL (
                SELECT run_id FROM etl.run_heads
                WHERE (status, run_id) > (asked.status, $2) AND status <= asked.status
                    AND (driver IS NULL OR driver <> ALL ($3::text[]))
                ORDER BY status, run_id LIMIT $4) h
            ORDER BY h.run_id LIMIT $4
            """, parameters =>
            {
                parameters.Add(DrivenStatuses);
                parameters.Add(after?.Value ?? "");
                parameters.Add(drivers.ToArray());
                parameters.Add((long)limit);
            }, row => new RunId(row.GetString(0)), cancellation);
    }
}
