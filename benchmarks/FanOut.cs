using System.Diagnostics;
using Npgsql;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Data.Logs;
using OrleansEtl.Servers;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>What it costs to steer much work: a step that runs for each of many items that do nothing, on one silo over Postgres, with the
/// lists and notes of earnest.</summary>
internal static class FanOut
{
    public const int ItemsUsual = 100_000;
    private const int HistoryPage = 500;

    public static async Task Measure(int items)
    {
        var folder = Directory.CreateTempSubdirectory("etl-fan-out-").FullName;
        try
        {
            await using var server = await PostgresServer.Start();
            await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
            await using var store = await PostgresStore.Open(source, TimeProvider.System);
            using var engine = new DuckEngine(new DuckOptions(Path.Combine(folder, "spill"), [folder]) { MemoryBytes = 512L << 20, Threads = 2 });
            var runner = new StageRunner(
                engine, new DatasetStore(Path.Combine(folder, "datasets")),
                new LogStore(Path.Combine(folder, "logs"), new LogBounds(), TimeProvider.System), at => new PathRules(at, folder, []), NamedConnections.None,
                AllowedPrograms.None, new StepOptions(), TimeProvider.System, StepKinds.BuiltIn);
            await using var silo = await DurableSilo.Start(store, byGrains: true, runner, stagesAtOnce: Environment.ProcessorCount);
            await silo.Run(Spec(1_000)); // warm
            var run = await silo.Run(Spec(items));
            var took = run.EndedAt!.Value - run.StartedAt;
            var (bytes, events) = await Journal(store, run.Id);
            Print("items_per_second", items / took.TotalSeconds, "1/s");
            Print("peak_memory_mb", Process.GetCurrentProcess().PeakWorkingSet64 / (double)(1 << 20), "MB");
            Print("journal_bytes_per_item", bytes / (double)items, "B");
            Print("journal_events", events, "");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Print(string figure, double value, string unit) => Figure.Print("orchestrate", $"fan_out@{items}", figure, value, unit);
    }

    private static PipelineSpec Spec(int items) => new("fan_out", null, [],
        [new StepSpec(new StepId("each"), "flow.noop", [], SpecValue.Map.Empty, ForEach: new ForEachSpec(ItemSource.Range, new SpecValue.Integer(items)))]);

    private static async Task<(long Bytes, long Events)> Journal(IStore store, RunId run)
    {
        var (bytes, after) = (0L, 0L);
        while (await store.Journal.History(run, after, HistoryPage, CancellationToken.None) is { IsEmpty: false } page)
        {
            bytes += page.Sum(one => (long)one.Bytes.Length);
            after = page[^1].Number;
        }
        return (bytes, after);
    }
}
