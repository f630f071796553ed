using System.Text.Json;
using OrleansEtl.Client;
using OrleansEtl.Silo.Embedded;

namespace OrleansEtl.Cli.Tests;

/// <summary>The commands of schedules, over a home that nobody drives.</summary>
public sealed class ScheduleCommandsHold : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("etl-cli-").FullName;
    private DateTimeOffset _now = Examples.Start;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task A_schedule_is_made_shown_paused_and_forgotten()
    {
        await Register();
        var made = await Etl(ExitCode.Succeeded, "create", "nightly", "30 2 * * *", "--pipeline", "orders", "--zone", "Europe/Berlin", "-p", "day=2026-01-31");
        Assert.Contains("nightly runs orders the next time at 2026-11-21 01:30:00Z", made.Talk.ToString());
        Assert.Contains("etl dev", made.Talk.ToString());
        await Etl(ExitCode.Succeeded, "create", "often", "--every", "15m", "--pipeline", "orders", "--overlap", "queue_all", "-p", "day=2026-01-31");
        Golden.Matches("schedules-list.txt", (await Etl(ExitCode.Succeeded, "list")).Data.ToString());
        var run = (await Json("trigger", "often", "--key", "k")).GetProperty("run_id").GetString();
        Assert.StartsWith("run_", run);
        Assert.Equal(run, (await Json("trigger", "often", "--key", "k")).GetProperty("run_id").GetString());
        await Etl(ExitCode.Succeeded, "trigger", "often");
        Golden.Matches("schedules-show.txt", Hidden(await Etl(ExitCode.Succeeded, "show", "often")));
        await Etl(ExitCode.Succeeded, "pause", "often");
        Assert.True((await Json("show", "often")).GetProperty("is_paused").GetBoolean());
        await Etl(ExitCode.Succeeded, "resume", "often");
        Assert.False((await Json("show", "often")).GetProperty("is_paused").GetBoolean());
        await Etl(ExitCode.Succeeded, "delete", "often");
        Assert.Contains("ETL4720", (await Etl(ExitCode.NotFound, "show", "often")).Talk.ToString());
        Assert.Contains("ETL4720", (await Etl(ExitCode.NotFound, "pause", "often")).Talk.ToString());
        Assert.Equal(["nightly"], (await Json("list")).GetProperty("schedules").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_backfill_is_tried_dry_begun_shown_and_cancelled()
    {
        await Register();
        await Etl(ExitCode.Succeeded, "create", "hourly", "@hourly", "--pipeline", "orders", "-p", "day=2026-01-31");
        string[] asked = ["backfill", "hourly", "--from", "2026-11-19T20:00", "--to", "2026-11-19T22:00", "--partitions", "eu,us", "--id", "b"];
        var dry = await Etl(ExitCode.Succeeded, [.. asked, "--dry-run"]);
        Assert.Equal(5, dry.Data.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("4 runs would start; nothing has", dry.Talk.ToString());
        Assert.Empty((await Json("backfills", "hourly")).GetProperty("backfills").EnumerateArray());
        await Etl(ExitCode.Succeeded, [.. asked, "--concurrency", "2"]);
        Golden.Matches("schedules-backfills.txt", (await Etl(ExitCode.Succeeded, "backfills", "hourly")).Data.ToString());
        Assert.Empty((await Json([.. asked[..^1], "c", "--dry-run", "--only", "stale"])).GetProperty("runs").EnumerateArray());
        await Etl(ExitCode.Succeeded, "backfills", "cancel", "hourly", "b");
        Assert.Equal("cancelling", (await Json("backfills", "hourly")).GetProperty("backfills")[0].GetProperty("status").GetString());
        Assert.Contains("ETL4726", (await Etl(ExitCode.NotFound, "backfills", "cancel", "hourly", "none")).Talk.ToString());
        Assert.Contains("error[ETL4723]: --to: The end of the range", (await Etl(ExitCode.Usage, "backfill", "hourly", "--from", "2026-11-21", "--to", "2026-11-20")).Talk.ToString());
    }

    [Fact]
    public async Task The_schedules_of_a_file_come_change_and_go_with_apply_and_make_no_new_version()
    {
        const string head = "pipeline: daily\nsteps: [{ id: a, kind: flow.noop }]\n";
        var file = Path.Combine(_home, "daily.yaml");
        await Hand("create", "mine", "@daily", "--pipeline", "daily");
        Assert.Contains("+ schedule nightly", await Applied(head + "schedules: [{ id: nightly, cron: \"30 2 * * *\" }]", "plan"));
        Assert.Equal(["mine"], await Ids());
        await Applied(head + "schedules: [{ id: nightly, cron: \"30 2 * * *\" }]");
        Assert.Equal(["daily/nightly", "mine"], await Ids());
        await Etl(ExitCode.Succeeded, "pause", "daily/nightly");
        Assert.Contains("1 unchanged", await Applied(head + "schedules: [{ id: nightly, cron: \"30 2 * * *\" }]"));
        Assert.Contains("~ schedule nightly", await Applied(head + "schedules: [{ id: nightly, cron: \"45 2 * * *\" }]"));
        var changed = await Json("show", "daily/nightly");
        Assert.Equal(("45 2 * * *", true), (changed.GetProperty("cron").GetString(), changed.GetProperty("is_paused").GetBoolean()));
        Assert.Contains("- schedule nightly", await Applied(head));
        Assert.Equal(["mine"], await Ids());
        await using var etl = EmbeddedEtl.Open(new EmbeddedOptions(_home), new Standing(() => _now));
        Assert.Equal(1, (await etl.Pipeline("daily", default))!.Summary.Newest);

        async Task Hand(params string[] arguments)
        {
            await Applied(head);
            await Etl(ExitCode.Succeeded, arguments);
        }

        async Task<string> Applied(string yaml, string command = "apply")
        {
            File.WriteAllText(file, yaml);
            var screen = await Whole(ExitCode.Succeeded, command, file);
            return screen.Data.ToString() + screen.Talk;
        }

        async Task<string[]> Ids() =>
            [.. (await Json("list")).GetProperty("schedules").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];
    }

    [Theory]
    [InlineData("Usage", "ETL4809", "create", "a/b", "@daily", "--pipeline", "orders")]
    [InlineData("Usage", "ETL4809", "create", "a", "--pipeline", "orders")]
    [InlineData("Usage", "ETL4809", "create", "a", "@daily", "--pipeline", "orders", "--start", "soon")]
    [InlineData("InvalidFile", "ETL4705", "create", "a", "0 0 30 2 *", "--pipeline", "orders", "-p", "day=2026-01-31")]
    [InlineData("InvalidFile", "ETL2020", "create", "a", "@daily", "--pipeline", "orders")]
    [InlineData("NotFound", "ETL6100", "create", "a", "@daily", "--pipeline", "none")]
    public async Task What_cannot_be_made_is_refused_with_its_code(string code, string says, params string[] arguments)
    {
        await Register();
        Assert.Contains(says, (await Etl(Enum.Parse<ExitCode>(code), arguments)).Talk.ToString());
    }

    private async Task Register()
    {
        var spec = new PipelineSpec("orders", null, [new ParamSpec("day", ValueType.Date, null, null)],
            [new StepSpec(new StepId("a"), "flow.noop", [], SpecValue.Map.Empty)]);
        await using var etl = EmbeddedEtl.Open(new EmbeddedOptions(_home), new Standing(() => _now));
        Assert.IsType<DefinitionAnswer.Done>(await etl.Register(new DefinitionCommand.Register(spec, _home), default));
    }

    private async Task<JsonElement> Json(params string[] arguments) =>
        JsonDocument.Parse((await Etl(ExitCode.Succeeded, [.. arguments, "-o", "json"])).Data.ToString()).RootElement;

    private Task<Screen> Etl(ExitCode code, params string[] arguments) => Whole(code, ["schedules", .. arguments]);

    private async Task<Screen> Whole(ExitCode code, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, new Standing(() => _now),
            settings => EmbeddedEtl.Open(new EmbeddedOptions(settings.Home), new Standing(() => _now)),
            (_, _) => throw new InvalidOperationException("nothing is connected here"));
        var found = await EntryPoint.Run([.. arguments, "--home", _home], surroundings);
        Assert.True(found == code, $"expected {code}, found {found}: {screen.Talk}{screen.Data}");
        _now += TimeSpan.FromSeconds(1);
        return screen;
    }

    private string Hidden(Screen screen) => (screen.Data.ToString() + screen.Talk).Replace(_home, "HOME");

    /// <summary>A clock that goes on between commands only.</summary>
    private sealed class Standing(Func<DateTimeOffset> now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now();
    }
}
