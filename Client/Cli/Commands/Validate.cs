using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl validate FILE…</c></summary>
internal static class Validate
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Pipeline files", Arity = ArgumentArity.OneOrMore };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("validate", "Check pipeline files without running them") { Files };
        command.With(NamedEnvironments.Option, CommonOptions.Output);
        command.SetAction(parsed => (int)Check(parsed, surroundings));
        return command;
    }

    /// <summary>A file that is not there is another answer than one that is wrong.</summary>
    public static ExitCode CodeOf(CheckedPipeline file) =>
        !file.HasErrors ? ExitCode.Succeeded : File.Exists(file.File) ? ExitCode.InvalidFile : ExitCode.NotFound;

    private static ExitCode Check(ParseResult parsed, Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        var environments = new NamedEnvironments(surroundings);
        var files = parsed.GetValue(Files)!.Select(path => environments.Check(path, parsed.GetValue(NamedEnvironments.Option))).ToArray();
        if (parsed.IsJson())
        {
            JsonText.Print(terminal.Data, json => JsonText.Validation(json, files));
        }
        else
        {
            foreach (var file in files)
            {
                terminal.Talk.Write(DiagnosticText.Render(file.Diagnostics, file.Text));
                if (!file.HasErrors) terminal.Data.WriteLine(
                    $"{file.File}: valid, {Words.Plural(file.Spec!.Steps.Length, "step")} in {Words.Plural(file.Plan!.Stages.Length, "stage")}");
            }
        }
        return files.Select(CodeOf).Max();
    }
}
