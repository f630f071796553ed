using System.Diagnostics;
using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>The real process is killed with SIGKILL at moments spread over the whole duration of a run. Afterwards the run is taken up
/// until it is done: what it published is what an undisturbed run published, and steps that had finished did not run again.</summary>
[Trait("category", "slow"), Collection(Alone.Name)]
public class Killed(ITestOutputHelper output)
{
    private static readonly string[] Files = ["orders.csv", "customers.parquet", "shares.csv"];

    [Fact]
    public Task Fifty_kills_change_nothing_of_what_is_published() => Kills(50);

    [Fact, Trait("category", "soak")]
    public Task Five_hundred_kills_change_nothing_of_what_is_published() => Kills(500);

    private async Task Kills(int moments)
    {
        var seed = Environment.GetEnvironmentVariable("ETL_SEED") is { Length: > 0 } given ? int.Parse(given) : Environment.TickCount;
        output.WriteLine($"seed {seed}; run it again with ETL_SEED={seed}");
        var random = new Random(seed);
        var (expected, duration) = await Undisturbed();
        var (killed, tries) = (0, 0);
        while (killed < moments)
        {
            Assert.True(tries++ < 2 * moments, $"{killed} of {tries} were killed before their end: the moments come too late");
            var moment = duration * ((killed + random.NextDouble()) / moments);
            var survived = await KilledAt(moment, expected, $"seed {seed}, try {tries}, after {moment.TotalMilliseconds:0} ms");
            if (survived is null) killed++;
            else if (survived < duration) duration = survived.Value; // the machine has become faster
        }
        output.WriteLine($"{killed} of {tries} died in the middle; an undisturbed run takes {duration.TotalSeconds:0.0} s");
    }

    /// <summary>The published files, and how long a run takes when nothing else is going on.</summary>
    private static async Task<(IReadOnlyDictionary<string, string> Hashes, TimeSpan Duration)> Undisturbed()
    {
        using var play = new Playground();
        play.Write("p.yaml", SlowPipeline.Yaml);
        (await play.Etl("run", "p.yaml")).With(0);
        var hashes = Hashes(play);
        Directory.Delete(play[".etl"], recursive: true);
        var watch = Stopwatch.StartNew();
        var run = (await play.Etl("run", "p.yaml", "-o", "json")).With(0).Json;
        Assert.All(Steps(run), step => Assert.Equal(1, step.Value.Attempts));
        Assert.Equal(hashes, Hashes(play));
        return (hashes, watch.Elapsed);
    }

    /// <returns>How long the process took, when it ended by itself before the kill came.</returns>
    private static async Task<TimeSpan?> KilledAt(TimeSpan moment, IReadOnlyDictionary<string, string> expected, string where)
    {
        using var play = new Playground();
        play.Write("p.yaml", SlowPipeline.Yaml);
        bool died;
        var watch = Stopwatch.StartNew();
        TimeSpan lived;
        using (var process = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "quiet"]))
        {
            var end = process.End();
            await Task.WhenAny(end, Task.Delay(moment));
            (died, lived) = (!process.HasEnded, watch.Elapsed);
            if (died) process.Kill();
            await end;
        }
        var before = await Newest(play);
        var resumed = await play.Etl("run", "p.yaml", "--resume", "-o", "json");
        Assert.True(resumed.Code == 0, $"{where}: {resumed.Talk}");
        var after = Steps(resumed.Json);
        if (before is { } run && resumed.Json.GetProperty("run_id").GetString() == run.GetProperty("run_id").GetString())
        {
            foreach (var (id, step) in Steps(run).Where(s => s.Value.Status == "succeeded"))
            {
                Assert.True(after[id].Attempts == step.Attempts, $"{where}: the finished step {id} ran again");
            }
        }
        Assert.All(after, step => Assert.True(step.Value is { Status: "succeeded", Attempts: 1 or 2 }, $"{where}: {step}"));
        Assert.True(expected.SequenceEqual(Hashes(play)), $"{where}: what was published differs");
        await OneVersionOfEachDataset(play, resumed.Json, where);
        return died ? null : lived;
    }

    private static async Task<JsonElement?> Newest(Playground play)
    {
        if (!Directory.Exists(play[".etl"])) return null;
        var shown = await play.Etl("runs", "show", "last", "-o", "json");
        return shown.Code == 5 ? null : shown.With(0).Json;
    }

    private static async Task OneVersionOfEachDataset(Playground play, JsonElement run, string where)
    {
        var datasets = (await play.Etl("datasets", "list", "-o", "json", "--limit", "500")).With(0).Json.GetProperty("datasets");
        Assert.NotEqual(0, datasets.GetArrayLength());
        foreach (var dataset in datasets.EnumerateArray())
        {
            var name = dataset.GetProperty("dataset").GetString()!;
            var id = run.GetProperty("run_id").GetString();
            var versions = (await play.Etl("datasets", "show", name, "-o", "json")).With(0).Json.GetProperty("datasets");
            var ofRun = versions.EnumerateArray().Count(v => v.GetProperty("run_id").GetString() == id);
            Assert.True(ofRun <= 1, $"{where}: {name} was published {ofRun} times");
        }
    }

    private static SortedDictionary<string, string> Hashes(Playground play)
    {
        using var duck = new Answers(play.Folder);
        return new(Files.ToDictionary(f => f, f => duck.LogicalHash($"SELECT * FROM '{play[$"out/{f}"]}'")), StringComparer.Ordinal);
    }

    private static Dictionary<string, (string Status, int Attempts)> Steps(JsonElement run) => run.GetProperty("steps").EnumerateArray()
        .ToDictionary(s => s.GetProperty("id").GetString()!, s => (s.GetProperty("status").GetString()!, s.GetProperty("attempts").GetInt32()));
}

/// <summary>Tests for which time matters run when no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class Alone
{
    public const string Name = "alone";
}
