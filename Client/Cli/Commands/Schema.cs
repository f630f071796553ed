using System.CommandLine;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl schema</c></summary>
internal static class Schema
{
    private static readonly Option<string?> Out = new("--out") { Description = "Write to this file [default: stdout]", HelpName = "FILE" };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("schema", "Print the JSON Schema of pipeline files, for editors");
        command.With(Out);
        command.SetAction(_ => (int)ExitCode.Succeeded);
        return command;
    }
}
