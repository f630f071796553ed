using System.Diagnostics;
using System.Globalization;
using Npgsql;
using OrleansEtl.Servers;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>What an append costs on a private Postgres: time of the clock, of the processors on both sides, bytes of the log.</summary>
internal static partial class StorageFigures
{
    private const string Postgres = "postgres";

    private static async Task<int> OnPostgres(string[] arguments)
    {
        var stretch = TimeSpan.FromSeconds(arguments is [var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 3);
        Event.AsSpan().Fill((byte)'e');
        await using var server = await PostgresServer.Start("shared_buffers=256MB", "max_wal_size=4GB");
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        foreach (var lanes in (int[])[1, 2])
        {
            await using var store = await PostgresStore.Open(
                source, TimeProvider.System, PostgresOptions.Default with { JournalLanes = lanes });
            foreach (var writers in (int[])[1, 50, 200, 1_000])
                await Appends(store, source, $"{lanes}_lanes_{writers}_writers", writers, stretch);
        }
        return 0;
    }

    /// <summary>Writers that bring one run of five steps after another to its end, an append a step.</summary>
    private static async Task Appends(PostgresStore store, NpgsqlDataSource source, string name, int writers, TimeSpan stretch)
    {
        await FiveSteps(store, writers, stretch / 4, []);
        var times = new List<double>();
        var (before, cpu) = (await PostgresCost.SoFar(source), Environment.CpuUsage.TotalTime);
        var seconds = await FiveSteps(store, writers, stretch, times);
        var cost = await PostgresCost.SoFar(source) - before;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        times.Sort();
        Say(name, "appends_per_second", times.Count / seconds, "1/s");
        Say(name, "p50_ms", times[times.Count / 2], "ms");
        Say(name, "p99_ms", times[(int)(times.Count * 0.99)], "ms");
        Say(name, "writer_cpu_us_per_append", cpu.TotalMicroseconds / times.Count, "us");
        Say(name, "postgres_cpu_us_per_append", cost.CpuSeconds * 1e6 / times.Count, "us");
        Say(name, "wal_bytes_per_append", cost.WalBytes / times.Count, "B");
        Say(name, "transactions_per_append", cost.Transactions / times.Count, "1");
    }

    private static int _runs;

    private static async Task<double> FiveSteps(PostgresStore store, int writers, TimeSpan stretch, List<double> times)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (clock.Elapsed < stretch)
            {
                var run = Run(Interlocked.Increment(ref _runs));
                for (var version = 0; version <= 5; version++)
                {
                    var begun = clock.Elapsed;
                    if (await store.Journal.Append(Append(run, version), default) is not AppendOutcome.Stored)
                        throw new InvalidOperationException("An append was fenced.");
                    mine.Add((clock.Elapsed - begun).TotalMilliseconds);
                }
            }
            lock (times) times.AddRange(mine);
        })));
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>The start dispatches a step, each further append ends one and dispatches the next, the last ends the run.</summary>
    private static RunAppend Append(RunId run, int version)
    {
        var ended = version == 5;
        StepRow[] steps = version == 0
            ? [.. Enumerable.Range(0, 5).Select(i => Step(run, $"step{i}", i, i == 0 ? StepStatus.Running : StepStatus.Waiting))]
            : [Step(run, $"step{version - 1}", version - 1, StepStatus.Succeeded),
                .. ended ? Array.Empty<StepRow>() : [Step(run, $"step{version}", version)]];
        return new RunAppend(Guid.NewGuid(), run, version, [Event], null,
            Row(run, ended ? RunStatus.Succeeded : RunStatus.Running) with { StepsDone = version }, [.. steps], [], null);
    }

    private static void Say(string name, string figure, double value, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"bench":"journal","case":"{{name}}","figure":"{{figure}}","value":{{value:0.###}},"unit":"{{unit}}"}"""));
}
