using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansEtl.Servers;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>Grains that write their states, each waiting for one write before the next, on a private Postgres with fsync on; beside it,
/// in turns, what bare Postgres gives: single commits, and batches of the same rows by a loop that does nothing else.</summary>
internal static class State
{
    public const int StateBytes = 300;
    private const int Rounds = 3;

    public static async Task Measure(double seconds)
    {
        var stretch = TimeSpan.FromSeconds(seconds);
        await using var server = await PostgresServer.Start("shared_buffers=256MB", "max_wal_size=4GB");
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        using var host = await Silo(store);
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        foreach (var writers in (int[])[1, 100, 1_000])
        {
            await Writes(grains, writers, stretch / 4); // warms code, connections and pages
            var (ours, bare) = (new List<Sample>(), new List<Sample>());
            var (silo, postgres) = (TimeSpan.Zero, new PostgresCost(0, 0, 0));
            for (var round = 0; round < Rounds; round++)
            {
                bare.Add(await BareCommits(source, writers, stretch));
                var (siloBefore, postgresBefore) = (Environment.CpuUsage.TotalTime, await PostgresCost.SoFar(source));
                ours.Add(await Writes(grains, writers, stretch));
                var cost = await PostgresCost.SoFar(source) - postgresBefore;
                silo += Environment.CpuUsage.TotalTime - siloBefore;
                postgres = new(postgres.CpuSeconds + cost.CpuSeconds, postgres.WalBytes + cost.WalBytes, 0);
            }
            Say($"writers_{writers}", ours, bare, writers == 1 ? "bare_commit" : "bare_group_commit");
            var writes = ours.Sum(sample => sample.Count);
            Figure.Print("state", $"writers_{writers}", "silo_cpu_us_per_write", silo.TotalMicroseconds / writes, "us");
            Figure.Print("state", $"writers_{writers}", "postgres_cpu_us_per_write", postgres.CpuSeconds * 1e6 / writes, "us");
            Figure.Print("state", $"writers_{writers}", "wal_bytes_per_write", postgres.WalBytes / writes, "B");
        }
        await host.StopAsync();
    }

    private static void Say(string name, List<Sample> ours, List<Sample> bare, string bareName)
    {
        var rate = Figure.Median(ours.Select(sample => sample.PerSecond));
        var p50 = Figure.Median(ours.Select(sample => sample.P50));
        var bareRate = Figure.Median(bare.Select(sample => sample.PerSecond));
        var bareP50 = Figure.Median(bare.Select(sample => sample.P50));
        Figure.Print("state", name, "writes_per_second", rate, "1/s");
        Figure.Print("state", name, "p50_ms", p50, "ms");
        Figure.Print("state", name, "p99_ms", Figure.Median(ours.Select(sample => sample.P99)), "ms");
        Figure.Print("state", name, $"{bareName}_rows_per_second", bareRate, "1/s");
        Figure.Print("state", name, $"{bareName}_p50_ms", bareP50, "ms");
        Figure.Print("state", name, "ratio_of_rates", rate / bareRate, "ratio");
        Figure.Print("state", name, "ratio_of_p50", p50 / bareP50, "ratio");
    }

    private static async Task<IHost> Silo(PostgresStore store)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddStoreGrainStorage("etl", store.GrainStates, Guid.NewGuid));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<Sample> Writes(IGrainFactory grains, int writers, TimeSpan stretch)
    {
        var watch = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, writers).Select(number => Task.Run(async () =>
        {
            var grain = grains.GetGrain<IBenchState>($"{writers}-{number}");
            var each = new List<double>();
            for (var begun = watch.Elapsed; begun < stretch;)
            {
                await grain.Write();
                var ended = watch.Elapsed;
                each.Add((ended - begun).TotalMilliseconds);
                begun = ended;
            }
            return each;
        })));
        return Sample.Of(times.SelectMany(each => each), watch.Elapsed);
    }

    /// <summary>So many rows a statement, one statement after another on one connection.</summary>
    private static async Task<Sample> BareCommits(NpgsqlDataSource source, int rows, TimeSpan stretch)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using (var make = new NpgsqlCommand("""
            DROP TABLE IF EXISTS bare;
            CREATE TABLE bare (id bigint PRIMARY KEY, version bigint NOT NULL, value bytea NOT NULL) WITH (fillfactor = 50);
            """, connection)) await make.ExecuteNonQueryAsync();
        await using (var fill = new NpgsqlCommand("INSERT INTO bare SELECT i, 0, '' FROM generate_series(1, $1) i", connection))
        {
            fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = rows });
            await fill.ExecuteNonQueryAsync();
        }
        var values = Enumerable.Range(0, rows).Select(_ => new byte[StateBytes]).ToArray();
        await using var write = rows == 1
            ? new NpgsqlCommand("UPDATE bare SET version = version + 1, value = $2 WHERE id = $1", connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<long> { TypedValue = 1 },
                    new NpgsqlParameter<byte[]> { TypedValue = values[0] },
                },
            }
            : new NpgsqlCommand("""
                UPDATE bare b SET version = version + 1, value = w.value
                FROM unnest($1::bigint[], $2::bytea[]) AS w (id, value) WHERE b.id = w.id
                """, connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<long[]> { TypedValue = [.. Enumerable.Range(1, rows).Select(i => (long)i)] },
                    new NpgsqlParameter<byte[][]> { TypedValue = values },
                },
            };
        await write.PrepareAsync();
        var (times, watch) = (new List<double>(), Stopwatch.StartNew());
        for (var begun = watch.Elapsed; begun < stretch;)
        {
            foreach (var value in values) RandomNumberGenerator.Fill(value);
            await write.ExecuteNonQueryAsync();
            var ended = watch.Elapsed;
            times.Add((ended - begun).TotalMilliseconds);
            begun = ended;
        }
        var sample = Sample.Of(times, watch.Elapsed);
        return sample with { PerSecond = sample.PerSecond * rows };
    }

    private sealed record Sample(int Count, double PerSecond, double P50, double P99)
    {
        public static Sample Of(IEnumerable<double> milliseconds, TimeSpan elapsed)
        {
            var sorted = milliseconds.Order().ToArray();
            return new(sorted.Length, sorted.Length / elapsed.TotalSeconds, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
        }
    }
}

[Alias("etl.bench.IBenchState")]
public interface IBenchState : IGrainWithStringKey
{
    [Alias("Write")]
    Task Write();
}

[GenerateSerializer, Alias("etl.bench.BenchState")]
public sealed class BenchStateValue
{
    [Id(0)] public long Count { get; set; }
    [Id(1)] public byte[] Payload { get; set; } = [];
}

public sealed class BenchState([PersistentState("state", "etl")] IPersistentState<BenchStateValue> state) : Grain, IBenchState
{
    public Task Write()
    {
        state.State.Payload = RandomNumberGenerator.GetBytes(State.StateBytes);
        state.State.Count++;
        return state.WriteStateAsync();
    }
}
