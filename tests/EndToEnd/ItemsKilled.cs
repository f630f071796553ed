using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>A step that runs for each item, in a process that is killed with SIGKILL in the middle of it.</summary>
[Trait("category", "slow")]
public class ItemsKilled
{
    private const int Items = 60;

    [Fact]
    public async Task Items_that_had_ended_do_not_run_again_and_the_others_run_once_more()
    {
        using var play = new Playground();
        var (effects, go) = (play["effects"], play["go"]);
        // Item 20 waits until the second process lets it go, so that the first one never ends by itself.
        play.Write("p.yaml", $$$"""
            pipeline: many
            steps:
              - id: each
                kind: process
                for_each: { range: {{{Items}}}, concurrency: 4 }
                with:
                  program: sh
                  args: ["-c", "echo {{ item }} >> {{{effects}}}; if [ {{ item }} = 20 ]; then until [ -e {{{go}}} ]; do sleep 0.02; done; fi"]
              - { id: after, kind: flow.noop, depends_on: [each] }
            """);
        string[] run = ["run", "p.yaml", "--allow-program", "sh", "--progress", "quiet"];
        using (var process = EtlProcess.Start(play.Folder, run))
        {
            while (!process.HasEnded && await Succeeded(play) < 30) { }
            Assert.False(process.HasEnded);
            process.Kill();
            await process.End();
        }
        var (durable, before) = (await Succeeded(play), File.ReadAllLines(effects).Length);
        Assert.InRange(durable, 30, Items - 1);
        File.WriteAllText(go, "");
        var resumed = (await play.Etl([.. run, "--resume", "-o", "json"])).With(0).Json;
        Assert.Equal(Items, Counts(resumed).GetProperty("succeeded").GetInt32());
        var after = File.ReadAllLines(effects);
        Assert.Equal(Items, after.Distinct().Count());
        Assert.Equal(Items - durable, after.Length - before);
        var page = (await play.Etl("runs", "items", "last", "each", "-o", "json", "--limit", "500")).With(0).Json;
        Assert.Equal(Enumerable.Range(0, Items), page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("index").GetInt32()));
    }

    [Fact]
    public async Task Failed_items_are_listed_and_run_again_alone()
    {
        using var play = new Playground();
        play.Write("p.yaml", $$$"""
            pipeline: many
            steps:
              - id: each
                kind: process
                for_each: { items: [a, b, c], on_item_failure: continue }
                retry: 0
                with: { program: sh, args: ["-c", "echo {{ item }} >> {{{play["effects"]}}}; [ {{ item }} != b ] || [ -e {{{play["mended"]}}} ]"] }
            """);
        (await play.Etl("run", "p.yaml", "--allow-program", "sh")).With(8);
        var failed = (await play.Etl("runs", "items", "last", "each", "--status", "failed", "-o", "json")).With(0).Json.GetProperty("items");
        Assert.Equal(["b"], failed.EnumerateArray().Select(item => item.GetProperty("key").GetString()));
        (await play.Etl("rerun", "last", "--step", "each", "--items", "b", "nope", "--allow-program", "sh")).With(5).Saying("ETL6851", "'nope'", "'b'");
        (await play.Etl("rerun", "last", "--step", "each", "--items", "a", "--allow-program", "sh")).With(6).Saying("ETL6208", "'a'");
        Assert.Single((await play.Etl("runs", "list", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray());
        play.Write("mended", "");
        var again = (await play.Etl("rerun", "last", "--step", "each", "--items", "failed", "--allow-program", "sh", "-o", "json")).With(0).Json;
        Assert.Equal((3, 2), (Counts(again).GetProperty("succeeded").GetInt32(), Counts(again).GetProperty("reused").GetInt32()));
        Assert.Equal(["a", "b", "b", "c"], File.ReadAllLines(play["effects"]).Order());
    }

    private static async Task<int> Succeeded(Playground play)
    {
        if (!Directory.Exists(play[".etl"])) return 0;
        var shown = await play.Etl("runs", "show", "last", "-o", "json");
        return shown.Code == 0 && Counts(shown.Json) is { ValueKind: JsonValueKind.Object } counts ? counts.GetProperty("succeeded").GetInt32() : 0;
    }

    private static JsonElement Counts(JsonElement run) => run.GetProperty("steps")[0].GetProperty("items");
}
