using System.CommandLine;
using System.Text.Json;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Definitions.Environments;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl config show|diff</c>: the values of environments, and where they come from.</summary>
internal static class Config
{
    private static readonly Option<string> Env = new("--env") { Description = "The environment", HelpName = "NAME", Required = true };
    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "The folder in which, or above which, environments/ is [default: the current one]", HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };
    private static readonly Argument<string> One = new("A") { Description = "An environment" };
    private static readonly Argument<string> Other = new("B") { Description = "Another environment" };

    public static Command Make(Surroundings surroundings) => new("config", "Show and compare the values of environments")
    {
        Show(surroundings), Diff(surroundings),
    };

    private static Command Show(Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        var command = new Command("show", "Show every value of an environment, and where it comes from");
        command.With(Env, Folder, CommonOptions.Output);
        command.SetAction(parsed =>
        {
            var environment = new NamedEnvironments(surroundings).Find(parsed.GetValue(Folder)!, parsed.GetValue(Env)!);
            if (parsed.IsJson())
            {
                JsonText.Print(terminal.Data, json => Write(json, environment));
                return (int)ExitCode.Succeeded;
            }
            var table = new Table("NAME", "TYPE", "VALUE", "FROM", "INSTEAD OF", "DESCRIPTION");
            foreach (var value in environment.Values)
                table.Row(value.Name, Word(value.Type), value.Value.ToPlainText(), $"{value.From} ({Path.GetFileName(value.File)}:{value.Line})",
                    string.Join(", ", value.Overrides.Select(hidden => $"{hidden.Value.ToPlainText()} ({hidden.From})")), value.Description);
            table.Print(terminal);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static Command Diff(Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        var command = new Command("diff", "Show which values differ between two environments") { One, Other };
        command.With(Folder, CommonOptions.Output);
        command.SetAction(parsed =>
        {
            var environments = new NamedEnvironments(surroundings);
            var one = environments.Find(parsed.GetValue(Folder)!, parsed.GetValue(One)!);
            var other = environments.Find(parsed.GetValue(Folder)!, parsed.GetValue(Other)!);
            var differing = Differing(one, other).ToArray();
            if (parsed.IsJson()) JsonText.Print(terminal.Data, json => RegistryText.List(json, "values", differing, Write));
            else
            {
                var table = new Table("NAME", one.Name, other.Name);
                foreach (var (name, before, after) in differing) table.Row(name, before?.Value.ToPlainText(), after?.Value.ToPlainText());
                table.Print(terminal);
            }
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static IEnumerable<(string Name, EnvironmentValue? One, EnvironmentValue? Other)> Differing(ResolvedEnvironment one, ResolvedEnvironment other) =>
        from name in one.Values.Concat(other.Values).Select(value => value.Name).Distinct().Order(StringComparer.Ordinal)
        let before = one.Values.FirstOrDefault(value => value.Name == name)
        let after = other.Values.FirstOrDefault(value => value.Name == name)
        where before?.Value != after?.Value
        select (name, before, after);

    private static void Write(Utf8JsonWriter json, ResolvedEnvironment environment)
    {
        json.WriteStartObject();
        json.WriteString("environment", environment.Name);
        JsonText.Texts(json, "inherits", environment.Lineage.Skip(1));
        JsonText.Objects(json, "values", environment.Values, (json, value) =>
        {
            json.WriteString("name", value.Name);
            json.WriteString("type", Word(value.Type));
            Value(json, "value", value.Value);
            json.WriteString("from", value.From);
            json.WriteString("file", value.File);
            json.WriteNumber("line", value.Line);
            json.WriteStartArray("instead_of");
            foreach (var hidden in value.Overrides)
            {
                json.WriteStartObject();
                json.WriteString("from", hidden.From);
                Value(json, "value", hidden.Value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("description", value.Description);
        });
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, (string Name, EnvironmentValue? One, EnvironmentValue? Other) differing)
    {
        json.WriteStartObject();
        json.WriteString("name", differing.Name);
        Value(json, "a", differing.One?.Value);
        Value(json, "b", differing.Other?.Value);
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, string name, SpecValue? value)
    {
        json.WritePropertyName(name);
        if (value is null) json.WriteNullValue(); else json.WriteRawValue(value.ToJson());
    }

    private static string Word(ValueType type) => type.ToString().ToLowerInvariant();
}
