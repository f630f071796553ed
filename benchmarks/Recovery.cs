using System.Collections.Immutable;
using System.Diagnostics;
using Npgsql;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Client;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Servers;
using OrleansEtl.Shells;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>One of two silos is killed: how long until the runs that it drove go on, and until the grains that it held answer. The two
/// silos are processes of their own, over a Postgres of their own.</summary>
internal static class Recovery
{
    private const int Runs = 1_000;
    private const int StepsOfARun = 300;
    private const int StartsAtOnce = 50;
    private const int Grains = 200;
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(5);
    /// <summary>Until all grains are where they stay.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(15);

    public static async Task Measure()
    {
        await using var server = await PostgresServer.Start();
        var database = await server.NewDatabase();
        var folder = Directory.CreateTempSubdirectory("etl-recovery-").FullName;
        await using var source = NpgsqlDataSource.Create(database);
        await using var killed = await LoneSilo.Start(database, folder);
        await using var survivor = await LoneSilo.Start(database, folder);
        var ended = await OfRuns(killed, survivor, source);
        await using var second = await LoneSilo.Start(database, folder);
        await OfGrains(second, survivor, ended);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A thousand runs of small steps, all under way.</summary>
    private static async Task<ImmutableArray<RunId>> OfRuns(LoneSilo killed, LoneSilo survivor, NpgsqlDataSource source)
    {
        await using var etl = await EtlClient.Connect(new EtlClientOptions { Gateways = [survivor.Gateway, killed.Gateway] });
        // What starts for the first time is not what is measured; and small runs are quick to show.
        var small = await Start(etl, Grains, Steps(5));
        await Start(etl, Runs, Steps(StepsOfARun));
        var moved = await Driven(source, killed.Port);
        killed.Kill();
        var at = DateTimeOffset.UtcNow;
        await UntilNoneRuns(source);

        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        var delays = new List<double>();
        foreach (var run in moved) delays.Add(await Resumed(store, run, at));
        delays.Sort();
        var name = $"kill@{Runs}";
        Figure.Print("recovery", name, "runs_of_killed_silo", moved.Length, "runs");
        Figure.Print("recovery", name, "resume_seconds", delays[0], "s");
        Figure.Print("recovery", name, "p50_run_delay_seconds", delays[delays.Count / 2], "s");
        Figure.Print("recovery", name, "last_run_delay_seconds", delays[^1], "s");
        return small;
    }

    private static PipelineSpec Steps(int count)
    {
        var pipeline = Pipeline.Named($"steps-{count}");
        for (var i = 0; i < count; i++)
        {
            pipeline = pipeline.Step($"s{i}", "flow.noop");
            if (i > 0) pipeline = pipeline.After($"s{i - 1}");
        }
        return pipeline.Build(StepCatalog.Specs);
    }

    private static async Task<ImmutableArray<RunId>> Start(ClusterEtl etl, int count, PipelineSpec spec)
    {
        var runs = new RunId[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce }, async (i, cancellation) =>
            runs[i] = await etl.Start(new StartRequest(spec, []), cancellation) is Begun.Run begun ? begun.Id
                : throw new InvalidOperationException("a run was refused"));
        return [.. runs];
    }

    private static async Task<ImmutableArray<RunId>> Driven(NpgsqlDataSource source, int port)
    {
        await using var read = source.CreateCommand("SELECT run_id FROM etl.run_heads WHERE status = 'running' AND driver LIKE $1");
        read.Parameters.Add(new NpgsqlParameter { Value = $"%:{port}@%" });
        await using var rows = await read.ExecuteReaderAsync();
        var runs = ImmutableArray.CreateBuilder<RunId>();
        while (await rows.ReadAsync()) runs.Add(new RunId(rows.GetString(0)));
        return runs.Count > 0 ? runs.ToImmutable() : throw new InvalidOperationException("no run was under way when the silo was killed");
    }

    private static async Task UntilNoneRuns(NpgsqlDataSource source)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            await using var count = source.CreateCommand("SELECT count(*) FROM etl.run_heads WHERE status IN ('running', 'cancelling')");
            var open = (long)(await count.ExecuteScalarAsync())!;
            if (open == 0) return;
            if (waited.Elapsed > EndPatience) throw new TimeoutException($"{open} runs have not ended");
            await Task.Delay(200);
        }
    }

    /// <summary>Seconds from the kill to the run's next transition.</summary>
    private static async Task<double> Resumed(PostgresStore store, RunId run, DateTimeOffset killedAt)
    {
        var history = await store.Journal.History(run, 0, 10 * StepsOfARun, CancellationToken.None);
        var next = history.Select(one => EventCodec.ReadEvent(one.Bytes)).FirstOrDefault(happened => happened.At > killedAt);
        return next is null ? 0 : (next.At - killedAt).TotalSeconds; // its last event had been stored just then
    }

    /// <summary>Some grains, half of them on either silo, asked all the time.</summary>
    private static async Task OfGrains(LoneSilo killed, LoneSilo survivor, ImmutableArray<RunId> runs)
    {
        await using var client = await RawClient.Connect(survivor.GatewayEndPoint, killed.GatewayEndPoint);
        var probes = runs.Select(run => new Probe(client.Grains.GetGrain<IPipelineGrain>(run.Value))).ToArray();
        using var over = new CancellationTokenSource();
        var asking = Task.WhenAll(probes.Select(probe => Task.Run(() => probe.Ask(over.Token))));
        await Task.Delay(Settling);
        var calm = Stopwatch.GetTimestamp();
        await Task.Delay(Calm);
        var management = client.Grains.GetGrain<IManagementGrain>(0);
        var there = new HashSet<Probe>();
        foreach (var probe in probes)
            if ((await management.GetActivationAddress(probe.Grain))?.Endpoint.Port == killed.Port) there.Add(probe);
        if (there.Count is 0 or Grains) throw new InvalidOperationException($"{there.Count} of {Grains} grains live on the silo to be killed");
        var at = Stopwatch.GetTimestamp();
        killed.Kill();
        await Task.Delay(Aftermath);
        await over.CancelAsync();
        await asking;

        var failover = there.Select(probe => probe.AnsweredAgain(at)).Order().ToArray();
        Figure.Print("recovery", $"grains@{Grains}", "grains_of_killed_silo", failover.Length, "grains");
        Figure.Print("recovery", $"grains@{Grains}", "failover_p50_seconds", failover[failover.Length / 2], "s");
        Figure.Print("recovery", $"grains@{Grains}", "failover_seconds", failover[(int)(failover.Length * 0.99)], "s");
        var others = probes.Except(there).ToArray();
        // The machine alone makes calls wait, so what they wait while nothing happens is said beside it.
        Figure.Print("recovery", $"grains@{Grains}", "calm_stall_seconds", others.Max(probe => probe.LongestStall(calm, at)), "s");
        Figure.Print("recovery", $"grains@{Grains}", "survivor_stall_seconds", others.Max(probe => probe.LongestStall(at, long.MaxValue)), "s");
    }
}
