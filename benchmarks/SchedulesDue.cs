using System.Collections.Concurrent;
using Npgsql;
using Orleans;
using OrleansEtl.Servers;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>Many schedules that fall due in the same second on one silo over Postgres: until the run of each has started, and whether any
/// started twice.</summary>
internal static class SchedulesDue
{
    private const int PutAtOnce = 256;
    /// <summary>Long enough to make them all.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task Measure(int count)
    {
        await using var server = await PostgresServer.Start();
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        var (started, all) = (new ConcurrentDictionary<RunId, DateTimeOffset>(), new TaskCompletionSource());
        var spec = DurableSilo.Chain(1);
        var version = new PipelineVersion(1, spec.Version(), spec, "/", DateTimeOffset.UnixEpoch, null, null);
        var desk = new ScheduleDesk(store.GrainStates, store.Catalog, (_, _, _) => Task.FromResult(version), TimeProvider.System, Guid.NewGuid);
        await using var silo = await DurableSilo.Start(store, byGrains: false, schedules: grains => desk with { Pays = Paying(grains) });
        var due = TimeProvider.System.GetUtcNow() + Ahead;
        var daily = new ScheduleSpec(new Recurrence.Interval(TimeSpan.FromDays(1), due), Pipeline: spec.Name);
        foreach (var some in Enumerable.Range(0, count).Chunk(PutAtOnce))
            await Task.WhenAll(some.Select(i => desk.Put(new KeptSchedule(desk, $"s{i}"), daily, keepsPause: false)));
        if (TimeProvider.System.GetUtcNow() > due) throw new InvalidOperationException($"To make {count} schedules took longer than {Ahead}.");
        await all.Task.WaitAsync(Ahead + Patience);
        var seconds = started.Values.Select(at => (at - due).TotalSeconds).ToArray();
        Figure.Print("orchestrate", "schedules_due", "p50_seconds", Figure.Median(seconds), "s");
        Figure.Print("orchestrate", "schedules_due", "all_seconds", seconds.Max(), "s");
        Figure.Print("orchestrate", "schedules_due", "doubles", await Runs(source) - count, "1");

        RunsOfSchedules Paying(IGrainFactory grains) => new(
            async (run, start) =>
            {
                var answer = await grains.GetGrain<IPipelineGrain>(run.Value).Tell(start);
                started.TryAdd(run, TimeProvider.System.GetUtcNow());
                if (started.Count >= count) all.TrySetResult();
                return answer;
            },
            (run, reason) => grains.GetGrain<IPipelineGrain>(run.Value).Tell(new RunCommand.Cancel(reason)));
    }

    private static async Task<long> Runs(NpgsqlDataSource source)
    {
        await using var count = source.CreateCommand("SELECT count(*) FROM etl.run_heads");
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
