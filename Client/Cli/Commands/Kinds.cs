using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Steps;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl kinds</c></summary>
internal static class Kinds
{
    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("kinds", "List the kinds of steps");
        command.With(CommonOptions.Output);
        command.SetAction(parsed =>
        {
            var terminal = surroundings.Terminal;
            if (parsed.IsJson())
            {
                JsonText.Print(terminal.Data, json => JsonText.Kinds(json, surroundings.Kinds.Specs.Kinds));
                return (int)ExitCode.Succeeded;
            }
            var table = new Table("KIND", "SUMMARY");
            foreach (var kind in surroundings.Kinds.Specs.Kinds) table.Row(kind.Name, kind.Summary);
            table.Print(terminal);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }
}
