namespace OrleansEtl.EndToEnd.Tests;

/// <summary>A pipeline runs another one, in real processes that are killed.</summary>
public class OtherPipelines
{
    private const string Parent = """
        pipeline: nightly
        steps:
          - { id: before, kind: flow.noop }
          - { id: orders, kind: flow.pipeline, depends_on: [before], with: { pipeline: daily_orders, params: { rows: 7 } } }
          - id: told
            kind: extract.generate
            depends_on: [orders]
            when: "{{ steps.orders.values.steps.out.rows_out == 7 }}"
            with: { rows: 1, seed: 1, columns: { n: { generator: sequence } } }
          - { id: out, kind: load.csv, depends_on: [told], with: { path: out/told.csv } }
        """;

    private const string Child = """
        pipeline: daily_orders
        params: { rows: 1 }
        steps:
          - { id: uploaded, kind: flow.signal, with: { name: uploaded } }
          - id: made
            kind: extract.generate
            depends_on: [uploaded]
            with: { rows: "{{ params.rows }}", seed: 1, columns: { id: { generator: sequence } } }
          - { id: out, kind: load.csv, depends_on: [made], with: { path: out/orders.csv } }
        """;

    [Fact]
    public async Task A_process_that_is_killed_while_it_waits_leaves_one_run_that_the_next_one_waits_for()
    {
        using var play = new Playground();
        play.Write("nightly.yaml", Parent);
        play.Write("daily_orders.yaml", Child);
        (await play.Etl("apply", "daily_orders.yaml")).With(0);
        for (var kills = 0; kills < 3; kills++)
        {
            using var killed = EtlProcess.Start(play.Folder, ["run", "nightly.yaml", "--resume", "--progress", "plain"]);
            await killed.Says("waits for run");
            if (kills > 0) await ChildRun(play); // the first one dies at whatever moment
            killed.Kill();
            await killed.End();
        }
        using var last = EtlProcess.Start(play.Folder, ["run", "nightly.yaml", "--resume", "-o", "json", "--progress", "plain"]);
        await last.Says("waits for run");
        var child = await ChildRun(play);
        (await play.Etl("signal", child, "uploaded")).With(0);
        var run = (await last.End()).With(0).Json;
        var parent = run.GetProperty("run_id").GetString()!;
        Assert.All(run.GetProperty("steps").EnumerateArray(), step => Assert.Equal("succeeded", step.GetProperty("status").GetString()));
        Assert.Equal(child, run.GetProperty("steps")[1].GetProperty("values").GetProperty("run_id").GetString());
        (await play.Etl("runs", "show", parent)).With(0).Saying($"orders started {child}");
        (await play.Etl("runs", "show", child)).With(0).Saying($"started by step orders of run {parent}");
        Assert.Equal(8, (await File.ReadAllLinesAsync(play["out/orders.csv"])).Length);

        var again = (await play.Etl("rerun", parent, "-o", "json")).With(0).Json;
        Assert.Equal("reused", again.GetProperty("steps")[1].GetProperty("status").GetString());
    }

    /// <summary>The one run of the other pipeline, once it is there.</summary>
    private static async Task<string> ChildRun(Playground play)
    {
        while (true)
        {
            var children = (await play.Etl("runs", "list", "--pipeline", "daily_orders", "-o", "json")).With(0).Json.GetProperty("runs");
            if (children.GetArrayLength() > 0) return Assert.Single(children.EnumerateArray()).GetProperty("run_id").GetString()!;
        }
    }

    [Fact]
    public async Task One_that_another_process_took_up_stays_there_and_is_waited_for()
    {
        using var play = new Playground();
        play.Write("nightly.yaml", Parent);
        play.Write("daily_orders.yaml", Child);
        (await play.Etl("apply", "daily_orders.yaml")).With(0);
        using var killed = EtlProcess.Start(play.Folder, ["run", "nightly.yaml", "--progress", "plain"]);
        await killed.Says("waits for run");
        var child = await ChildRun(play);
        killed.Kill();
        await killed.End();
        using var other = EtlProcess.Start(play.Folder, ["resume", child, "--progress", "plain"]);
        await other.Says("waits for signal uploaded");
        using var parent = EtlProcess.Start(play.Folder, ["run", "nightly.yaml", "--resume", "--progress", "plain"]);
        await parent.Says("waits for run");
        (await play.Etl("signal", child, "uploaded")).With(0);
        (await other.End()).With(0);
        (await parent.End()).With(0);
    }

    [Fact]
    public async Task A_parent_that_is_cancelled_cancels_it_from_another_process()
    {
        using var play = new Playground();
        play.Write("nightly.yaml", Parent);
        play.Write("daily_orders.yaml", Child);
        (await play.Etl("apply", "daily_orders.yaml")).With(0);
        using var running = EtlProcess.Start(play.Folder, ["run", "nightly.yaml", "--progress", "plain"]);
        await running.Says("waits for run");
        var parent = (await play.Etl("runs", "list", "--pipeline", "nightly", "-o", "json")).With(0).Json.GetProperty("runs")[0].GetProperty("run_id").GetString()!;
        (await play.Etl("runs", "show", parent)).With(0).Saying("of pipeline daily_orders", "etl runs show run_");
        (await play.Etl("runs", "skip", parent, "orders", "--reason", "no")).With(6).Saying("ETL6833");
        (await play.Etl("cancel", parent)).With(0);
        (await running.End()).With(8);
        var child = (await play.Etl("runs", "list", "--pipeline", "daily_orders", "-o", "json")).With(0).Json.GetProperty("runs")[0];
        Assert.Equal("cancelled", child.GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_cannot_be_is_refused_where_it_is_seen()
    {
        using var play = new Playground();
        play.Write("p.yaml", "pipeline: a\nsteps:\n  - { id: s, kind: flow.pipeline, retry: 2, with: { pipeline: a } }\n");
        (await play.Etl("validate", "p.yaml")).With(7).Saying("ETL6830", "ETL6836");
        play.Write("p.yaml", "pipeline: a\nsteps:\n  - { id: s, kind: flow.pipeline, with: { pipeline: b } }\n");
        (await play.Etl("run", "p.yaml")).With(8).Saying("ETL6100");
        play.Write("q.yaml", "pipeline: b\nsteps:\n  - { id: s, kind: flow.pipeline, with: { pipeline: a } }\n");
        (await play.Etl("apply", "p.yaml", "q.yaml")).With(0);
        (await play.Etl("run", "a")).With(8).Saying("ETL6832", "ETL6831");
    }
}
