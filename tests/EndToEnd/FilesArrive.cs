namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Files that arrive start runs while somebody drives the home: each one, whatever is killed, and none outside of what may be seen.</summary>
public class FilesArrive
{
    private const string Orders = """
        pipeline: orders
        params: { file: { type: text } }
        steps:
          - { id: rows, kind: extract.csv, with: { path: "{{ params.file }}" } }
          - { id: out, kind: load.csv, depends_on: [rows], with: { path: "out/{{ run.trigger.name }}" } }
        triggers:
          - { id: inbox, kind: file, path: "in/*.csv", settle: 1s, every: 1s, params: { file: "{{ run.trigger.path }}" } }
        """;

    private const string After = """
        pipeline: after
        steps: [{ id: one, kind: flow.noop }]
        triggers: [{ id: orders, kind: pipeline, pipeline: orders }]
        """;

    [Fact]
    public async Task Each_file_has_one_run_and_each_run_that_ends_one_run_though_the_driver_is_killed()
    {
        const int files = 12;
        using var play = new Playground();
        play.Write("orders.yaml", Orders);
        play.Write("after.yaml", After);
        play.Write("in/0.csv", "id\n0\n");
        play.Write("secret.txt", "id\n1\n");
        File.CreateSymbolicLink(play["in/outside.csv"], "/etc/passwd");
        play.Write("in/.hidden.csv", "id\n1\n");
        (await play.Etl("apply", "orders.yaml", "after.yaml")).With(0);
        (await play.Etl("triggers", "show", "orders/inbox")).With(0).Saying("nobody drives this home");
        for (var i = 0; i < files; i += 4)
        {
            using var driver = EtlProcess.Start(play.Folder, ["dev"]);
            for (var j = i; j < i + 4; j++) play.Write($"in/{j}.csv", $"id\n{j}\n");
            await driver.Says("orders succeeded");
            driver.Kill();
            await driver.End();
        }
        using (var last = EtlProcess.Start(play.Folder, ["dev"]))
        {
            using var patience = new CancellationTokenSource(EtlProcess.Patience);
            while (await Count(play, "after") < files) Assert.False(last.HasEnded || patience.IsCancellationRequested);
            last.Interrupt();
            (await last.End()).With(0);
        }
        Assert.Equal(Enumerable.Range(0, files).Select(i => play[$"in/{i}.csv"]).Order(StringComparer.Ordinal), await Files(play));
        Assert.Equal(files, await Count(play, "after"));
        Assert.Equal(files, Directory.GetFiles(play["out"]).Length);
        var shown = (await play.Etl("triggers", "show", "orders/inbox", "-o", "json")).With(0).Json;
        Assert.Equal("started", shown.GetProperty("recent")[0].GetProperty("outcome").GetString());
        Assert.StartsWith("no file is new", shown.GetProperty("waits").GetString());
    }

    private static async Task<int> Count(Playground play, string pipeline) => (await play.Etl("runs", "list", "--pipeline", pipeline, "--limit", "200", "-o", "json"))
        .With(0).Json.GetProperty("runs").EnumerateArray().Count(run => run.GetProperty("status").GetString() == "succeeded");

    private static async Task<IEnumerable<string>> Files(Playground play)
    {
        var files = new List<string>();
        foreach (var run in (await play.Etl("runs", "list", "--pipeline", "orders", "--limit", "200", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray())
            files.Add((await play.Etl("runs", "show", run.GetProperty("run_id").GetString()!, "-o", "json")).With(0)
                .Json.GetProperty("occasion").GetProperty("trigger_values").GetProperty("path").GetString()!);
        return files.Order(StringComparer.Ordinal);
    }
}
