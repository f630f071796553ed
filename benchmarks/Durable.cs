using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using OrleansEtl.Servers;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>Durable steps: pipelines of no-ops over Postgres, many at a time, beside what bare commits of the same server give; and
/// over a store in memory, which shows what our own code costs.</summary>
internal static class Durable
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(5);
    private static readonly int[] InFlight = [1, 50, 200, 1_000];

    public static async Task Measure(string[] only)
    {
        await using (var silo = await DurableSilo.Start(new MemoryStore(), byGrains: false)) await Cases("memory_", silo, null, [200], only);
        await using (var silo = await DurableSilo.Start(new MemoryStore(), byGrains: true))
            await Cases("memory_grains_", silo, null, [200], only);

        await using var server = await PostgresServer.Start();
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        var bare = await BareCommits.RowsPerSecond(source, Stretch);
        Figure.Print("durable", "bare", "rows_per_second", bare, "1/s");
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        var watch = new ServerWatch(source);
        await using (var silo = await DurableSilo.Start(store, byGrains: false))
        {
            var best = await Cases("", silo, watch, InFlight, only);
            if (best > 0) Figure.Print("durable", "best", "steps_per_bare_row", best / bare, "ratio");
        }
        await using (var silo = await DurableSilo.Start(store, byGrains: true)) await Cases("grains_", silo, watch, [200], only);
    }

    private static async Task<double> Cases(string prefix, DurableSilo silo, ServerWatch? server, int[] inFlight, string[] only)
    {
        var best = 0.0;
        foreach (var spec in new[] { DurableSilo.Sequence, DurableSilo.Dag })
        {
            foreach (var count in inFlight)
            {
                var name = $"{prefix}{spec.Name}@{count}";
                if (only.Length > 0 && !only.Contains(name)) continue;
                await Load(silo, spec, count, WarmUp);
                best = Math.Max(best, await Case(name, silo, server, spec, count));
            }
        }
        return best;
    }

    private static async Task<double> Case(string name, DurableSilo silo, ServerWatch? server, PipelineSpec spec, int count)
    {
        var before = server is null ? default : await server.Look();
        var (cpu, pauses) = (Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration());
        var watch = Stopwatch.StartNew();
        var times = await Load(silo, spec, count, Stretch);
        var seconds = watch.Elapsed.TotalSeconds;
        var steps = (double)times.Length * spec.Steps.Length;
        Array.Sort(times);
        Print("steps_per_second", steps / seconds, "1/s");
        Print("p50_ms", times[times.Length / 2], "ms");
        Print("p99_ms", times[(int)(times.Length * 0.99)], "ms");
        Print("own_cpu_ms_per_step", (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / steps, "ms");
        Print("gc_pause_share", (GC.GetTotalPauseDuration() - pauses).TotalSeconds / seconds, "ratio");
        if (server is not null)
        {
            var after = await server.Look();
            Print("server_cpu_ms_per_step", (after.Cpu - before.Cpu).TotalMilliseconds / steps, "ms");
            Print("transactions_per_step", (after.Transactions - before.Transactions) / steps, "ratio");
            Print("wal_bytes_per_step", (after.WalBytes - before.WalBytes) / steps, "B");
        }
        return steps / seconds;

        void Print(string figure, double value, string unit) => Figure.Print("durable", name, figure, value, unit);
    }

    /// <summary>So many runs in flight for that time; returns what each took, in milliseconds.</summary>
    private static async Task<double[]> Load(DurableSilo silo, PipelineSpec spec, int count, TimeSpan stretch)
    {
        var (times, watch) = (new ConcurrentBag<double>(), Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(async () =>
        {
            while (watch.Elapsed < stretch)
            {
                var began = Stopwatch.GetTimestamp();
                await silo.Run(spec);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        })));
        return [.. times];
    }
}
