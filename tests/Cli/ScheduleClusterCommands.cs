using System.Text.Json;
using OrleansEtl.Clusters;

namespace OrleansEtl.Cli.Tests;

/// <summary>Schedules and intervals over silos in this process.</summary>
public sealed class ScheduleClusterCommands : IAsyncLifetime
{
    private static readonly PipelineSpec Spec = new("small", null, [], [new StepSpec(new StepId("a"), "flow.noop", [], SpecValue.Map.Empty)]);

    private const string OfTheInterval = """
        pipeline: small
        steps:
          - { id: a, kind: flow.noop }
          - { id: b, kind: flow.noop, depends_on: [a], when: "{{ run.interval.start < run.interval.end and run.partition == 'eu' }}" }
        """;

    private readonly string _file = Path.GetTempFileName();
    private SmallCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_file, OfTheInterval);
        _cluster = await SmallCluster.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_schedule_of_a_cluster_runs_on_request_and_again_for_a_time_that_has_passed()
    {
        await using var etl = _cluster.Connect();
        await etl.Register(new DefinitionCommand.Register(Spec, ""), default);
        await Json(ExitCode.Succeeded, "schedules", "create", "yearly", "@yearly", "--pipeline", "small");
        Assert.Equal(1, (await Json(ExitCode.Succeeded, "schedules", "list")).GetProperty("schedules").GetArrayLength());
        var run = (await Json(ExitCode.Succeeded, "schedules", "trigger", "yearly")).GetProperty("run_id").GetString()!;
        var ended = await Json(ExitCode.Succeeded, "runs", "watch", run);
        Assert.Equal("yearly", ended.GetProperty("occasion").GetProperty("schedule").GetString());
        string[] years = ["schedules", "backfill", "yearly", "--from", "2020-06-01", "--to", "2023-06-01", "--id", "b"];
        Assert.Equal(3, (await Json(ExitCode.Succeeded, [.. years, "--dry-run"])).GetProperty("runs").GetArrayLength());
        await Json(ExitCode.Succeeded, years);
        string status;
        do status = (await Json(ExitCode.Succeeded, "schedules", "backfills", "yearly")).GetProperty("backfills")[0].GetProperty("status").GetString()!;
        while (status == "running");
        Assert.Equal("succeeded", status);
        Assert.Empty((await Json(ExitCode.Succeeded, [.. years[..^1], "c", "--dry-run", "--only", "missing"])).GetProperty("runs").EnumerateArray());
        await Json(ExitCode.Succeeded, "schedules", "delete", "yearly");
        Assert.Contains("ETL4720", (await Etl(ExitCode.NotFound, "schedules", "show", "yearly")).Talk.ToString());
    }

    [Fact]
    public async Task A_run_by_hand_is_for_the_interval_that_it_is_given_and_refused_without_one_when_it_asks_for_it()
    {
        Assert.Contains("ETL3830", (await Etl(ExitCode.InvalidFile, "run", _file)).Talk.ToString());
        string[] day = ["run", _file, "--interval-start", "2026-01-30", "--interval-end", "2026-01-31T02:30+01:00"];
        Assert.Contains("ETL3831", (await Etl(ExitCode.InvalidFile, day)).Talk.ToString());
        var run = await Json(ExitCode.Succeeded, [.. day, "--partition", "eu"]);
        Assert.Equal("succeeded", run.GetProperty("steps")[1].GetProperty("status").GetString());
        Assert.Equal("2026-01-31T01:30:00", run.GetProperty("occasion").GetProperty("interval_end").GetDateTimeOffset().UtcDateTime.ToString("s"));
        var shown = await Etl(ExitCode.Succeeded, "runs", "show", run.GetProperty("run_id").GetString()!);
        Assert.Contains("for 2026-01-30 00:00:00Z to 2026-01-31 01:30:00Z, partition eu", shown.Talk.ToString());
        Assert.Contains("ETL3832", (await Etl(ExitCode.InvalidFile, "run", _file, "--partition", "eu", "--interval-start", "2026-02-01", "--interval-end", "2026-01-31"))
            .Talk.ToString());
    }

    [Theory]
    [InlineData("--interval-start", "2026-01-30")]
    [InlineData("--interval-start", "soon", "--interval-end", "2026-01-30")]
    [InlineData("--partition", "eu")]
    public async Task An_interval_that_cannot_be_is_a_mistake_of_the_command_line(params string[] arguments) =>
        Assert.Contains("ETL4809", (await Etl(ExitCode.Usage, ["run", _file, .. arguments])).Talk.ToString());

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
