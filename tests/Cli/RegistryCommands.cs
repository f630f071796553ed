using System.Reflection;
using System.Text.Json;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Tests;

/// <summary>Files become registered pipelines of a home, and these become runs.</summary>
public sealed class RegistryCommands : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-registry-").FullName;
    private readonly Standing _clock = new(Examples.Start);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Pipelines => Path.Combine(_folder, "pipelines");

    [Fact]
    public async Task A_folder_is_planned_applied_and_unchanged_when_it_is_applied_again()
    {
        Write("orders.yaml", "orders", rows: 10);
        Write("more/items.yaml", "items", rows: 3);
        await Etl(ExitCode.WouldChange, "plan", Pipelines, "--detailed-exitcode");
        Assert.False(Directory.Exists(Path.Combine(_folder, "home")), "a plan makes nothing");
        await Etl(ExitCode.Succeeded, "apply", Pipelines, "-m", "first");
        Write("orders.yaml", "orders", rows: 20);
        Write("new.yaml", "new", rows: 1);
        File.Delete(Path.Combine(Pipelines, "more/items.yaml"));

        var plan = await Etl(ExitCode.Succeeded, "plan", Pipelines, "--prune");
        Golden.Matches("plan-piped.txt", Told(plan));
        Golden.Matches("plan.json", Told(await Etl(ExitCode.Succeeded, "plan", Pipelines, "--prune", "-o", "json")));
        Golden.Matches("apply-piped.txt", Told(await Etl(ExitCode.Succeeded, "apply", Pipelines, "--prune")));
        var again = Json(await Etl(ExitCode.Succeeded, "apply", Pipelines, "--prune", "-o", "json"));
        Assert.All(again.GetProperty("changes").EnumerateArray(), change => Assert.Equal("unchanged", change.GetProperty("result").GetString()));
        await Etl(ExitCode.Succeeded, "plan", Pipelines, "--prune", "--detailed-exitcode");
        Golden.Matches("pipelines-list.txt", Told(await Etl(ExitCode.Succeeded, "pipelines", "list")));
        Golden.Matches("pipelines-versions.txt", Told(await Etl(ExitCode.Succeeded, "pipelines", "versions", "orders")));
    }

    [Fact]
    public async Task Instances_of_a_template_are_registered_as_what_they_became_and_a_version_says_the_same_for_ever()
    {
        Template(version: 1, rows: 10);
        foreach (var name in new[] { "a", "b" }) Use(name, version: 1);
        var expanded = await Etl(ExitCode.Succeeded, "templates", "expand", Path.Combine(Pipelines, "a.yaml"));
        Assert.Contains("rows: 10", expanded.Data.ToString());
        Assert.DoesNotContain("uses", expanded.Data.ToString());
        await Etl(ExitCode.Succeeded, "apply", Pipelines);
        Assert.Contains("made from made@1", (await Etl(ExitCode.Succeeded, "pipelines", "show", "a")).Talk.ToString());

        Template(version: 1, rows: 20);
        Assert.Contains("ETL6812", (await Etl(ExitCode.Succeeded, "plan", Pipelines)).Talk.ToString());
        var refused = Json(await Etl(ExitCode.Conflict, "apply", Pipelines, "-o", "json"));
        Assert.Equal(["ETL6812", "ETL6812"], refused.GetProperty("errors").EnumerateArray().Select(one => one.GetProperty("code").GetString()));
        Assert.Equal(10, Rows(Json(await Etl(ExitCode.Succeeded, "run", "a", "-o", "json"))));

        Template(version: 2, rows: 20);
        Use("a", version: 2);
        Template(version: 1, rows: 10, file: "old");
        var plan = await Etl(ExitCode.Succeeded, "plan", Pipelines);
        Assert.Contains("~ template: made@1 → made@2", plan.Talk.ToString());
        Assert.Contains("1 to change, 1 unchanged", plan.Talk.ToString());
        await Etl(ExitCode.Succeeded, "apply", Pipelines);
        Assert.Equal(20, Rows(Json(await Etl(ExitCode.Succeeded, "run", "a", "-o", "json"))));
        Assert.Equal(10, Rows(Json(await Etl(ExitCode.Succeeded, "run", "a", "--version", "1", "-o", "json"))));
        var templates = Json(await Etl(ExitCode.Succeeded, "templates", "list", "--folder", Pipelines, "-o", "json")).GetProperty("templates");
        Assert.Equal([1, 2], templates.EnumerateArray().Select(one => one.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task A_mistake_in_a_template_is_told_there_and_where_it_is_used()
    {
        Template(version: 1, rows: -1);
        Use("a", version: 1);
        var file = Path.Combine(Pipelines, "a.yaml");
        var wrong = Json(await Etl(ExitCode.InvalidFile, "validate", file, "-o", "json")).GetProperty("files")[0].GetProperty("diagnostics")[0];
        Assert.EndsWith("templates/made.yaml", wrong.GetProperty("file").GetString());
        var related = wrong.GetProperty("related").EnumerateArray().Select(one => $"{one.GetProperty("note")} {one.GetProperty("line")}");
        Assert.Equal(["put here 5", "used here 2"], related);
        Assert.Contains("used here: " + file, (await Etl(ExitCode.InvalidFile, "run", file)).Talk.ToString());
        Assert.Contains("ETL6813", (await Etl(ExitCode.InvalidFile, "run", Path.Combine(Pipelines, "templates/made.yaml"))).Talk.ToString());
        await Etl(ExitCode.InvalidFile, "validate", Path.Combine(Pipelines, "templates/made.yaml"));
    }

    private void Template(int version, int rows, string file = "made")
    {
        Directory.CreateDirectory(Path.Combine(Pipelines, "templates"));
        File.WriteAllText(Path.Combine(Pipelines, "templates", file + ".yaml"), $$$"""
            template: made
            version: {{{version}}}
            params: { rows: {{{rows}}} }
            steps:
              - { id: made, kind: extract.generate, with: { rows: "{{ params.rows }}", seed: 1, columns: { id: { generator: sequence } } } }
            """);
    }

    private void Use(string name, int version)
    {
        Directory.CreateDirectory(Pipelines);
        File.WriteAllText(Path.Combine(Pipelines, name + ".yaml"), $"pipeline: {name}\nuses: made@{version}\n");
    }

    [Fact]
    public async Task Versions_are_shown_compared_rolled_back_to_retired_and_run()
    {
        Write("orders.yaml", "orders", rows: 10);
        await Etl(ExitCode.Succeeded, "apply", Pipelines);
        Write("orders.yaml", "orders", rows: 20);
        await Etl(ExitCode.Succeeded, "apply", Pipelines, "-m", "twenty");
        Assert.Equal("~ step made: with.rows: 10 → 20\n", (await Etl(ExitCode.Succeeded, "pipelines", "diff", "orders", "1", "2")).Data.ToString());

        var newest = Json(await Etl(ExitCode.Succeeded, "run", "orders", "-o", "json"));
        Assert.Equal((2, 20), (newest.GetProperty("pipeline_version").GetInt32(), Rows(newest)));
        var earlier = await Etl(ExitCode.Succeeded, "run", "orders", "--version", "1", "-o", "json");
        Assert.Contains("version 1 of orders, as registered", earlier.Talk.ToString());
        Assert.Equal(10, Rows(Json(earlier)));

        await Etl(ExitCode.Succeeded, "pipelines", "rollback", "orders", "1", "-m", "twenty is too many");
        Assert.Equal(10, Rows(Json(await Etl(ExitCode.Succeeded, "run", "orders", "-o", "json"))));
        Golden.Matches("pipelines-show.txt", Told(await Etl(ExitCode.Succeeded, "pipelines", "show", "orders")));
        await Etl(ExitCode.Succeeded, "pipelines", "retire", "orders");
        Assert.Contains("ETL6103", (await Etl(ExitCode.Conflict, "run", "orders")).Talk.ToString());
        var change = Json(await Etl(ExitCode.Succeeded, "plan", Pipelines, "-o", "json")).GetProperty("changes")[0];
        Assert.Equal(("create", 3), (change.GetProperty("change").GetString(), change.GetProperty("to").GetInt32()));
        var file = Json(await Etl(ExitCode.Succeeded, "run", Path.Combine(Pipelines, "orders.yaml"), "-o", "json"));
        Assert.Equal(JsonValueKind.Null, file.GetProperty("pipeline_version").ValueKind);
    }

    [Fact]
    public async Task What_is_wrong_with_any_file_is_all_said_and_nothing_is_applied()
    {
        Write("good.yaml", "good", rows: 1);
        Write("twice.yaml", "good", rows: 2);
        Raw("bad.yaml", "pipeline: bad\nsteps:\n  - { id: a, kind: extract.cvs, with: { path: x } }\n");
        Raw("worse.yaml", "pipeline: worse\nstep: []\n");
        var outside = Path.Combine(_folder, "outside.yaml");
        File.WriteAllText(outside, "pipeline: outside\n");
        File.CreateSymbolicLink(Path.Combine(Pipelines, "link.yaml"), outside);
        File.CreateSymbolicLink(Path.Combine(Pipelines, "within.yaml"), Path.Combine(Pipelines, "good.yaml"));
        var said = (await Etl(ExitCode.InvalidFile, "apply", Pipelines)).Talk.ToString();
        foreach (var code in new[] { "extract.csv", "ETL1007", "ETL6112", "ETL6113" }) Assert.Contains(code, said);
        Assert.DoesNotContain("within", said);
        Assert.Contains("ETL4801", (await Etl(ExitCode.NotFound, "pipelines", "list")).Talk.ToString());
        Assert.Equal(4, Json(await Etl(ExitCode.InvalidFile, "plan", Pipelines, "-o", "json")).GetProperty("files").GetArrayLength());
    }

    [Theory]
    [InlineData(ExitCode.NotFound, "ETL6110", "apply", "nowhere")]
    [InlineData(ExitCode.Usage, "ETL4809", "apply", "orders.yaml", "--prune")]
    [InlineData(ExitCode.NotFound, "ETL6114", "plan", "empty")]
    [InlineData(ExitCode.NotFound, "ETL6100", "pipelines", "show", "nobody")]
    [InlineData(ExitCode.NotFound, "ETL6101", "pipelines", "diff", "orders", "1", "7")]
    [InlineData(ExitCode.NotFound, "ETL6101", "pipelines", "rollback", "orders", "7")]
    [InlineData(ExitCode.NotFound, "no pipeline of that name is registered", "run", "ordres")]
    [InlineData(ExitCode.NotFound, "ETL1021", "run", "ordres.yaml")]
    [InlineData(ExitCode.Usage, "ETL4809", "run", "orders.yaml", "--version", "1")]
    public async Task What_cannot_be_is_refused_with_its_code(object code, string says, params string[] arguments)
    {
        Write("orders.yaml", "orders", rows: 1);
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        await Etl(ExitCode.Succeeded, "apply", Pipelines);
        arguments = [.. arguments.Select(word => word switch
        {
            "nowhere" or "empty" => Path.Combine(_folder, word), "orders.yaml" => Path.Combine(Pipelines, word), _ => word,
        })];
        Assert.Contains(says, (await Etl((ExitCode)code, arguments)).Talk.ToString());
    }

    [Fact]
    public async Task A_failure_in_the_middle_says_what_was_applied_and_what_was_not()
    {
        foreach (var name in new[] { "a", "b", "c" }) Write($"{name}.yaml", name, rows: 1);
        var screen = await Etl(ExitCode.Error, home => StoreIsAway.For(home, "b"), "apply", Pipelines);
        Golden.Matches("apply-failed.txt", Told(screen));
        Golden.Matches("apply-resumed.txt", Told(await Etl(ExitCode.Succeeded, "apply", Pipelines)));
    }

    private void Write(string file, string name, int rows) => Raw(file, $$"""
        pipeline: {{name}}
        steps:
          - { id: made, kind: extract.generate, with: { rows: {{rows}}, columns: { id: { generator: sequence } } } }
          - { id: kept, kind: load.parquet, depends_on: [made], with: { dataset: "{{name}}/kept" } }

        """);

    private void Raw(string file, string text)
    {
        var path = Path.Combine(Pipelines, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static int Rows(JsonElement run) => run.GetProperty("steps")[0].GetProperty("rows_out").GetInt32();

    private static JsonElement Json(Screen screen) => JsonDocument.Parse(screen.Data.ToString()).RootElement;

    private string Told(Screen screen) => (screen.Data.ToString() + screen.Talk)
        .Replace(_folder, "FOLDER", StringComparison.Ordinal).Replace(Environment.UserName, "ann", StringComparison.Ordinal);

    private Task<Screen> Etl(ExitCode code, params string[] arguments) => Etl(code, home => home, arguments);

    private async Task<Screen> Etl(ExitCode code, Func<IEtl, IEtl> over, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, _clock, settings => over(Silo.Embedded.EmbeddedEtl.Open(new(settings.Home), _clock)),
            (_, _) => throw new InvalidOperationException("no cluster is meant"));
        string[] home = arguments[0] is "templates" or "validate" ? [] : ["--home", Path.Combine(_folder, "home")]; // these look at files alone
        var ended = await EntryPoint.Run([.. arguments, .. home], surroundings);
        Assert.True(ended == code, $"expected {code}, found {ended}: {screen.Talk}{screen.Data}");
        return screen;
    }

    private sealed class Standing(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

/// <summary>A home whose store is away when one pipeline is registered.</summary>
public class StoreIsAway : DispatchProxy
{
    private IEtl _home = null!;
    private string _pipeline = "";

    public static IEtl For(IEtl home, string pipeline)
    {
        var made = Create<IEtl, StoreIsAway>();
        ((StoreIsAway)(object)made)._home = home;
        ((StoreIsAway)(object)made)._pipeline = pipeline;
        return made;
    }

    protected override object? Invoke(MethodInfo? method, object?[]? arguments) =>
        arguments is [DefinitionCommand.Register register, ..] && register.Spec.Name == _pipeline
            ? throw new FaultException(new Fault(FaultKind.Unavailable, "ETL4110", "the store is away"))
            : method!.Invoke(_home, arguments);
}
