using System.CommandLine;
using OrleansEtl.Definitions;
using OrleansEtl.Steps;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl schema</c></summary>
internal static class Schema
{
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Write to this file [default: stdout]", HelpName = "FILE",
    };

    private static readonly Option<bool> OfTemplates = new("--templates") { Description = "Of files of templates instead" };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("schema", "Print the JSON Schema of pipeline files, for editors");
        command.With(Out, OfTemplates);
        command.SetAction(parsed =>
        {
            var schema = parsed.GetValue(OfTemplates) ? TemplateSchema.Render(surroundings.Kinds.Specs) : PipelineSchema.Render(surroundings.Kinds.Specs);
            if (parsed.GetValue(Out) is { } file) Write(file, schema);
            else surroundings.Terminal.Data.Write(schema);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static void Write(string file, string schema)
    {
        try
        {
            File.WriteAllText(file, schema);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(new Fault(
                FaultKind.Denied, CliCodes.CannotWrite, $"`{file}` cannot be written: {refused.Message}"));
        }
    }
}
