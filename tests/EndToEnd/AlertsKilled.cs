using System.Text.Json;
using OrleansEtl.Servers;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>The real process is killed with SIGKILL around the end of runs that fail, and while it tells of them. Every failure is told or
/// counted once, and what is told twice has the same key.</summary>
[Trait("category", "slow"), Collection(Alone.Name)]
public class AlertsKilled(ITestOutputHelper output)
{
    private const int Kills = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const string Failing = """
        pipeline: failing
        alerts:
          - { on: check_failed, to: [ops], repeat: 1d }
        steps:
          - { id: rows, kind: extract.generate, with: { rows: 3, columns: { id: { generator: sequence } } } }
          - { id: sane, kind: check.row_count, depends_on: [rows], with: { min: 100 } }
        """;

    [Fact]
    public async Task Every_run_that_fails_is_told_or_counted_once_whenever_its_process_is_killed()
    {
        var seed = Environment.GetEnvironmentVariable("ETL_SEED") is { Length: > 0 } given ? int.Parse(given) : Environment.TickCount;
        output.WriteLine($"seed {seed}; run it again with ETL_SEED={seed}");
        var random = new Random(seed);
        await using var hook = new HookReceiver();
        using var play = new Playground();
        play.Write("p.yaml", Failing);
        (string, string)[] settings = [("ETL_CONNECTION_OPS", hook.Channel)];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (await EtlProcess.Run(play.Folder, ["run", "p.yaml"], settings)).With(8);
        var (whole, killed) = (watch.Elapsed, 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "quiet"], settings);
            var end = process.End();
            await Task.WhenAny(end, Task.Delay(whole * (0.3 + 0.7 * (kill + random.NextDouble()) / Kills)));
            if (!process.HasEnded) killed++;
            process.Kill();
            await end;
        }
        output.WriteLine($"{killed} of {Kills} died before their end");
        using var dev = EtlProcess.Start(play.Folder, ["dev"], settings);
        await Until(async () =>
        {
            var runs = (await play.Etl("runs", "list", "--limit", "500", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray().ToArray();
            Assert.InRange(runs.Length, 1, Kills + 1);
            var alerts = await Alerts(play);
            var counted = alerts.Sum(alert => alert.GetProperty("count").GetInt32() + alert.GetProperty("more").GetInt32());
            Assert.True(counted <= runs.Length, $"seed {seed}: {counted} failures are told of {runs.Length} runs");
            return runs.All(run => run.GetProperty("status").GetString() == "failed") && counted == runs.Length;
        }, $"seed {seed}");
        dev.Interrupt();
        await dev.End();
        Assert.Single(await Alerts(play));
        Assert.Single(hook.Heard.Select(heard => heard.Key).Distinct()); // of more than one message a day there is one
    }

    [Fact]
    public async Task What_a_killed_process_was_about_to_tell_the_next_one_tells_under_the_same_key()
    {
        await using var hook = new HookReceiver();
        hook.Answers.Enqueue(0); // it stalls, and the process dies
        using var play = new Playground();
        play.Write("p.yaml", Failing);
        play.Write("other.yaml", "pipeline: other\nsteps: [{ id: wait, kind: flow.signal, with: { name: go } }]\n");
        (string, string)[] settings = [("ETL_CONNECTION_OPS", hook.Channel)];
        using (var first = EtlProcess.Start(play.Folder, ["run", "p.yaml"], settings))
        {
            await hook.Hears(1, Patience);
            first.Kill();
            await first.End();
        }
        Assert.Equal("sending", (await Alerts(play))[0].GetProperty("deliveries")[0].GetProperty("status").GetString());
        using var next = EtlProcess.Start(play.Folder, ["run", "other.yaml"], settings);
        await hook.Hears(2, Patience);
        await Until(async () => (await Alerts(play))[0].GetProperty("deliveries")[0].GetProperty("status").GetString() == "sent", "");
        next.Interrupt();
        await next.End();
        Assert.Equal(2, hook.Heard.Count);
        Assert.Single(hook.Heard.Select(heard => heard.Key).Distinct());
        Assert.All(hook.Heard, heard => Assert.Equal(hook.Heard.First().Body.GetRawText(), heard.Body.GetRawText()));
        var shown = (await play.Etl("alerts", "show", "failing/1")).With(0);
        shown.Saying("failing failed in step sane: ETL5040");
    }

    private static async Task<JsonElement[]> Alerts(Playground play) =>
        [.. (await play.Etl("alerts", "list", "-o", "json")).With(0).Json.GetProperty("alerts").EnumerateArray()];

    private static async Task Until(Func<Task<bool>> isSo, string what)
    {
        var until = DateTimeOffset.UtcNow + Patience;
        while (!await isSo())
        {
            Assert.True(DateTimeOffset.UtcNow < until, $"{what}: it did not come to be");
        }
    }
}
