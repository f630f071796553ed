using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>People who pause, signal, approve, skip and mark, each from a process of their own.</summary>
public class Steered
{
    private const string Pipeline = """
        pipeline: steered
        steps:
          - id: uploaded
            kind: flow.signal
            with: { name: uploaded, values: { files: integer } }
          - id: orders
            kind: extract.generate
            depends_on: [uploaded]
            with: { rows: "{{ steps.uploaded.values.files }}", columns: { id: { generator: sequence } } }
          - id: ok
            kind: flow.approval
            depends_on: [orders]
            with: { message: "{{ steps.orders.values.rows_out }} rows", approvers: [ann, bob] }
          - id: out
            kind: load.csv
            depends_on: [orders, ok]
            when: "{{ steps.ok.values.approved }}"
            with: { path: out.csv }
        """;

    [Fact]
    public async Task A_run_is_paused_signalled_and_approved_from_other_processes()
    {
        using var play = new Playground();
        play.Write("p.yaml", Pipeline);
        using var running = EtlProcess.Start(play.Folder, ["run", "p.yaml", "-o", "json", "--progress", "plain"]);
        await running.Says("uploaded  awaiting  waits for signal uploaded");
        (await play.Etl("pause", "last", "--reason", "lunch")).With(0).Saying("paused", "etl resume run_");
        await running.Says(": lunch");
        (await play.Etl("signal", "last", "uploaded", "--data", """{"files": "many"}""")).With(7).Saying("ETL4267");
        (await play.Etl("signal", "last", "upload")).With(5).Saying("ETL4266", "uploaded");
        (await play.Etl("signal", "last", "uploaded", "--data", """{"files": 3}""", "--key", "k")).With(0);
        (await play.Etl("signal", "last", "uploaded", "--data", """{"files": 3}""", "--key", "k")).With(0);
        (await play.Etl("signal", "last", "uploaded", "--data", """{"files": 4}""", "--key", "k")).With(6).Saying("ETL4277");
        await running.Says("uploaded  succeeded");
        var paused = (await play.Etl("runs", "show", "last", "-o", "json")).With(0).Json;
        Assert.Equal("lunch", paused.GetProperty("paused").GetProperty("reason").GetString());
        Assert.Equal("waits until the run is resumed", Step(paused, "orders").GetProperty("waiting").GetProperty("text").GetString());
        Assert.Equal(1, (await play.Etl("runs", "list", "--status", "paused", "-o", "json")).With(0).Json.GetProperty("runs").GetArrayLength());

        (await play.Etl("resume", "last", "--progress", "quiet").WaitFor(async () =>
        {
            await running.Says("ok  awaiting  waits for approval: 3 rows");
            (await play.Etl("runs", "show", "last")).With(0).Saying("(ann, bob)", "etl approve run_");
            (await play.Etl("approve", "last", "ok", "--comment", "fine")).With(0);
        })).With(0);
        var ended = (await running.End()).With(0).Json;
        Assert.Equal(Environment.UserName, Step(ended, "ok").GetProperty("values").GetProperty("by").GetString());
        Assert.Equal(4, File.ReadAllLines(play["out.csv"]).Length);
        (await play.Etl("reject", "last", "ok")).With(6).Saying("ETL4268", Environment.UserName);
        (await play.Etl("pause", "last")).With(6);
    }

    [Fact]
    public async Task A_run_that_its_killed_process_left_behind_is_cancelled_to_its_end()
    {
        using var play = new Playground();
        play.Write("p.yaml", "pipeline: slow\nsteps: [{ id: s, kind: process, with: { program: sleep, args: [\"1000\"] } }]\n");
        using var killed = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "plain", "--allow-program", "sleep"]);
        await killed.Says("s  running");
        killed.Kill();
        await killed.End();
        (await play.Etl("cancel", "last", "--reason", "wrong day")).With(0).Saying(" cancelled");
        var who = $"by {Environment.UserName}: wrong day";
        var shown = (await play.Etl("runs", "show", "last")).With(0).Saying("slow cancelled", who);
        Assert.Contains($"cancelled {who}", shown.Data); // the step's WHY
        var json = (await play.Etl("runs", "show", "last", "-o", "json")).With(0).Json;
        Assert.Equal("wrong day", json.GetProperty("cancelled").GetProperty("reason").GetString());
        Assert.Equal(Environment.UserName, json.GetProperty("cancelled").GetProperty("by").GetString());
        Assert.Equal($"cancelled {who}", json.GetProperty("steps")[0].GetProperty("cancel_reason").GetString());
        Assert.Contains(who, (await play.Etl("runs", "history", "last")).With(0).Data);
    }

    [Fact]
    public async Task A_pipeline_and_a_home_are_paused_as_a_whole()
    {
        using var play = new Playground();
        play.Write("p.yaml", Pipeline);
        using var running = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "plain"]);
        await running.Says("uploaded  awaiting");
        (await play.Etl("pause")).With(2).Saying("ETL4809", "--pipeline NAME");
        (await play.Etl("pause", "--pipeline", "steered", "--reason", "lunch")).With(0).Saying("etl resume --pipeline steered");
        await running.Says("with its pipeline");
        (await play.Etl("signal", "last", "uploaded", "--data", """{"files": 3}""")).With(0);
        await running.Says("uploaded  succeeded");
        using var later = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "plain"]);
        await later.Says("with its pipeline");
        (await play.Etl("pause", "--all", "--reason", "maintenance")).With(0);
        (await play.Etl("resume", "last", "--progress", "quiet")).With(6).Saying("ETL4273");
        var listed = (await play.Etl("paused", "-o", "json")).With(0).Json.GetProperty("paused");
        Assert.Equal(["lunch", "maintenance"], listed.EnumerateArray().Select(pause => pause.GetProperty("reason").GetString()!));
        (await play.Etl("resume", "--pipeline", "steered")).With(0).Saying("still paused: all pipelines");
        (await play.Etl("resume", "--all")).With(0);
        await running.Says("ok  awaiting");
        await later.Says("uploaded  awaiting");
    }

    [Fact]
    public async Task A_run_that_waits_survives_its_death_and_takes_what_was_said_meanwhile()
    {
        using var play = new Playground();
        play.Write("p.yaml", Pipeline);
        using (var running = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "plain"]))
        {
            await running.Says("uploaded  awaiting");
            running.Kill();
            await running.End();
        }
        (await play.Etl("pause", "last")).With(0);
        (await play.Etl("signal", "last", "uploaded", "--data", """{"files": 3}""")).With(0);
        (await play.Etl("runs", "succeed", "last", "orders", "--reason", "no")).With(6).Saying("ETL4263", "Step out reads");
        (await play.Etl("runs", "skip", "last", "out", "--reason", "not today")).With(0);
        (await play.Etl("runs", "succeed", "last", "ok", "--reason", "by phone", "--value", "approved=true")).With(0);
        var ended = (await play.Etl("resume", "last", "-o", "json")).With(0).Json;
        Assert.Equal(["succeeded", "succeeded", "succeeded", "skipped"],
            ended.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("status").GetString()!));
        Assert.Equal("not today", Step(ended, "out").GetProperty("by_hand").GetProperty("reason").GetString());
        (await play.Etl("runs", "show", "last")).With(0).Saying($"ok marked as succeeded", $"by {Environment.UserName}: by phone");
    }

    private static JsonElement Step(JsonElement run, string id) =>
        run.GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("id").GetString() == id);
}

internal static class Meanwhile
{
    /// <summary>What a process says at its end, once this has been done while it ran.</summary>
    public static async Task<Ended> WaitFor(this Task<Ended> process, Func<Task> meanwhile)
    {
        await meanwhile();
        return await process;
    }
}
