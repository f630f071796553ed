namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Processes of one home share a named limit, and one that is killed does not keep it.</summary>
public class LimitedHomes
{
    private const string Quick = """
        pipeline: quick
        steps:
          - { id: rows, kind: extract.generate, with: { rows: 10, columns: { id: { generator: sequence } } }, limits: [db] }
          - { id: kept, kind: load.parquet, depends_on: [rows], with: { dataset: quick/kept } }
        """;

    [Fact]
    public async Task Items_take_the_limit_one_by_one_and_nothing_of_it_is_held_afterwards()
    {
        using var play = new Playground();
        WriteEach(play, items: 6, $"mkdir {play["inside"]} && echo {{{{ item }}}} >> {play["effects"]} && rmdir {play["inside"]}");
        (await play.Etl("limits", "set", "db", "--concurrency", "1")).With(0);
        var ended = (await play.Etl("run", "each.yaml", "--allow-program", "sh", "-o", "json")).With(0).Json;
        Assert.Equal("succeeded", ended.GetProperty("status").GetString());
        Assert.Equal(6, File.ReadAllLines(play["effects"]).Distinct().Count());
        await IsFree(play);
    }

    [Fact]
    public async Task A_run_whose_items_fail_leaves_nothing_held()
    {
        using var play = new Playground();
        // Whoever begins first fails; the others never end by themselves.
        WriteEach(play, items: 3, $"mkdir {play["first"]} && exit 1; exec tail -f /dev/null");
        (await play.Etl("limits", "set", "db", "--concurrency", "10")).With(0);
        Assert.NotEqual(0, (await play.Etl("run", "each.yaml", "--allow-program", "sh")).Saying("ETL6201").Code);
        await IsFree(play);
    }

    /// <summary>A pipeline whose items run a script, three at once.</summary>
    private static void WriteEach(Playground play, int items, string script) => play.Write("each.yaml", $$$"""
        pipeline: each
        steps:
          - id: one
            kind: process
            for_each: { range: {{{items}}}, concurrency: 3 }
            limits: [db]
            retry: 0
            with: { program: sh, args: ["-c", "{{{script}}}"] }
        """);

    private static async Task IsFree(Playground play)
    {
        Assert.Equal(0, (await play.Etl("limits", "show", "db", "-o", "json")).With(0).Json.GetProperty("holders_total").GetInt32());
        (await play.Etl("limits", "delete", "db")).With(0).Saying("limit db deleted");
        (await play.Etl("limits", "delete", "db")).With(5).Saying("ETL6301", "There is no limit db");
    }

    [Fact]
    public async Task The_limit_of_a_killed_process_is_free_for_another()
    {
        using var play = new Playground();
        play.Write("quick.yaml", Quick);
        play.Write("endless.yaml", SlowPipeline.Endless.Replace("% 7 = 3\" }", "% 7 = 3\" }\n    limits: [db]"));
        (await play.Etl("run", "quick.yaml")).With(5).Saying("ETL6301", "etl limits set db");
        (await play.Etl("limits", "set", "db", "--concurrency", "1")).With(0);
        using var holder = EtlProcess.Start(play.Folder, ["run", "endless.yaml", "--progress", "plain"]);
        await holder.Says("forever  running");
        using var waiter = EtlProcess.Start(play.Folder, ["run", "quick.yaml", "-o", "json", "--progress", "plain"]);
        await waiter.Says("waits for limit db, next in line");
        var shown = (await play.Etl("limits", "show", "db", "-o", "json")).With(0).Json;
        Assert.Equal("endless/forever", shown.GetProperty("holders")[0].GetProperty("for").GetString());
        holder.Kill();
        await holder.End();
        Assert.Equal("succeeded", (await waiter.End()).With(0).Json.GetProperty("status").GetString());
        Assert.Equal(0, (await play.Etl("limits", "show", "db", "-o", "json")).With(0).Json.GetProperty("holders_total").GetInt32());
    }

    [Fact]
    public async Task A_killed_process_for_whose_limit_nobody_waits_holds_nothing_of_it()
    {
        using var play = new Playground();
        WriteEach(play, items: 3, $"touch {play["begun"]}; exec tail -f /dev/null");
        (await play.Etl("limits", "set", "db", "--concurrency", "10")).With(0);
        using var holder = EtlProcess.Start(play.Folder, ["run", "each.yaml", "--allow-program", "sh", "--progress", "plain"]);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(play["begun"]), EtlProcess.Patience));
        (await play.Etl("limits", "delete", "db")).With(6).Saying("ETL6303");
        holder.Kill();
        await holder.End();
        Assert.Equal(0, (await play.Etl("limits", "list", "-o", "json")).With(0).Json.GetProperty("limits")[0].GetProperty("held").GetInt32());
        await IsFree(play);
    }
}
