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

    [Fact]
    public async Task Who_waits_for_a_dataset_is_applied_after_who_gives_it_and_both_may_come_at_once()
    {
        Write("after.yaml", "pipeline: after\nsteps: [{ id: a, kind: flow.noop }]\ntriggers: [{ id: t, kind: dataset, dataset: orders/clean }]");
        Write("orders.yaml", Orders);
        await Etl(ExitCode.Succeeded, "plan", _home);
        await Etl(ExitCode.Succeeded, "apply", _home);
        Assert.Equal("orders/clean", (await Json("triggers", "show", "after/t")).GetProperty("on").GetString());
        // What is registered has no such step yet, and the file that gives it comes later by its name.
        Write("after.yaml", "pipeline: after\nsteps: [{ id: a, kind: flow.noop }]\ntriggers: [{ id: t, kind: dataset, dataset: orders/sums }]");
        Write("orders.yaml", Orders + "  - { id: sums, kind: extract.csv, with: { path: o.csv } }\n");
        await Etl(ExitCode.Succeeded, "apply", _home);
        Assert.Equal("orders/sums", (await Json("triggers", "show", "after/t")).GetProperty("on").GetString());
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply")]
    public async Task A_dataset_that_no_step_gives_is_told_with_its_place_by_the_files_and_by_what_is_registered(string command)
    {
        Write("orders.yaml", Orders);
        Write("after.yaml", "pipeline: after\nsteps: [{ id: a, kind: flow.noop }]\ntriggers:\n  - { id: t, kind: dataset, dataset: orders/claen }");
        await Told(_home);
        await Etl(ExitCode.Succeeded, "apply", Path.Combine(_home, "orders.yaml"));
        await Told(Path.Combine(_home, "after.yaml"));
        Assert.Empty(await Ids());

        async Task Told(string path)
        {
            var told = (await Etl(ExitCode.InvalidFile, command, path)).Talk.ToString();
            Assert.Contains("error[ETL6724]: triggers[0].dataset: There is no dataset `orders/claen`.", told);
            Assert.Contains("after.yaml:4:38", told);
            Assert.Contains("Did you mean `orders/clean`?", told);
        }
    }

    [Fact]
    public async Task A_trigger_whose_dataset_went_away_with_a_newer_version_says_so()
    {
        Write("orders.yaml", Orders);
        Write("after.yaml", "pipeline: after\nsteps: [{ id: a, kind: flow.noop }]\ntriggers: [{ id: t, kind: dataset, dataset: orders/clean }]");
        await Etl(ExitCode.Succeeded, "apply", _home);
        Write("orders.yaml", Orders.Replace("id: clean", "id: cleaned", StringComparison.Ordinal));
        await Etl(ExitCode.Succeeded, "apply", Path.Combine(_home, "orders.yaml"));
        Assert.Equal("ETL6724", (await Json("triggers", "show", "after/t")).GetProperty("error_code").GetString());
    }

    private const string Orders = "pipeline: orders\nsteps:\n  - { id: clean, kind: extract.csv, with: { path: o.csv } }\n";

    private void Write(string file, string yaml) => File.WriteAllText(Path.Combine(_home, file), yaml);

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
