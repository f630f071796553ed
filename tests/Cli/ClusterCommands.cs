using System.Text.Json;
using OrleansEtl.Client;
using OrleansEtl.Clusters;

namespace OrleansEtl.Cli.Tests;

/// <summary>The commands over silos in this process.</summary>
public sealed class ClusterCommands : IAsyncLifetime
{
    private const string Yaml = """
        pipeline: small
        steps:
          - { id: orders, kind: extract.generate, with: { rows: 10, columns: { id: { generator: sequence } } } }
          - { id: kept, kind: load.parquet, depends_on: [orders], with: { dataset: small/kept } }
        """;

    private readonly string _file = Path.GetTempFileName();
    private SmallCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_file, Yaml);
        _cluster = await SmallCluster.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        File.Delete(_file);
    }

    [Fact]
    public async Task Runs_datasets_and_silos_are_there_for_the_command_line()
    {
        var run = await Json(ExitCode.Succeeded, "run", _file, "--key", "once");
        var id = run.GetProperty("run_id").GetString()!;
        Assert.Equal(id, (await Json(ExitCode.Succeeded, "run", _file, "--key", "once")).GetProperty("run_id").GetString());
        Assert.Equal(id, (await Json(ExitCode.Succeeded, "runs", "show", id)).GetProperty("run_id").GetString());
        Assert.Equal(id, (await Json(ExitCode.Succeeded, "runs", "watch", "last")).GetProperty("run_id").GetString());
        Assert.Equal("succeeded", (await Json(ExitCode.Succeeded, "rerun", "last", "--from", "kept")).GetProperty("status").GetString());
        Assert.Equal(3, (await Json(ExitCode.Succeeded, "datasets", "preview", "small/kept", "--rows", "3")).GetProperty("data").GetArrayLength());
        Assert.Equal(2, (await Json(ExitCode.Succeeded, "silos", "--healthy")).GetProperty("silos").GetArrayLength());
        await Json(ExitCode.Error, "silos", "nobody", "--healthy");
        var happened = (await Etl(ExitCode.Succeeded, "runs", "history", id, "--follow", "-o", "json")).Data.ToString()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(("run_started", "run_ended"), (Event(happened[0]), Event(happened[^1])));
        Assert.Equal(Enumerable.Range(1, happened.Length), happened.Select(one => one.GetProperty("number").GetInt32()));
        Assert.Contains(happened, one => Event(one) == "step_succeeded" && one.GetProperty("duration_seconds").ValueKind == JsonValueKind.Number);
        var kept = (await Etl(ExitCode.Succeeded, "runs", "history", id, "--step", "kept", "--after", "2")).Data.ToString();
        Assert.DoesNotContain("run_started", kept);
        Assert.Contains("step_succeeded", kept);

        static string? Event(JsonElement one) => one.GetProperty("event").GetString();
        Assert.NotEmpty((await Json(ExitCode.Succeeded, "silos", "--calls", "--for", "10ms")).GetProperty("calls").EnumerateArray());
    }

    [Fact]
    public async Task A_registered_pipeline_is_run_by_its_name()
    {
        Assert.Contains("--prune", (await Etl(ExitCode.Usage, "plan", _file, "--prune")).Talk.ToString());
        Assert.Equal("create", (await Json(ExitCode.Succeeded, "plan", _file)).GetProperty("changes")[0].GetProperty("change").GetString());
        Assert.Contains("ETL4603", (await Etl(ExitCode.InvalidFile, "apply", _file, "--folder", "/etc")).Talk.ToString());
        Assert.Equal(1, (await Json(ExitCode.Succeeded, "apply", _file)).GetProperty("changes")[0].GetProperty("version").GetInt32());
        File.WriteAllText(_file, Yaml.Replace("rows: 10", "rows: 12"));
        await Etl(ExitCode.Succeeded, "apply", _file, "--folder", "small");
        Assert.Contains("~ folder: files/ → small", (await Etl(ExitCode.Succeeded, "pipelines", "diff", "small", "1", "2")).Data.ToString());
        await Etl(ExitCode.Succeeded, "pipelines", "rollback", "small", "1");
        var run = await Json(ExitCode.Succeeded, "run", "small");
        Assert.Equal((1, 10), (run.GetProperty("pipeline_version").GetInt32(), run.GetProperty("steps")[0].GetProperty("rows_out").GetInt32()));
        await Etl(ExitCode.Succeeded, "pipelines", "retire", "small");
        await Etl(ExitCode.Conflict, "run", "small");
        var listed = (await Json(ExitCode.Succeeded, "pipelines", "list")).GetProperty("pipelines")[0];
        Assert.Equal((JsonValueKind.Null, 2), (listed.GetProperty("active").ValueKind, listed.GetProperty("newest").GetInt32()));
        Assert.Equal(2, (await Json(ExitCode.Succeeded, "pipelines", "versions", "small")).GetProperty("versions").GetArrayLength());
        Assert.Equal("retired", (await Json(ExitCode.Succeeded, "pipelines", "show", "small")).GetProperty("changes")[0].GetProperty("change").GetString());
    }

    [Fact]
    public async Task What_is_not_there_or_cannot_be_is_said_with_its_code()
    {
        var nobody = RunId.New(DateTimeOffset.UnixEpoch, new byte[10]).Value;
        Assert.Contains("ETL4201", (await Etl(ExitCode.NotFound, "runs", "show", nobody)).Talk.ToString());
        Assert.Contains("ETL4201", (await Etl(ExitCode.NotFound, "cancel", nobody)).Talk.ToString());
        Assert.Contains("ETL4201", (await Etl(ExitCode.NotFound, "runs", "history", nobody)).Talk.ToString());
        Assert.Contains("ETL4804", (await Etl(ExitCode.NotFound, "datasets", "show", "none")).Talk.ToString());
        Assert.Contains("ETL4809", (await Etl(ExitCode.Usage, "runs", "list", "--home", "h")).Talk.ToString());
        var last = await Etl(ExitCode.Succeeded, "run", _file);
        Assert.Contains("cluster here:1", last.Talk.ToString());
        Assert.Contains("ETL4224", (await Etl(ExitCode.NotFound, "runs", "history", "last", "--step", "nobody")).Talk.ToString());
        Assert.Contains("ETL4203", (await Etl(ExitCode.Conflict, "resume", "last")).Talk.ToString());
    }

    [Fact]
    public async Task Limits_are_set_shown_and_kept_from_the_command_line()
    {
        var limited = Path.GetTempFileName();
        File.WriteAllText(limited, Yaml.Replace("rows: 10, columns: { id: { generator: sequence } } }", "rows: 10, columns: { id: { generator: sequence } } }, limits: { api: 2 }"));
        Assert.Contains("ETL6301", (await Etl(ExitCode.NotFound, "run", limited)).Talk.ToString());
        Assert.Contains("ETL6301", (await Etl(ExitCode.NotFound, "limits", "show", "api")).Talk.ToString());
        await Etl(ExitCode.Succeeded, "limits", "set", "api", "--concurrency", "1", "--rate", "100/1m", "--share", "shop=3");
        Assert.Contains("ETL6308", (await Etl(ExitCode.InvalidFile, "run", limited)).Talk.ToString());
        await Etl(ExitCode.Succeeded, "limits", "set", "api", "--concurrency", "2");
        await Json(ExitCode.Succeeded, "run", limited);
        await Etl(ExitCode.Succeeded, "limits", "set", "nightly", "--concurrency", "1", "--of", "runs");
        var listed = (await Json(ExitCode.Succeeded, "limits", "list")).GetProperty("limits").EnumerateArray();
        Assert.Equal(["api steps 2 0", "nightly runs 1 0"], listed.Select(one =>
            $"{one.GetProperty("name")} {one.GetProperty("of")} {one.GetProperty("concurrency")} {one.GetProperty("held")}"));
        await Etl(ExitCode.Succeeded, "limits", "pause", "api", "--reason", "lunch");
        var shown = await Json(ExitCode.Succeeded, "limits", "show", "api");
        Assert.Equal("lunch", shown.GetProperty("paused").GetProperty("reason").GetString());
        Assert.Equal(
            [$"{Environment.UserName}: paused: lunch", $"{Environment.UserName}: set to concurrency 2"],
            shown.GetProperty("acts").EnumerateArray().Take(2).Select(act => $"{act.GetProperty("by")}: {act.GetProperty("what")}"));
        await Etl(ExitCode.Succeeded, "limits", "resume", "api");
        var nobody = RunId.New(DateTimeOffset.UnixEpoch, new byte[10]).Value;
        Assert.Contains("ETL6307", (await Etl(ExitCode.NotFound, "limits", "release", "api", $"{nobody}/0/1", "--reason", "gone")).Talk.ToString());
        Assert.Contains("ETL4809", (await Etl(ExitCode.Usage, "limits", "release", "api", "nobody", "--reason", "gone")).Talk.ToString());
        await Etl(ExitCode.Succeeded, "limits", "delete", "api");
        Assert.Single((await Json(ExitCode.Succeeded, "limits", "list")).GetProperty("limits").EnumerateArray());
        File.Delete(limited);
    }

    private async Task<JsonElement> Json(ExitCode code, params string[] arguments) =>
        JsonDocument.Parse((await Etl(code, [.. arguments, "-o", "json"])).Data.ToString()).RootElement;

    private async Task<Screen> Etl(ExitCode code, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, TimeProvider.System, _ => throw new InvalidOperationException("no home is meant"),
            (_, _) => Task.FromResult(_cluster.Connect()));
        var ended = await EntryPoint.Run(["--cluster", "here:1", .. arguments], surroundings);
        Assert.True(ended == code, $"expected {code}, found {ended}: {screen.Talk}{screen.Data}");
        return screen;
    }
}
