using System.Text.Json;
using OrleansEtl.Silo.Embedded;

namespace OrleansEtl.Cli.Tests;

/// <summary>The commands of alerts, over a home that nobody drives.</summary>
public sealed class AlertCommandsHold : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("etl-cli-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task A_pipeline_is_silenced_for_a_reason_and_who_did_it_is_told()
    {
        await Etl(ExitCode.Succeeded, "apply", File("orders", ""));
        var unknown = await Etl(ExitCode.NotFound, "alerts", "silence", "ordres", "--for", "2h", "--reason", "lunch");
        Assert.Contains("ETL6759", unknown.Talk.ToString());
        Assert.Contains("Did you mean `orders`?", unknown.Talk.ToString());
        await Etl(ExitCode.Usage, "alerts", "silence", "orders", "--for", "2h"); // a reason has to be given
        await Etl(ExitCode.Usage, "alerts", "silence", "orders", "--for", "long", "--reason", "lunch");
        Assert.Contains("ETL4809", (await Etl(ExitCode.Usage, "alerts", "silence", "--for", "2h", "--reason", "lunch")).Talk.ToString());
        Assert.Contains("ETL6754", (await Etl(ExitCode.InvalidFile, "alerts", "silence", "--all", "--for", "60d", "--reason", "lunch")).Talk.ToString());
        await Etl(ExitCode.Succeeded, "alerts", "silence", "orders", "--for", "2h", "--reason", "lunch");
        await Etl(ExitCode.Succeeded, "alerts", "silence", "--all", "--for", "1d", "--reason", "the move");
        var silences = await Json("alerts", "silences");
        Assert.Equal(["orders", null], silences.GetProperty("silences").EnumerateArray().Select(one => one.GetProperty("pipeline").GetString()));
        var id = silences.GetProperty("silences")[1].GetProperty("id").GetString()!;
        await Etl(ExitCode.Succeeded, "alerts", "unsilence", id);
        Assert.Contains("ETL6755", (await Etl(ExitCode.NotFound, "alerts", "unsilence", id)).Talk.ToString());
        var after = await Json("alerts", "silences");
        Assert.Equal(1, after.GetProperty("silences").GetArrayLength());
        Assert.Equal(
            [$"ended the silence {id} of all", "silenced all for 1d: the move", "silenced orders for 2h: lunch"],
            after.GetProperty("acts").EnumerateArray().Select(act => act.GetProperty("what").GetString()));
        Assert.All(after.GetProperty("acts").EnumerateArray(), act => Assert.Equal(Environment.UserName, act.GetProperty("by").GetString()));
    }

    [Fact]
    public async Task A_channel_that_nobody_knows_is_shown_where_it_stands_and_nothing_is_applied()
    {
        var (good, wrong) = (File("good", ""), File("wrong", "alerts:\n  - { on: failed, to: [nobody-knows-this] }\n"));
        foreach (var command in new[] { "run", "plan", "apply" })
        {
            string[] files = command == "run" ? [wrong] : [good, wrong];
            if (command == "plan") Directory.CreateDirectory(Path.Combine(_home, "home"));
            var said = (await Etl(ExitCode.NotFound, [command, .. files])).Talk.ToString();
            Assert.Contains("ETL6751", said);
            Assert.Contains($"{wrong}:4:24", said);
        }
        Assert.Empty((await Json("pipelines", "list")).GetProperty("pipelines").EnumerateArray());
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        await Etl(ExitCode.Succeeded, "apply", File("orders", ""));
        Assert.Contains("ETL6753", (await Etl(ExitCode.NotFound, "alerts", "show", "orders/1")).Talk.ToString());
        Assert.Contains("ETL6753", (await Etl(ExitCode.NotFound, "alerts", "resend", "orders")).Talk.ToString());
        Assert.Contains("ETL6751", (await Etl(ExitCode.NotFound, "alerts", "test", "nobody-knows-this")).Talk.ToString());
        Assert.Empty((await Json("alerts", "list")).GetProperty("alerts").EnumerateArray());
    }

    private string File(string name, string alerts)
    {
        var file = Path.Combine(_home, name + ".yaml");
        System.IO.File.WriteAllText(file, $"pipeline: {name}\nsteps: [{{ id: a, kind: flow.noop }}]\n{alerts}");
        return file;
    }

    private async Task<JsonElement> Json(params string[] arguments) =>
        JsonDocument.Parse((await Etl(ExitCode.Succeeded, [.. arguments, "-o", "json"])).Data.ToString()).RootElement;

    private async Task<Screen> Etl(ExitCode code, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, TimeProvider.System,
            settings => EmbeddedEtl.Open(new EmbeddedOptions(settings.Home) { MemoryBytes = 256 << 20, Threads = 1 }, TimeProvider.System),
            (_, _) => throw new InvalidOperationException("nothing is connected here"));
        var found = await EntryPoint.Run([.. arguments, "--home", Path.Combine(_home, "home")], surroundings);
        Assert.True(found == code, $"expected {code}, found {found}: {screen.Talk}{screen.Data}");
        return screen;
    }
}
