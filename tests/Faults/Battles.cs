using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Faults.Tests.Cluster;
using OrleansEtl.Faults.Tests.Oracle;
using OrleansEtl.Faults.Tests.Schedule;
using OrleansEtl.Faults.Tests.Workload;

namespace OrleansEtl.Faults.Tests;

/// <summary>Real silos over a real Postgres under load, while things go wrong. Whatever happened, everything is as if nothing had.</summary>
[Trait("category", "slow"), Trait("category", "runtime-only")]
public class Battles(ITestOutputHelper output)
{
    private const int People = 12;

    /// <summary>Within which every run has ended after the last mishap, with nobody's help.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(30);
    /// <summary>A start with a key is two calls, each within the client's patience; the rest is for a busy machine.</summary>
    private static readonly TimeSpan CallBound = 2 * ClientPatience + TimeSpan.FromSeconds(5);

    [Fact]
    public Task Twenty_mishaps_change_nothing() => Fight(mishaps: 20, databaseAwayMax: TimeSpan.FromSeconds(20));

    [Fact, Trait("category", "soak")]
    public Task Two_hundred_mishaps_change_nothing() => Fight(mishaps: 200, databaseAwayMax: TimeSpan.FromSeconds(60));

    private async Task Fight(int mishaps, TimeSpan databaseAwayMax)
    {
        var seed = Environment.GetEnvironmentVariable("ETL_SEED") is { Length: > 0 } given ? int.Parse(given) : Environment.TickCount;
        Say($"seed {seed}; run it again with ETL_SEED={seed}");
        var schedule = new FaultSchedule(seed, Silos: 3, mishaps, CalmMax: TimeSpan.FromSeconds(3), FreezeMax: TimeSpan.FromSeconds(15), databaseAwayMax);
        await using var field = await Battlefield.Start(schedule.Silos, Say);
        await using var one = await field.Connect(ClientPatience);
        await using var other = await field.Connect(ClientPatience);
        var witness = new Witness();
        var load = new Load([one, other], Works.All, witness, seed, CallBound, Say);
        await load.RunEach("calm", CancellationToken.None);

        using var over = new CancellationTokenSource();
        var watchman = new Watchman(field);
        var watching = watchman.Watch(over.Token);
        var living = load.Run(People, over.Token);
        await Task.WhenAny(living, new Injector(field, Say).Run(schedule, CancellationToken.None)).Unwrap();
        load.Stop();
        var last = Stopwatch.StartNew();
        var ended = await Task.WhenAny(living, Task.Delay(Recovery)) == living;
        Say($"{witness.Asked} runs, {load.Ended} seen to their end; after the last mishap: {(ended ? "" : "not within ")}{last.Elapsed.TotalSeconds:0.0} s");
        await over.CancelAsync();
        await watching;
        Say($"{field.Lives.Length} processes, of which none took more than {field.Lives.Max(life => life.PeakBytes) / 1e6:0} MB");
        if (ended) await living;

        Report(await Breaches(field, witness, watchman), seed);
    }

    private static async Task<ImmutableArray<string>> Breaches(Battlefield field, Witness witness, Watchman watchman)
    {
        var (chronicles, datasets) = await field.Stored();
        var endings = Yardstick.Of(chronicles, Works.All, "calm");
        var evidence = new Evidence(
            Yardstick.Asked(witness, endings), witness.Sightings, chronicles, datasets, await field.Effects(), witness.Calls, field.Lives);
        return [.. watchman.Breaches, .. Judge.Of(evidence)];
    }

    private void Report(ImmutableArray<string> breaches, int seed)
    {
        foreach (var breach in breaches.Take(100)) Say(breach);
        Assert.True(breaches.IsEmpty, $"seed {seed}: {breaches.Length} breaches:\n{string.Join('\n', breaches.Take(20))}");
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }
}
