using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using OrleansEtl.Client;
using OrleansEtl.Servers;
using OrleansEtl.Shells;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>What orchestration costs: small pipelines from their start to their end, and how soon a step begins once it may.</summary>
internal static class Orchestrate
{
    private const int Rounds = 15;
    private const int LightSteps = 40;

    public static async Task Measure(string[] only)
    {
        if (Wanted("steps_40")) await LightPipelines();
        if (Wanted("ready@1000")) await Ready(1_000);
        if (Wanted("fan_out")) await FanOut.Measure(only is [_, var items] ? int.Parse(items, CultureInfo.InvariantCulture) : FanOut.ItemsUsual);
        if (Wanted("schedules_due")) await SchedulesDue.Measure(10_000);
        if (Wanted("schedules_killed")) await SchedulesKilled.Measure(10_000);

        bool Wanted(string name) => only.Length == 0 || only.Contains(name);
    }

    /// <summary>As a command, in an open home, and on a silo over Postgres.</summary>
    private static async Task LightPipelines()
    {
        var yaml = LightYaml();
        Etl.RunPipeline("orchestrate", yaml);
        var walls = Enumerable.Range(0, Rounds).Select(_ => Etl.RunPipeline("orchestrate", yaml).WallSeconds).ToArray();
        Figure.Print("orchestrate", "steps_40@command", "wall_seconds", Figure.Median(walls), "s");

        await using (var home = new WarmEtl())
            Figure.Print("orchestrate", "steps_40@home", "run_seconds", await MedianOf(() => home.Seconds(yaml)), "s");

        await using var server = await PostgresServer.Start();
        var folder = Directory.CreateTempSubdirectory("etl-bench-").FullName;
        await using var silo = await LoneSilo.Start(await server.NewDatabase(), folder);
        await using var etl = await EtlClient.Connect(new EtlClientOptions { Gateways = [silo.Gateway] });
        Figure.Print("orchestrate", "steps_40@silo", "run_seconds", await MedianOf(() => WarmEtl.Seconds(etl, yaml, "")), "s");
    }

    private static async Task<double> MedianOf(Func<Task<double>> seconds)
    {
        await seconds();
        var all = new List<double>();
        for (var i = 0; i < Rounds; i++) all.Add(await seconds());
        return Figure.Median(all);
    }

    /// <summary>Ten chains of four steps: nothing but orchestration.</summary>
    private static string LightYaml() => "pipeline: light\nsteps:\n" + string.Concat(Enumerable.Range(0, LightSteps).Select(i =>
        $"  - {{ id: s{i}, kind: flow.noop{(i < 10 ? "" : $", depends_on: [s{i - 10}]")} }}\n"));

    /// <summary>From the moment when the step before has ended until the next one begins, with so many runs whose steps take about a second.</summary>
    private static async Task Ready(int runs)
    {
        await using var server = await PostgresServer.Start();
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        var naps = new Naps();
        await using var silo = await DurableSilo.Start(store, byGrains: true, naps, stagesAtOnce: 2 * runs);
        await Task.WhenAll(Enumerable.Range(0, runs).Select(_ => silo.Run(DurableSilo.Sequence))); // warms up
        naps.Waited.Clear();
        await Task.WhenAll(Enumerable.Range(0, runs).Select(_ => silo.Run(DurableSilo.Sequence)));
        var waited = naps.Waited.Order().ToArray();
        Figure.Print("orchestrate", $"ready@{runs}", "p50_ms", waited[waited.Length / 2], "ms");
        Figure.Print("orchestrate", $"ready@{runs}", "p99_ms", waited[(int)(waited.Length * 0.99)], "ms");
    }

    /// <summary>Steps that do nothing for about a second.</summary>
    private sealed class Naps : IStageRunner
    {
        private readonly ConcurrentDictionary<RunId, long> _ended = [];

        /// <summary>Milliseconds between the end of one step and the beginning of the next.</summary>
        public ConcurrentBag<double> Waited { get; } = [];

        public async Task<StageOutcome> Run(
            StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
        {
            if (_ended.TryGetValue(work.Run, out var ended)) Waited.Add(Stopwatch.GetElapsedTime(ended).TotalMilliseconds);
            await Task.Delay(Random.Shared.Next(500, 1_500), cancellation);
            _ended[work.Run] = Stopwatch.GetTimestamp();
            return StepKinds.BuiltIn.AtOnce(work)!;
        }
    }
}
