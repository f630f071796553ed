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
        (await play.Etl("cancel", "last")).With(0).Saying(parent); // which is not the run that a step started
        (await running.End()).With(8);
        var child = (await play.Etl("runs", "list", "--pipeline", "daily_orders", "-o", "json")).With(0).Json.GetProperty("runs")[0];
        Assert.Equal("cancelled", child.GetProperty("status").GetString());
    }

    private const string Branches = """
        pipeline: branches
        steps:
          - id: each
            kind: flow.pipeline
            for_each: { items: [{ key: a, rows: 7 }, { key: b, rows: 8 }, { key: c, rows: none }], concurrency: 2, on_item_failure: continue }
            with: { pipeline: daily_orders, params: { rows: "{{ item.rows }}" } }
          - id: ran
            kind: transform.sql
            depends_on: [each]
            when: always
            with: { query: "SELECT key, run_id FROM \"each.items\" WHERE status = 'succeeded'" }
          - { id: out, kind: load.csv, depends_on: [ran], when: always, with: { path: out/ran.csv } }
        """;

    [Fact]
    public async Task Each_item_has_one_run_however_often_the_process_is_killed()
    {
        using var play = new Playground();
        play.Write("branches.yaml", Branches);
        play.Write("daily_orders.yaml", Child);
        (await play.Etl("apply", "daily_orders.yaml")).With(0);
        for (var kills = 0; kills < 2; kills++)
        {
            using var killed = EtlProcess.Start(play.Folder, ["run", "branches.yaml", "--resume", "--progress", "plain"]);
            await killed.Says("waits for 2 runs of pipeline daily_orders");
            killed.Kill();
            await killed.End();
        }
        using var last = EtlProcess.Start(play.Folder, ["run", "branches.yaml", "--resume", "-o", "json", "--progress", "plain"]);
        await last.Says("waits for 2 runs of pipeline daily_orders");
        var (parent, children) = (await Ids(play, "branches"), await Ids(play, "daily_orders"));
        Assert.Equal((1, 2), (parent.Length, children.Length));
        (await play.Etl("runs", "show", parent[0])).With(0).Saying("0 of 3 items done, 2 running, 1 waiting", "each waits for 2 runs of pipeline daily_orders");
        var waiting = (await play.Etl("runs", "items", parent[0], "each", "-o", "json")).With(0).Json.GetProperty("items").EnumerateArray();
        Assert.Equal(children.Order(), waiting.Select(item => item.GetProperty("run_id").GetString()!).Order());
        foreach (var child in children) (await play.Etl("signal", child, "uploaded")).With(0);
        (await last.End()).With(8).Saying("ETL6201");
        var items = (await play.Etl("runs", "items", parent[0], "each", "-o", "json")).With(0).Json.GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(["succeeded", "succeeded", "failed"], items.Select(item => item.GetProperty("status").GetString()));
        Assert.Equal("ETL2022", items[2].GetProperty("fault_code").GetString());
        Assert.Equal(children.Order(), items.Take(2).Select(item => item.GetProperty("run_id").GetString()!).Order());
        Assert.Equal("7", items[0].GetProperty("values").GetProperty("steps").GetProperty("out").GetProperty("rows_out").ToString());
        Assert.Equal(2, (await Ids(play, "daily_orders")).Length);
        Assert.Equal(3, (await File.ReadAllLinesAsync(play["out/ran.csv"])).Length);
    }

    [Fact]
    public async Task A_parent_that_is_cancelled_cancels_the_runs_of_all_its_items()
    {
        using var play = new Playground();
        play.Write("branches.yaml", Branches);
        play.Write("daily_orders.yaml", Child);
        (await play.Etl("apply", "daily_orders.yaml")).With(0);
        using var running = EtlProcess.Start(play.Folder, ["run", "branches.yaml", "--progress", "plain"]);
        await running.Says("waits for 2 runs of pipeline daily_orders");
        var parent = Assert.Single(await Ids(play, "branches"));
        (await play.Etl("runs", "skip", parent, "each", "--reason", "no")).With(6).Saying("ETL6833", $"etl pause {parent}");
        (await play.Etl("cancel", parent)).With(0);
        (await running.End()).With(8);
        var children = (await play.Etl("runs", "list", "--pipeline", "daily_orders", "-o", "json")).With(0).Json.GetProperty("runs");
        Assert.Equal(["cancelled", "cancelled"], children.EnumerateArray().Select(child => child.GetProperty("status").GetString()));
    }

    private static async Task<string[]> Ids(Playground play, string pipeline) =>
    [
        .. (await play.Etl("runs", "list", "--pipeline", pipeline, "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray()
            .Select(run => run.GetProperty("run_id").GetString()!),
    ];

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
