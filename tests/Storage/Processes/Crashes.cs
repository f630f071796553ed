using System.Diagnostics;
using System.Globalization;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>A process that appends is killed with SIGKILL again and again: whatever it was told is there, and nothing is there by half.</summary>
public sealed class Crashes(ITestOutputHelper output)
{
    private const int Kills = 8, AcknowledgedMax = 300;

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_and_nothing_is_there_by_half()
    {
        var seed = Environment.GetEnvironmentVariable("ETL_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"ETL_SEED={seed}");
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var acknowledged = new Dictionary<int, long>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await AppendThenKill(folder.At("store.db"), kill * ChildProcess.Runs, random.Next(AcknowledgedMax), acknowledged);
            await CheckAll(folder.At("store.db"), acknowledged);
        }
        Assert.True(acknowledged.Count > 0, "No append was acknowledged before any kill.");
    }

    private static async Task AppendThenKill(string path, int firstRun, int lines, Dictionary<int, long> acknowledged)
    {
        using var child = ChildProcess.Start(ChildProcess.Appends, path, firstRun.ToString(CultureInfo.InvariantCulture));
        for (var i = 0; ; i++)
        {
            // After the kill, what it had said before is still in the pipe, and counts.
            if (i == lines) child.Kill();
            if (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is not { } line) break;
            // A line that the kill cut short says nothing.
            if (line.Split(' ') is not [var number, var version] || long.Parse(version) % ChildProcess.EventsOfAnAppend != 0) continue;
            acknowledged[int.Parse(number)] = Math.Max(acknowledged.GetValueOrDefault(int.Parse(number)), long.Parse(version));
        }
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(128 + 9, child.ExitCode);
    }

    private static async Task CheckAll(string path, Dictionary<int, long> acknowledged)
    {
        await using var store = EmbeddedStore.Open(path, TimeProvider.System);
        var runs = await store.Catalog.Runs(new RunQuery(Limit: 500), default);
        Assert.Superset(acknowledged.Keys.Select(Run).ToHashSet(), runs.Items.Select(row => row.Id).ToHashSet());
        for (var number = 0; number < Kills * ChildProcess.Runs; number++)
            await CheckRun(store, number, acknowledged.GetValueOrDefault(number));
    }

    private static async Task CheckRun(EmbeddedStore store, int number, long acknowledged)
    {
        var run = Run(number);
        if (await store.Journal.Read(run, default) is not { } stored)
        {
            Assert.Equal(0, acknowledged);
            Assert.Null(await store.Catalog.Run(run, default));
            return;
        }
        Assert.True(stored.Version >= acknowledged, $"{run}: {acknowledged} were acknowledged, {stored.Version} are there.");
        Assert.Equal(0, stored.Version % ChildProcess.EventsOfAnAppend);
        Assert.Equal(Enumerable.Range(1, (int)stored.Version).Select(seq => $"{number}.{seq}"), Texts(stored.Events));
        Assert.Equal(stored.Version, (await store.Catalog.Run(run, default))!.StepsDone);
        Assert.Equal(stored.Version, (await store.Catalog.Steps(run, default)).Single().Attempts);
        Assert.Equal($"{stored.Version}", (await store.Catalog.Dataset($"out {number}", null, default))!.Version);
        Assert.Contains(run, await store.Catalog.Due(Noon.AddSeconds(stored.Version), 500, default));
    }
}

/// <summary>Several processes on one store.</summary>
public sealed class Neighbours
{
    [Fact]
    public async Task Processes_that_write_to_one_run_lose_nothing_of_each_other()
    {
        using var folder = new TemporaryFolder();
        const int Count = 60;
        var children = Enumerable.Range(0, 2).Select(_ =>
            ChildProcess.Start(ChildProcess.Contends, folder.At("store.db"), Run(1).Value, $"{Count}")).ToArray();
        var expected = new List<string>();
        foreach (var child in children)
        {
            var process = (await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
            expected.AddRange(Enumerable.Range(0, Count).Select(i => $"{process}.{i}"));
            child.Dispose();
        }
        await using var store = EmbeddedStore.Open(folder.At("store.db"), TimeProvider.System);
        var stored = (await store.Journal.Read(Run(1), TestContext.Current.CancellationToken))!;
        Assert.Equal(2 * Count, stored.Version);
        Assert.Equal(expected.Order(), Texts(stored.Events).Order());
    }

    [Fact]
    public async Task The_process_table_tells_the_living_from_the_dead()
    {
        using var folder = new TemporaryFolder();
        var here = HostProcesses.Here("one", Noon);
        var liveness = Liveness.OfThisHost();
        Assert.False(liveness.IsDead(here, Noon.AddDays(1)));
        Assert.True(liveness.IsDead(here with { ProcessStart = "another boot 1" }, Noon));

        using var child = ChildProcess.Start(ChildProcess.Appends, folder.At("store.db"), "0");
        await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var there = here with { ProcessId = child.Id, ProcessStart = HostProcesses.Start(child.Id)! };
        Assert.False(liveness.IsDead(there, Noon));
        child.Kill();
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(liveness.IsDead(there, Noon));
    }
}
