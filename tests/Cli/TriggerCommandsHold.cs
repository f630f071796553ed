using System.Text.Json;
using OrleansEtl.Client;
using OrleansEtl.Silo.Embedded;

namespace OrleansEtl.Cli.Tests;

/// <summary>The commands of triggers, over a home that nobody drives.</summary>
public sealed class TriggerCommandsHold : IDisposable
{
    private const string Head = "pipeline: daily\nsteps: [{ id: a, kind: flow.noop }]\n";
    private const string Inbox = "triggers: [{ id: inbox, kind: file, path: \"in/*.csv\" }, { id: hook, kind: webhook, secret: shop }]";
    private readonly string _home = Directory.CreateTempSubdirectory("etl-cli-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task The_triggers_of_a_file_come_change_and_go_with_apply_and_make_no_new_version()
    {
        Assert.Contains("+ trigger inbox", await Applied(Head + Inbox, "plan"));
        await Applied(Head + Inbox);
        Assert.Equal(["daily/hook", "daily/inbox"], await Ids());
        await Etl(ExitCode.Succeeded, "triggers", "pause", "daily/inbox");
        Assert.Contains("1 unchanged", await Applied(Head + Inbox));
        var changed = Inbox.Replace("in/*.csv", "other/*.csv", StringComparison.Ordinal);
        Assert.Contains("~ trigger inbox", await Applied(Head + changed));
        var shown = await Json("triggers", "show", "daily/inbox");
        Assert.Equal(("other/*.csv", true, "it is paused"),
            (shown.GetProperty("on").GetString(), shown.GetProperty("is_paused").GetBoolean(), shown.GetProperty("waits").GetString()));
        Assert.Contains("- trigger hook", await Applied(Head));
        Assert.Empty(await Ids());
        await using var etl = EmbeddedEtl.Open(new EmbeddedOptions(_home), new Standing(() => Examples.Start));
        Assert.Equal(1, (await etl.Pipeline("daily", default))!.Summary.Newest);
    }

    [Fact]
    public async Task A_trigger_is_listed_shown_paused_and_resumed()
    {
        await Applied(Head + Inbox);
        Golden.Matches("triggers-list.txt", (await Etl(ExitCode.Succeeded, "triggers", "list")).Data.ToString());
        Golden.Matches("triggers-show.txt", (await Etl(ExitCode.Succeeded, "triggers", "show", "daily/inbox")).Data.ToString());
        Assert.Contains("nobody drives this home", (await Etl(ExitCode.Succeeded, "triggers", "history", "daily/inbox")).Talk.ToString());
        await Etl(ExitCode.Succeeded, "triggers", "pause", "daily/inbox");
        await Etl(ExitCode.Succeeded, "triggers", "resume", "daily/inbox");
        Assert.False((await Json("triggers", "show", "daily/inbox")).GetProperty("is_paused").GetBoolean());
        Assert.Contains("ETL6700", (await Etl(ExitCode.NotFound, "triggers", "show", "daily/none")).Talk.ToString());
        Assert.Contains("ETL6700", (await Etl(ExitCode.NotFound, "triggers", "pause", "daily/none")).Talk.ToString());
    }

    [Fact]
    public async Task A_circle_of_pipelines_is_refused_when_it_is_applied()
    {
        await Applied(Head + "triggers: [{ id: t, kind: pipeline, pipeline: other }]");
        File.WriteAllText(Path.Combine(_home, "other.yaml"),
            "pipeline: other\nsteps: [{ id: a, kind: flow.noop }]\ntriggers: [{ id: t, kind: pipeline, pipeline: daily }]");
        var refused = await Etl(ExitCode.InvalidFile, "apply", Path.Combine(_home, "other.yaml"));
        Assert.Contains("other → daily → other", refused.Data.ToString() + refused.Talk);
    }

    private async Task<string> Applied(string yaml, string command = "apply")
    {
        var file = Path.Combine(_home, "daily.yaml");
        File.WriteAllText(file, yaml);
        var screen = await Etl(ExitCode.Succeeded, command, file);
        return screen.Data.ToString() + screen.Talk;
    }

    private async Task<string[]> Ids() =>
        [.. (await Json("triggers", "list")).GetProperty("triggers").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];

    private async Task<JsonElement> Json(params string[] arguments) =>
        JsonDocument.Parse((await Etl(ExitCode.Succeeded, [.. arguments, "-o", "json"])).Data.ToString()).RootElement;

    private async Task<Screen> Etl(ExitCode code, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, new Standing(() => Examples.Start),
            settings => EmbeddedEtl.Open(new EmbeddedOptions(settings.Home), new Standing(() => Examples.Start)),
            (_, _) => throw new InvalidOperationException("nothing is connected here"));
        var found = await EntryPoint.Run([.. arguments, "--home", _home], surroundings);
        Assert.True(found == code, $"expected {code}, found {found}: {screen.Talk}{screen.Data}");
        return screen;
    }

    private sealed class Standing(Func<DateTimeOffset> now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now();
    }
}
