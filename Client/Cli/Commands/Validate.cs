using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl validate FILE…</c></summary>
internal static class Validate
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Pipeline files, and files of templates", Arity = ArgumentArity.OneOrMore };

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
        var files = parsed.GetValue(Files)!.Select(path => PipelineFile.CheckTemplate(path, surroundings.Kinds.Specs)
            ?? environments.Check(path, parsed.GetValue(NamedEnvironments.Option))).ToArray();
        if (parsed.IsJson())
        {
            JsonText.Print(terminal.Data, json => JsonText.Validation(json, files));
        }
        else
        {
            foreach (var file in files)
            {
                terminal.Talk.Write(DiagnosticText.Render(file.Diagnostics, file.Text));
                if (file.Template is { } template) terminal.Data.WriteLine($"{file.File}: valid, template {template}, "
                    + Words.Plural(template.Params.Length, "parameter") + (template.NeedsNothing ? "" : "; the rest is checked where it is used"));
                else if (!file.HasErrors) terminal.Data.WriteLine(
                    $"{file.File}: valid, {Words.Plural(file.Spec!.Steps.Length, "step")} in {Words.Plural(file.Plan!.Stages.Length, "stage")}");
            }
        }
        return files.Select(CodeOf).Max();
    }
}
