using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Unchanged work is not done twice, and changed work is.</summary>
public class Reused
{
    private const string Pipeline = """
        pipeline: shop
        params: { least: 2 }
        reuse: 7d
        steps:
          - { id: orders, kind: extract.csv, with: { path: orders.csv } }
          - { id: large, kind: transform.filter, depends_on: [orders], with: { where: "amount >= {{ params.least }}" }, materialize: true }
          - { id: customers, kind: extract.csv, with: { path: customers.csv } }
          - { id: named, kind: check.unique, depends_on: [customers], with: { columns: [customer] } }
          - { id: both, kind: transform.join, depends_on: [large, named], with: { on: [customer] } }
          - { id: out, kind: load.csv, depends_on: [both], with: { path: out.csv } }
        """;

    private static Playground Shop()
    {
        var play = new Playground();
        play.Write("orders.csv", "customer,amount\n1,1\n1,2\n2,3\n");
        play.Write("customers.csv", "customer,name\n1,ann\n2,bob\n");
        return play;
    }

    private static string Names(JsonElement run, string status) => string.Join(' ', run.GetProperty("steps").EnumerateArray()
        .Where(step => step.GetProperty("status").GetString() == status).Select(step => step.GetProperty("id").GetString()));

    private static async Task<JsonElement> Run(Playground play, params string[] more) => (await play.RunYaml(Pipeline, more)).With(0).Json;

    [Fact]
    public async Task Only_what_changed_is_done_again()
    {
        using var play = Shop();
        var first = await Run(play);
        Assert.Equal("", Names(first, "reused"));
        var rows = File.ReadAllText(play["out.csv"]);

        File.Delete(play["out.csv"]);
        var second = await Run(play);
        Assert.Equal("orders large customers named both", Names(second, "reused"));
        Assert.Equal(rows, File.ReadAllText(play["out.csv"])); // a load is an effect: it is done each time
        var from = first.GetProperty("run_id").GetString();
        Assert.Equal(from, second.GetProperty("steps")[1].GetProperty("reused_from").GetString());
        Assert.Equal(from, second.GetProperty("steps")[1].GetProperty("outputs")[0].GetProperty("version").GetString());
        var shown = (await play.Etl("runs", "show", "last")).With(0);
        Assert.Contains($"reused from {from}/large", shown.Data);
        Assert.Contains($"from {from}", (await play.Etl("runs", "history", "last", "--step", "large")).With(0).Data);

        play.Write("customers.csv", "customer,name\n1,eve\n2,bob\n");
        var third = await Run(play);
        Assert.Equal("orders large", Names(third, "reused"));
        Assert.Contains("eve", File.ReadAllText(play["out.csv"]));

        Assert.Equal("customers named", Names(await Run(play, "-p", "least=3"), "reused"));
        Assert.DoesNotContain("ann", File.ReadAllText(play["out.csv"]));
    }

    [Fact]
    public async Task Steps_are_done_again_when_somebody_wants_it()
    {
        using var play = Shop();
        await Run(play);
        Assert.Equal("", Names(await Run(play, "--no-reuse"), "reused"));
        Assert.Equal("customers named", Names(await Run(play, "--refresh", "orders", "--refresh", "both"), "reused"));
        (await play.Etl("run", "pipeline.yaml", "--refresh", "nobody")).With(5).Saying("ETL4224");
        var again = (await play.Etl("rerun", "last", "--from", "large", "-o", "json")).With(0).Json;
        Assert.Contains("large", Names(again, "succeeded"));
        Assert.DoesNotContain("large", Names(again, "reused"));
    }

    [Fact]
    public async Task A_dataset_that_somebody_removed_is_made_again()
    {
        using var play = Shop();
        var first = await Run(play);
        var made = first.GetProperty("steps")[1].GetProperty("outputs")[0].GetProperty("path").GetString()!;
        var files = Directory.GetFiles(play.Folder, "*.parquet", SearchOption.AllDirectories).Where(file => file.Contains(made)).ToArray();
        Assert.NotEmpty(files);
        foreach (var file in files) File.Delete(file);
        Assert.StartsWith("customers named", Names(await Run(play), "reused"));
    }

    [Fact]
    public async Task A_rerun_with_another_parameter_does_again_only_what_reads_it_and_what_comes_after()
    {
        using var play = new Playground();
        play.Write("made.csv", "n\n1\n2\n3\n");
        var run = (await play.RunYaml("""
            pipeline: limited
            params: { most: 2, at: 0 }
            steps:
              - { id: made, kind: extract.csv, with: { path: made.csv, columns: { n: integer } }, materialize: true }
              - { id: named, kind: transform.sql, depends_on: [made], with: { query: "SELECT n, {{ params.at }} AS at FROM made" }, materialize: true }
              - { id: few, kind: check.range, depends_on: [named], with: { columns: [n], max: "{{ params.most }}" } }
            """)).With(8).Json;
        Assert.Equal("made named", Names(run, "succeeded"));
        File.Delete(play["made.csv"]);
        Assert.Equal("made named", Names((await play.Etl("rerun", "last", "--from", "few", "-p", "most=2", "-o", "json")).With(8).Json, "reused"));
        Assert.Equal("made named", Names((await play.Etl("rerun", "last", "--from", "few", "-p", "most=3", "-o", "json")).With(0).Json, "reused"));
        Assert.Equal("made", Names((await play.Etl("rerun", "last", "-p", "at=1", "-o", "json")).With(0).Json, "reused"));
        Assert.Equal("made named", Names((await play.Etl("rerun", "last", "-p", "most=2", "-o", "json")).With(8).Json, "reused"));
    }

    [Fact, Trait("category", "slow")]
    public async Task The_second_run_of_the_flights_does_none_of_their_work_again()
    {
        using var play = new Playground();
        var file = play.Sample("flights");
        File.WriteAllText(file, File.ReadAllText(file).Replace("params:", "reuse: 7d\nparams:"));
        var first = (await play.Etl("run", file, "-o", "json")).With(0).Json;
        var second = (await play.Etl("run", file, "-o", "json")).With(0).Json;
        Assert.Equal("", Names(first, "reused"));
        foreach (var step in second.GetProperty("steps").EnumerateArray())
            Assert.Equal(
                step.GetProperty("kind").GetString()!.StartsWith("load.", StringComparison.Ordinal) ? "succeeded" : "reused",
                step.GetProperty("status").GetString());
    }
}
