namespace OrleansEtl.EndToEnd.Tests;

/// <summary>A dataset whose content is new starts a run while somebody drives the home: once, whatever is killed, and none while it stays the same.</summary>
public class DatasetsChange
{
    private const string Orders = """
        pipeline: orders
        params: { most: 9 }
        steps:
          - { id: rows, kind: extract.csv, with: { path: orders.csv } }
          - { id: clean, kind: transform.filter, depends_on: [rows], materialize: true, with: { where: "amount > 0" } }
          - { id: few, kind: check.row_count, depends_on: [clean], with: { max: "{{ params.most }}" } }
        """;

    private const string Report = """
        pipeline: report
        params: { rows: { type: integer }, of: { type: text } }
        steps:
          - { id: made, kind: extract.generate, with: { rows: "{{ params.rows }}", seed: 1, columns: { id: { generator: sequence } } } }
          - { id: out, kind: load.csv, depends_on: [made], with: { path: "out/{{ run.trigger.version }}.csv" } }
        triggers:
          - { id: cleaned, kind: dataset, dataset: orders/clean, params: { rows: "{{ run.trigger.rows }}", of: "{{ run.trigger.run }}" } }
        """;

    [Fact]
    public async Task Each_new_content_starts_one_run_though_the_driver_is_killed_and_the_same_and_half_of_a_run_none()
    {
        using var play = new Playground();
        play.Write("orders.yaml", Orders);
        play.Write("report.yaml", Report.Replace("orders/clean", "orders/claen", StringComparison.Ordinal));
        (await play.Etl("apply", "report.yaml", "orders.yaml")).With(7).Saying("ETL6724", "report.yaml:7:", "Did you mean `orders/clean`?");
        play.Write("report.yaml", Report);
        await Run(play, 1); // before the trigger is made
        (await play.Etl("apply", "report.yaml", "orders.yaml")).With(0);
        await Run(play, 1);
        var second = await Run(play, 2);
        var failed = await Run(play, 3, 8, "-p", "most=2");
        await Run(play, 2);
        var fourth = await Run(play, 4);
        using (var driver = EtlProcess.Start(play.Folder, ["dev"]))
        {
            await driver.Says("report succeeded");
            driver.Kill();
            await driver.End();
        }
        var fifth = await Run(play, 5);
        await Run(play, 5);
        using (var last = EtlProcess.Start(play.Folder, ["dev"]))
        {
            using var patience = new CancellationTokenSource(EtlProcess.Patience);
            while (await Succeeded(play) < 3) Assert.False(last.HasEnded || patience.IsCancellationRequested);
            last.Interrupt();
            (await last.End()).With(0);
        }
        Assert.Equal(new[] { second, fourth, fifth }.Select(run => $"{run}.csv").Order(StringComparer.Ordinal),
            Directory.GetFiles(play["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(failed, string.Join(' ', Directory.GetFiles(play["out"])));
        Assert.Equal(2 + 1, File.ReadAllLines(play[$"out/{second}.csv"]).Length);
        var shown = (await play.Etl("triggers", "show", "report/cleaned", "-o", "json")).With(0).Json;
        Assert.Equal([$"dataset orders/clean@{fifth}", $"dataset orders/clean@{fourth}", $"dataset orders/clean@{second}"],
            shown.GetProperty("recent").EnumerateArray().Select(start => start.GetProperty("what").GetString()));
        Assert.Equal($"the content of orders/clean is that of {fifth}; unfinished runs: 0", shown.GetProperty("waits").GetString());
    }

    /// <summary>A run of orders over so many rows; the id of it.</summary>
    private static async Task<string> Run(Playground play, int rows, int code = 0, params string[] more)
    {
        play.Write("orders.csv", "id,amount\n" + string.Concat(Enumerable.Range(1, rows).Select(row => $"{row},{row}\n")));
        return (await play.Etl(["run", "orders.yaml", "-o", "json", .. more])).With(code).Json.GetProperty("run_id").GetString()!;
    }

    private static async Task<int> Succeeded(Playground play) => (await play.Etl("runs", "list", "--pipeline", "report", "-o", "json")).With(0)
        .Json.GetProperty("runs").EnumerateArray().Count(run => run.GetProperty("status").GetString() == "succeeded");
}
