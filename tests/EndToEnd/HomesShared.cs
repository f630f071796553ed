using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Several processes on one home; interruptions; what scripts rely on.</summary>
public class HomesShared
{
    [Fact]
    public async Task Runs_are_listed_shown_and_cancelled_from_another_process()
    {
        using var play = new Playground();
        play.Write("p.yaml", SlowPipeline.Endless);
        using var running = EtlProcess.Start(play.Folder, ["run", "p.yaml", "-o", "json", "--progress", "plain"]);
        await running.Says("kept  succeeded");

        var list = (await play.Etl("runs", "list", "-o", "json")).With(0).Json.GetProperty("runs");
        var id = list[0].GetProperty("run_id").GetString()!;
        Assert.Equal("running", list[0].GetProperty("status").GetString());
        var shown = (await play.Etl("runs", "show", id, "-o", "json")).With(0).Json;
        Assert.Equal("succeeded", Step(shown, "kept").GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("waiting").ValueKind);
        (await play.Etl("runs", "history", id)).With(0);
        Assert.Equal("10", (await play.Etl("datasets", "show", "endless/kept", "-o", "json")).With(0).Json
            .GetProperty("datasets")[0].GetProperty("rows").GetRawText());
        (await play.Etl("resume", id)).With(6).Saying("error[ETL");

        (await play.Etl("runs", "cancel", id)).With(0);
        var ended = (await running.End()).With(8);
        Assert.Equal("cancelled", ended.Json.GetProperty("status").GetString());
        (await play.Etl("cancel", id)).With(6);
    }

    [Fact]
    public async Task Two_runs_drive_one_home_at_once()
    {
        using var play = new Playground();
        foreach (var name in new[] { "a", "b" })
        {
            play.Write($"{name}/p.yaml", SlowPipeline.Yaml.Replace("pipeline: slow", $"pipeline: slow_{name}"));
        }
        string[] Command(string name) => ["run", $"{name}/p.yaml", "-p", "rows=200000", "-o", "json"];
        using var a = EtlProcess.Start(play.Folder, Command("a"));
        using var b = EtlProcess.Start(play.Folder, Command("b"));
        foreach (var process in new[] { a, b }) Assert.Equal("succeeded", (await process.End()).With(0).Json.GetProperty("status").GetString());
        var runs = (await play.Etl("runs", "list", "-o", "json")).With(0).Json.GetProperty("runs");
        Assert.Equal(2, runs.GetArrayLength());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_interrupted_run_stops_cleanly_says_how_to_go_on_and_goes_on(bool byCtrlC)
    {
        using var play = new Playground();
        play.Write("p.yaml", SlowPipeline.Yaml);
        using var running = EtlProcess.Start(play.Folder, ["run", "p.yaml", "-p", "rows=8000000", "--progress", "plain"]);
        await running.Says("orders_file  succeeded");
        if (byCtrlC) running.Interrupt(); else running.Terminate();
        var ended = (await running.End()).With(130);
        var id = ended.Talk.Split('\n').Select(l => l.Trim()).Single(l => l.StartsWith("etl resume run_")).Split(' ')[2];
        var left = (await play.Etl("runs", "show", id, "-o", "json")).With(0).Json;
        Assert.Equal("driver", left.GetProperty("waiting").GetProperty("for").GetString());
        Assert.DoesNotContain("running", left.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("status").GetString()));
        var resumed = (await play.Etl("resume", id, "-o", "json")).With(0).Json;
        Assert.Contains("run_ended", (await play.Etl("runs", "history", id, "-o", "json")).With(0).Data.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.Equal("succeeded", resumed.GetProperty("status").GetString());
        Assert.Equal(1, Step(resumed, "orders_file").GetProperty("attempts").GetInt32());
        (await play.Etl("resume", id)).With(6);
    }

    [Fact]
    public async Task A_changed_file_is_not_taken_up_again_and_the_difference_is_shown()
    {
        using var play = new Playground();
        play.Write("p.yaml", SlowPipeline.Yaml);
        using (var running = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "plain"]))
        {
            await running.Says("orders  running");
            running.Kill();
            await running.End();
        }
        play.Write("p.yaml", SlowPipeline.Yaml.Replace("factor: 1.5", "factor: 2.5"));
        (await play.Etl("run", "p.yaml", "--resume")).With(6).Saying("factor", "1.5", "2.5", "etl resume run_", "etl cancel run_");
        play.Write("p.yaml", SlowPipeline.Yaml);
        (await play.Etl("run", "p.yaml", "--resume", "-p", "rows=7")).With(6).Saying("rows");
        (await play.Etl("run", "p.yaml", "--resume")).With(0);
    }

    [Fact]
    public async Task The_exit_codes_are_those_that_are_documented()
    {
        using var play = new Playground();
        (await play.Etl("frobnicate")).With(2);
        (await play.Etl("run")).With(2);
        (await play.Etl("runs", "list")).With(5).Saying("ETL4801");
        play.Write("p.yaml", """
            pipeline: p
            params: { n: { type: integer, default: 3 } }
            steps:
              - { id: made, kind: extract.generate, with: { rows: "{{ params.n }}", columns: { id: { generator: sequence } } } }
              - { id: big, kind: check.range, depends_on: [made], with: { columns: [id], max: 5 } }
            """);
        (await play.Etl("run", "p.yaml", "-p", "n=many")).With(2);
        (await play.Etl("run", "p.yaml", "-p", "m=1")).With(2);
        (await play.Etl("run", "p.yaml", "--timeout", "soon")).With(2);
        (await play.Etl("run", "p.yaml")).With(0);
        (await play.Etl("run", "p.yaml", "-p", "n=9")).With(8).Saying("error[ETL");
        (await play.Etl("runs", "show", "run_00000000000000000000000000")).With(5);
        (await play.Etl("datasets", "show", "nothing")).With(5);
        (await play.Etl("explain", "ETL0000")).With(5);
        (await play.Etl("explain", "transform.join")).With(0);
        (await play.Etl("cancel", "last")).With(6);
    }

    [Fact]
    public async Task The_json_of_a_run_has_the_promised_names_and_stdout_holds_nothing_else()
    {
        using var play = new Playground();
        var ended = (await play.RunYaml(SlowPipeline.Yaml, "-p", "rows=1000", "--progress", "plain")).With(0);
        var run = ended.Json;
        foreach (var name in new[] { "run_id", "pipeline", "status", "duration_seconds", "steps" }) Assert.True(run.TryGetProperty(name, out _), name);
        foreach (var step in run.GetProperty("steps").EnumerateArray())
        {
            foreach (var name in (string[])["id", "kind", "status", "attempts", "rows_in", "rows_out", "rows_rejected", "duration_seconds", "error", "outputs"])
            {
                Assert.True(step.TryGetProperty(name, out _), name);
            }
            foreach (var output in step.GetProperty("outputs").EnumerateArray())
            {
                foreach (var name in (string[])["dataset", "version", "rows", "path"]) Assert.True(output.TryGetProperty(name, out _), name);
            }
        }
        Assert.Equal(1000, Step(run, "orders").GetProperty("rows_out").GetInt64());
        Assert.Equal(1000, Step(run, "orders_file").GetProperty("outputs")[0].GetProperty("rows").GetInt64());
        Assert.DoesNotContain("\e", ended.Talk);
    }

    [Fact]
    public async Task A_failed_run_is_rerun_from_what_failed()
    {
        using var play = new Playground();
        play.Write("p.yaml", """
            pipeline: p
            steps:
              - { id: made, kind: extract.generate, with: { rows: 3, columns: { id: { generator: sequence } } } }
              - { id: kept, kind: load.parquet, depends_on: [made], with: { dataset: p/kept } }
              - { id: late, kind: extract.csv, depends_on: [kept], with: { path: late.csv, columns: { id: bigint } } }
              - { id: out, kind: load.csv, depends_on: [late], with: { path: out/late.csv } }
            """);
        (await play.Etl("run", "p.yaml")).With(8);
        play.Write("late.csv", "id\n1\n2\n");
        var rerun = (await play.Etl("rerun", "last", "-o", "json")).With(0).Json;
        Assert.Equal("reused", Step(rerun, "kept").GetProperty("status").GetString());
        Assert.Equal(2, Step(rerun, "out").GetProperty("rows_out").GetInt64());
    }

    [Fact]
    public async Task The_file_that_init_writes_runs_as_it_is()
    {
        using var play = new Playground();
        (await play.Etl("init", "shop")).With(0);
        (await play.Etl("init", "shop")).With(6);
        (await play.Etl("validate", "shop.yaml")).With(0);
        (await play.Etl("run", "shop.yaml", "-p", "orders=100")).With(0);
        Assert.True(File.Exists(play["out/shop.csv"]));
    }

    private static JsonElement Step(JsonElement run, string id) =>
        run.GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("id").GetString() == id);
}
