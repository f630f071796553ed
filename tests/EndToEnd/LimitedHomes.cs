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
}
