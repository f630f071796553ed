using System.Diagnostics;
using Npgsql;
using OrleansEtl.Client;
using OrleansEtl.Servers;
using OrleansEtl.Steps;

namespace OrleansEtl.Bench;

/// <summary>Many schedules that fall due in the same second on two silos, of which one is killed in that second: until the run of each has
/// started, and whether any started twice. The silos are processes of their own.</summary>
internal static class SchedulesKilled
{
    private const int PutAtOnce = 128;
    /// <summary>Long enough to make them all.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan KilledAfter = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    /// <summary>After which a second run of a schedule would be there.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(15);

    public static async Task Measure(int count)
    {
        await using var server = await PostgresServer.Start();
        var database = await server.NewDatabase();
        var folder = Directory.CreateTempSubdirectory("etl-schedules-").FullName;
        await using var source = NpgsqlDataSource.Create(database);
        await using var killed = await LoneSilo.Start(database, folder);
        await using var survivor = await LoneSilo.Start(database, folder);
        await using var etl = await EtlClient.Connect(new EtlClientOptions { Gateways = [survivor.Gateway] });
        var due = DateTimeOffset.UtcNow + Ahead;
        await Put(etl, count, due);
        if (DateTimeOffset.UtcNow > due) throw new InvalidOperationException($"To make {count} schedules took longer than {Ahead}.");
        await Task.Delay(due + KilledAfter - DateTimeOffset.UtcNow);
        var before = await Count(source);
        killed.Kill();

        var waited = Stopwatch.StartNew();
        while (await Count(source) < count)
        {
            if (waited.Elapsed > Patience) throw new TimeoutException($"{count - await Count(source)} schedules have started no run");
            await Task.Delay(100);
        }
        await Task.Delay(Aftermath);
        Figure.Print("orchestrate", "schedules_killed", "started_before_the_kill", before, "runs");
        Figure.Print("orchestrate", "schedules_killed", "all_seconds", (await Last(source) - due).TotalSeconds, "s");
        Figure.Print("orchestrate", "schedules_killed", "doubles", await Count(source) - count, "1");
        Directory.Delete(folder, recursive: true);
    }

    private static async Task Put(ClusterEtl etl, int count, DateTimeOffset due)
    {
        var spec = Pipeline.Named("light").Step("one", "flow.noop").Build(StepCatalog.Specs);
        await etl.Register(new DefinitionCommand.Register(spec, "", null, null), CancellationToken.None);
        var daily = new ScheduleSpec(new Recurrence.Interval(TimeSpan.FromDays(1), due), Pipeline: spec.Name);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = PutAtOnce }, async (i, cancellation) =>
            await etl.Schedules.Put($"s{i}", daily, keepsPause: false, cancellation));
    }

    private static async Task<long> Count(NpgsqlDataSource source)
    {
        await using var count = source.CreateCommand("SELECT count(*) FROM etl.run_heads");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>When the last of them started.</summary>
    private static async Task<DateTimeOffset> Last(NpgsqlDataSource source)
    {
        await using var last = source.CreateCommand("SELECT max(started_at) FROM etl.run_heads");
        return DateTimeOffset.UnixEpoch.AddTicks((long)(await last.ExecuteScalarAsync())! * TimeSpan.TicksPerMicrosecond);
    }
}
