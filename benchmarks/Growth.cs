using System.Diagnostics;
using Npgsql;
using OrleansEtl.Servers;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>What growth costs: a step of a long run beside one of a short run, and a page of the newest runs among many beside one
/// among few.</summary>
internal static class Growth
{
    private const int Long = 10_000, Short = 100, Many = 1_000_000, Few = 1_000;

    public static async Task Measure()
    {
        await using var server = await PostgresServer.Start();
        await Steps(server);
        await Lists(server);
    }

    private static async Task Steps(PostgresServer server)
    {
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        await using var silo = await DurableSilo.Start(store, byGrains: false);
        foreach (var (shape, of) in new (string, Func<int, PipelineSpec>)[] { ("chain", DurableSilo.Chain), ("wide", DurableSilo.Wide) })
        {
            await silo.Run(of(Long)); // both sizes warm: the code is the same
            var (few, many) = (await PerStep(silo, of(Short), Long / Short), await PerStep(silo, of(Long), 1));
            Figure.Print("growth", $"{shape}@{Short}", "microseconds_per_step", few, "us");
            Figure.Print("growth", $"{shape}@{Long}", "microseconds_per_step", many, "us");
            Figure.Print("growth", shape, "long_to_short", many / few, "ratio");
        }
    }

    /// <summary>Runs one after another, so many that as many steps are done as by one long run.</summary>
    private static async Task<double> PerStep(DurableSilo silo, PipelineSpec spec, int runs)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < runs; i++) await silo.Run(spec);
        return watch.Elapsed.TotalMicroseconds / (runs * spec.Steps.Length);
    }

    private static async Task Lists(PostgresServer server)
    {
        var (few, many) = (await List(server, Few), await List(server, Many));
        foreach (var (name, query) in Queries)
        {
            Figure.Print("growth", $"{name}@{Few}", "list_ms", few[name], "ms");
            Figure.Print("growth", $"{name}@{Many}", "list_ms", many[name], "ms");
            Figure.Print("growth", name, "many_to_few", many[name] / few[name], "ratio");
        }
    }

    private static readonly (string Name, RunQuery Query)[] Queries =
    [
        ("newest", new RunQuery()), ("newest_of_pipeline", new RunQuery(Pipeline: "p7")),
        ("newest_failed", new RunQuery(Status: RunStatus.Failed)), ("unfinished", new RunQuery(UnfinishedOnly: true)),
    ];

    private static NpgsqlCommand Patient(NpgsqlDataSource source, string sql)
    {
        var command = source.CreateCommand(sql);
        command.CommandTimeout = 600;
        return command;
    }

    private static async Task<Dictionary<string, double>> List(PostgresServer server, int runs)
    {
        const int rounds = 200;
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        await using (var fill = Patient(source, $"""
            INSERT INTO etl.run_heads (run_id, pipeline, definition, started_at, steps_total, version, steps_done, status, ended_at)
            SELECT 'run_' || lpad(to_hex(i), 26, '0'), 'p' || i % 10, '0123456789abcdef', i, 5, 12, 5,
                CASE WHEN i % 50 = 0 THEN 'failed' WHEN i % 200 = 1 THEN 'running' ELSE 'succeeded' END,
                CASE WHEN i % 200 = 1 THEN NULL ELSE i END
            FROM generate_series(1, {runs}) AS i
            """)) await fill.ExecuteNonQueryAsync();
        await using (var settle = Patient(source, "VACUUM ANALYZE etl.run_heads")) await settle.ExecuteNonQueryAsync();
        var taken = new Dictionary<string, double>();
        foreach (var (name, query) in Queries)
        {
            var times = new List<double>();
            for (var i = 0; i < rounds; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await store.Catalog.Runs(query, CancellationToken.None);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            taken[name] = Figure.Median(times);
        }
        return taken;
    }
}
