using System.Collections.Immutable;
using System.Globalization;
using static OrleansEtl.Storage.ProjectionRows;

namespace OrleansEtl.Storage;

/// <summary>Lists from SQLite. Each is a walk along one index from where the last page ended, so a page takes the same time however
/// many runs there are.</summary>
internal sealed class EmbeddedRunCatalog(Readers readers) : IRunCatalog
{
    public async Task<Page<RunRow>> Runs(RunQuery query, CancellationToken cancellation)
    {
        var limit = Paging.Checked(query.Limit);
        var before = Paging.RunCursor(query.Cursor)?.Value ?? RunId.Prefix + "~"; // sorts after every id
        if (query is { RunKey: { } key, Pipeline: { } pipeline })
            return (await OfKey(pipeline, key, query, before, cancellation)).ToPage(limit, row => row.Id.Value);
        var rows = await readers.Read(connection => query.Statuses() is { Length: > 0 } statuses
            ? [.. statuses.SelectMany(status => WithStatus(connection, query.Pipeline, status, before, limit + 1))
                .OrderByDescending(row => row.Id).Take(limit + 1)]
            : OfAnyStatus(connection, query.Pipeline, before, limit + 1), cancellation);
        return rows.ToPage(limit, row => row.Id.Value);
    }

    private Task<ImmutableArray<RunRow>> OfKey(
        string pipeline, string key, RunQuery query, string before, CancellationToken cancellation)
    {
        var statuses = query.Statuses() is { Length: > 0 } some ? $"AND status IN ('{string.Join("', '", some.Select(s => s.Word()))}')" : "";
        return readers.Read(connection => connection.Prepare($"""
            SELECT {RunColumns} FROM runs WHERE pipeline = ? AND run_key = ? AND run_id < ? {statuses} ORDER BY run_id DESC LIMIT ?
            """).Begin().Add(pipeline).Add(key).Add(before).Add(query.Limit + 1).All(ProjectionRows.Run), cancellation);
    }

    private static ImmutableArray<RunRow> OfAnyStatus(Connection connection, string? pipeline, string before, int count) =>
        pipeline is null
            ? connection.Prepare($"SELECT {RunColumns} FROM runs WHERE run_id < ? ORDER BY run_id DESC LIMIT ?")
                .Begin().Add(before).Add(count).All(ProjectionRows.Run)
            : connection.Prepare(
                $"SELECT {RunColumns} FROM runs WHERE pipeline = ? AND run_id < ? ORDER BY run_id DESC LIMIT ?")
                .Begin().Add(pipeline).Add(before).Add(count).All(ProjectionRows.Run);

    private static ImmutableArray<RunRow> WithStatus(
        Connection connection, string? pipeline, RunStatus status, string before, int count) =>
        pipeline is null
            ? connection.Prepare($"SELECT {RunColumns} FROM runs WHERE status = ? AND run_id < ? ORDER BY run_id DESC LIMIT ?")
                .Begin().Add(status.Word()).Add(before).Add(count).All(ProjectionRows.Run)
            : connection.Prepare(
                $"SELECT {RunColumns} FROM runs WHERE pipeline = ? AND status = ? AND run_id < ? ORDER BY run_id DESC LIMIT ?")
                .Begin().Add(pipeline).Add(status.Word()).Add(before).Add(count).All(ProjectionRows.Run);

    public Task<RunRow?> Run(RunId run, CancellationToken cancellation) => readers.Read(connection => connection
        .Prepare($"SELECT {RunColumns} FROM runs WHERE run_id = ?").Begin().Add(run.Value).First(ProjectionRows.Run), cancellation);

    public Task<ImmutableArray<StepRow>> Steps(RunId run, CancellationToken cancellation) => readers.Read(connection => connection
        .Prepare($"SELECT {StepColumns} FROM steps WHERE run_id = ? ORDER BY position, step_id")
        .Begin().Add(run.Value).All(Step), cancellation);

    public async Task<Page<DatasetRow>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        // From name to name along the index, so that many versions of one dataset cost nothing.
        var rows = await readers.Read(connection => connection.Prepare($"""
            WITH RECURSIVE names (name) AS (
                SELECT min(name) FROM datasets WHERE name >= ?1 AND name > ?2 AND name < ?3
                UNION ALL
                SELECT (SELECT min(d.name) FROM datasets d WHERE d.name > names.name AND d.name < ?3)
                FROM names WHERE names.name IS NOT NULL
                LIMIT ?4)
            SELECT {DatasetColumns} FROM datasets WHERE number IN (
                SELECT (SELECT max(d.number) FROM datasets d WHERE d.name = names.name) FROM names WHERE names.name IS NOT NULL)
            ORDER BY name
            """).Begin().Add(prefix).Add(cursor ?? "").Add(prefix + "\U0010FFFF").Add(limit + 1).All(ProjectionRows.Dataset),
            cancellation);
        return rows.ToPage(limit, row => row.Name);
    }

    public async Task<Page<DatasetRow>> Versions(string name, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var before = Paging.NumberCursor(cursor);
        var rows = await readers.Read(connection => connection
            .Prepare($"SELECT {DatasetColumns} FROM datasets WHERE name = ? AND number < ? ORDER BY number DESC LIMIT ?")
            .Begin().Add(name).Add(before).Add(limit + 1)
            .All(row => (Row: ProjectionRows.Dataset(row), Number: row.Long(8))), cancellation);
        var page = rows.ToPage(limit, row => row.Number.ToString(CultureInfo.InvariantCulture));
        return new Page<DatasetRow>([.. page.Items.Select(row => row.Row)], page.Next);
    }

    public Task<DatasetRow?> Dataset(string name, string? version, CancellationToken cancellation) => readers.Read(connection =>
        version is null
            ? connection.Prepare($"SELECT {DatasetColumns} FROM datasets WHERE name = ? ORDER BY number DESC LIMIT 1")
                .Begin().Add(name).First(ProjectionRows.Dataset)
            : connection.Prepare($"SELECT {DatasetColumns} FROM datasets WHERE name = ? AND version = ?")
                .Begin().Add(name).Add(version).First(ProjectionRows.Dataset), cancellation);

    public Task<ImmutableArray<DatasetRow>> Published(RunId run, CancellationToken cancellation) => readers.Read(connection => connection
        .Prepare($"SELECT {DatasetColumns} FROM datasets WHERE run_id = ? ORDER BY number")
        .Begin().Add(run.Value).All(ProjectionRows.Dataset), cancellation);

    public Task<RunId?> LastStarted(string key, CancellationToken cancellation) => readers.Read<RunId?>(connection => connection
        .Prepare("SELECT run_id FROM run_starts WHERE start_key = ?").Begin().Add(key).First(row => row.Text(0)) is { } last
            ? new RunId(last) : null, cancellation);

    public Task<ImmutableArray<RunId>> Due(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return readers.Read(connection => connection
            .Prepare("SELECT run_id FROM wakes WHERE due_at <= ? ORDER BY due_at, run_id LIMIT ?")
            .Begin().Add(Instants.Stored(now)).Add(limit).All(row => new RunId(row.Text(0))), cancellation);
    }

    public Task<ImmutableArray<RunId>> Orphans(
        ImmutableArray<string> drivers, RunId? after, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var known = new SpecValue.List([.. drivers.Select(driver => (SpecValue)new SpecValue.Text(driver))]).ToJson();
        return readers.Read(connection =>
            Pages.Driven.SelectMany(status => connection.Prepare("""
                SELECT run_id FROM runs
                WHERE status = ?1 AND run_id > ?2
                    AND (driver IS NULL OR driver NOT IN (SELECT value FROM json_each(?3)))
                ORDER BY run_id LIMIT ?4
                """)
                .Begin().Add(status.Word()).Add(after?.Value ?? "").Add(known).Add(limit)
                .All(row => new RunId(row.Text(0)))).Order().Take(limit).ToImmutableArray(), cancellation);
    }
}
