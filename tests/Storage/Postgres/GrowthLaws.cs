using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using OrleansEtl.Servers;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>However many runs are stored, a question reads about as many rows as its answer has. The server says in its log how it
/// answered each.</summary>
public sealed partial class GrowthLaws : IAsyncLifetime
{
    private const int Runs = 20_000, RowsReadMax = 600;

    private PostgresServer _server = null!;
    private NpgsqlDataSource _source = null!;
    private PostgresStore _store = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.Start(
            "session_preload_libraries=auto_explain", "auto_explain.log_min_duration=0", "auto_explain.log_analyze=on");
        _source = NpgsqlDataSource.Create(await _server.NewDatabase());
        _store = await PostgresStore.Open(_source, TimeProvider.System, cancellation: Now);
        await using var fill = _source.CreateCommand($"""
            INSERT INTO etl.run_heads (run_id, pipeline, definition, started_at, steps_total, version, steps_done, status, ended_at, driver)
            SELECT 'run_' || lpad(i::text, 26, '0'), 'pipeline ' || i % 50, 'v1', i, 5, 6, 5,
                CASE WHEN i % 1000 = 0 THEN 'running' WHEN i % 777 = 0 THEN 'failed' ELSE 'succeeded' END,
                CASE WHEN i % 1000 > 0 THEN i END, 'silo'
            FROM generate_series(1, {Runs}) i;
            INSERT INTO etl.journal (run_id, seq, append_id, count, events)
            SELECT run_id, seq, gen_random_uuid(), 1, '' FROM etl.run_heads, generate_series(1, 3) seq;
            INSERT INTO etl.datasets (run_id, name, version, step_id, row_count, byte_count, published_at, manifest)
            SELECT run_id, 'dataset ' || started_at % 20, run_id, 'load', 1, 1, 1, '' FROM etl.run_heads;
            ANALYZE;
            """);
        await fill.ExecuteNonQueryAsync(Now);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _source.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task No_question_reads_much_more_than_it_answers()
    {
        var filled = File.ReadAllText(_server.LogFile).Length;
        foreach (var pipeline in (string?[])[null, "pipeline 7"])
        {
            await _store.Catalog.Runs(new RunQuery(pipeline), Now);
            await _store.Catalog.Runs(new RunQuery(pipeline, UnfinishedOnly: true), Now);
            await _store.Catalog.Runs(new RunQuery(pipeline, Status: RunStatus.Succeeded), Now);
        }
        var middle = new RunId("run_" + (Runs / 2).ToString("D26", CultureInfo.InvariantCulture));
        await _store.Catalog.Runs(new RunQuery(Cursor: middle.Value), Now);
        await _store.Catalog.Run(middle, Now);
        await _store.Catalog.Steps(middle, Now);
        await _store.Catalog.Published(middle, Now);
        await _store.Catalog.Datasets("data", null, 10, Now);
        await _store.Catalog.Versions("dataset 7", null, 10, Now);
        await _store.Catalog.Dataset("dataset 7", null, Now);
        await _store.Catalog.Due(Noon, 10, Now);
        await _store.Catalog.Orphans(["silo"], null, 10, Now);
        await _store.Journal.Read(middle, Now);
        await _store.Journal.History(middle, 1, 10, Now);
        await _store.Retention.Forget(DateTimeOffset.UnixEpoch.AddYears(1), 10, Now);
        await _store.Journal.Append(Append(Run(1), 0, "a"), Now);
        await _store.Journal.Append(Append(Run(1), 1, "b"), Now);

        var log = File.ReadAllText(_server.LogFile)[filled..];
        var read = RowsRead().Matches(log).Select(match => (match.Value,
            Rows: double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
                * double.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))).ToArray();
        Assert.InRange(read.Length, 40, int.MaxValue);
        Assert.All(read, node => Assert.True(node.Rows <= RowsReadMax, $"{node.Value} in {log}"));
        Assert.All(RowsRemoved().Matches(log), match => Assert.True(
            int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) <= RowsReadMax, log[(match.Index - 1_500)..match.Index]));
    }

    [GeneratedRegex(@"actual time=\S+ rows=(\d+) loops=(\d+)")]
    private static partial Regex RowsRead();

    [GeneratedRegex(@"Rows Removed by Filter: (\d+)")]
    private static partial Regex RowsRemoved();
}
