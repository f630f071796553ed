using System.CommandLine;
using System.Text.Json;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Definitions;
using OrleansEtl.Definitions.Templates;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl templates list|expand</c>: what pipelines can be made from, and what became of one.</summary>
internal static class TemplateCommands
{
    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "The folder in which, or above which, templates/ is [default: the current one]", HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };
    private static readonly Argument<string> File = new("FILE") { Description = "A pipeline's file" };

    public static Command Make(Surroundings surroundings) => new("templates", "List the templates of pipelines, and show what they become")
    {
        List(surroundings), Expand(surroundings),
    };

    private static Command List(Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        var command = new Command("list", "List templates, their versions and parameters");
        command.With(Folder, CommonOptions.Output);
        command.SetAction(parsed =>
        {
            var folder = TemplateSet.FolderOf(parsed.GetValue(Folder)!) ?? throw new FaultException(new Fault(
                FaultKind.NotFound, TemplateCodes.NotFound, $"There is no folder `templates` in {parsed.GetValue(Folder)} or above it.", null,
                "Make templates/NAME.yaml there, with `template: NAME` in it."));
            var templates = TemplateSet.Load(folder).Templates;
            if (parsed.IsJson()) JsonText.Print(terminal.Data, json => RegistryText.List(json, "templates", templates, Write));
            else
            {
                var table = new Table("TEMPLATE", "VERSION", "PARAMETERS", "DESCRIPTION", "FILE");
                foreach (var one in templates)
                    table.Row(
                        one.Name, $"{one.Version}", string.Join(", ", one.Params.Select(Shown)),
                        one.HasErrors ? "has mistakes: etl validate FILE" : one.Description, one.Source.Path);
                table.Print(terminal);
            }
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static Command Expand(Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        var command = new Command("expand", "Print the pipeline that a file becomes: its template's steps with all values put in") { File };
        command.With(NamedEnvironments.Option, CommonOptions.Output);
        command.SetAction(parsed =>
        {
            var file = new NamedEnvironments(surroundings).Check(parsed.GetValue(File)!, parsed.GetValue(NamedEnvironments.Option));
            terminal.Talk.Write(DiagnosticText.Render(file.Diagnostics, file.Text));
            if (parsed.IsJson()) JsonText.Print(terminal.Data, json => Write(json, file));
            else if (file.Spec is { } spec)
            {
                foreach (var used in spec.Templates ?? []) terminal.Talk.WriteLine($"made from {used}");
                terminal.Data.Write(PipelineYaml.Write(spec));
            }
            return (int)Validate.CodeOf(file);
        });
        return command;
    }

    /// <summary><c>path</c>, <c>retries = 3</c></summary>
    private static string Shown(ParamSpec param) =>
        param.Default is null or SpecValue.Null ? param.Name : $"{param.Name} = {Excerpt.Of(param.Default.ToPlainText(), 30)}";

    private static void Write(Utf8JsonWriter json, PipelineTemplate template)
    {
        json.WriteStartObject();
        json.WriteString("template", template.Name);
        json.WriteNumber("version", template.Version);
        json.WriteString("description", template.Description);
        json.WriteString("file", template.Source.Path);
        json.WriteBoolean("valid", !template.HasErrors);
        JsonText.Objects(json, "params", template.Params, (json, param) =>
        {
            json.WriteString("name", param.Name);
            json.WriteString("type", param.Type.ToString().ToLowerInvariant());
            json.WriteString("description", param.Description);
            if (param.Default is { } value)
            {
                json.WritePropertyName("default");
                json.WriteRawValue(value.ToJson());
            }
        });
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CheckedPipeline file)
    {
        json.WriteStartObject();
        JsonText.Files(json, [file]);
        JsonText.Texts(json, "templates", (file.Spec?.Templates ?? []).Select(used => used.ToString()));
        json.WriteString("yaml", file.Spec is { } spec ? PipelineYaml.Write(spec) : null);
        json.WriteEndObject();
    }
}
