using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace OrleansEtl.Definitions.Templates;

/// <summary>The file of a template, read and held against itself: what its expressions speak of is there, whatever it is given.</summary>
public sealed partial class TemplateReader
{
    private static readonly ImmutableArray<string> Top =
        ["template", "version", "description", "params", "uses", "with", "retry", "limits", "reuse", "on_conflict", "steps", "schedules"];

    private readonly Findings _findings;
    private readonly SourceMap _map = new();
    private readonly Unfolding _values;

    private TemplateReader(Findings findings) => (_findings, _values) = (findings, new Unfolding(YamlBounds.Default, findings, _map));

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]{0,62}$", RegexOptions.CultureInvariant)]
    internal static partial Regex NameForm();

    public static PipelineTemplate ReadFile(string path)
    {
        var findings = new Findings(path, YamlBounds.Default.DiagnosticsMax);
        var text = "";
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[YamlBounds.Default.BytesMax + 1];
            text = FileText.Read(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)), YamlBounds.Default, findings) ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Error(YamlCodes.Unreadable, $"`{path}` cannot be read: {e.Message}", null);
        }
        return Read(text, path, findings);
    }

    public static PipelineTemplate Read(string text, string file) => Read(text, file, new Findings(file, YamlBounds.Default.DiagnosticsMax));

    private static PipelineTemplate Read(string text, string file, Findings findings)
    {
        var root = findings.HasErrors ? null : TreeReader.Read(text, YamlBounds.Default, findings);
        var source = new SourceFile(file, text);
        if (root is Node.Mapping mapping) return new TemplateReader(findings).Template(mapping, source, findings);
        if (root is not null)
            findings.Error(YamlCodes.WrongShape, $"A template is a mapping with `template`, `version` and `steps`, found {root.Shape}.", root.Range);
        return new PipelineTemplate("", 0, null, [], findings.All(), source);
    }

    private PipelineTemplate Template(Node.Mapping root, SourceFile source, Findings findings)
    {
        // Aliases share what they stand for; unfolded once within the bound, everything after may walk freely.
        _values.Value(root, "");
        var keys = new Keys(root, Top, "", "a template", _map, findings, Missed);
        var (name, version) = (Name(keys, root), Version(keys, root));
        var description = keys.Text("description", "Files of one day to a mart");
        var @params = _values.IsExhausted ? [] : new ParamsReader(_values, findings, _map).Read(keys["params"], checksDefaults: true);
        if (!keys.WasMeant("steps") && !keys.WasMeant("uses"))
            findings.Error(YamlCodes.MissingKey, "A template needs `steps`, or `uses` with the template that it builds on.", Start(root), "steps");
        if (keys["with"] is { } with && !keys.Has("uses"))
            findings.Error(TemplateCodes.WithoutUse, "`with` gives values to the template that `uses` names, and there is no `uses`.", with.Key.Range, "with");
        if (!findings.HasErrors) new TemplateCheck(@params, findings).Check(root);
        return new PipelineTemplate(name, version, description, @params, findings.All(), source) { Root = root, Map = _map };
    }

    private string Name(Keys keys, Node.Mapping root)
    {
        if (keys.Text("template", "csv_mart") is { } name)
        {
            if (NameForm().IsMatch(name)) return name;
            _findings.Error(Engine.Plans.PlanCodes.WrongName, $"`{Excerpt.Of(name, 63)}` cannot name a template.", keys["template"]!.Value.Range, "template",
                "A name starts with a letter and has at most 63 letters, digits, `_`, `-` and `.`.");
        }
        else if (!keys.WasMeant("template"))
            _findings.Error(YamlCodes.MissingKey, "A template needs `template`.", Start(root), "template", "Begin the file with `template: name`.");
        return "";
    }

    private int Version(Keys keys, Node.Mapping root)
    {
        if (keys["version"] is not { } entry)
        {
            if (!keys.WasMeant("version"))
                _findings.Error(YamlCodes.MissingKey, "A template needs `version`.", Start(root), "version", "Begin with `version: 1`.");
            return 0;
        }
        if (entry.Value is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Integer { Value: > 0 and <= int.MaxValue } version)
            return (int)version.Value;
        keys.Wrong("version", entry.Value, "a whole number from 1", "Count it up with each change that is to reach pipelines one by one.");
        return 0;
    }

    private static SourceRange Start(Node.Mapping root) => root.Range with { EndLine = root.Range.Line, EndColumn = root.Range.Column + 1 };

    private static string? Missed(string name) => name switch
    {
        "name" or "pipeline" => "template",
        "parameters" or "inputs" or "variables" or "vars" => "params",
        "extends" or "inherits" => "uses",
        "tasks" or "stages" or "jobs" or "nodes" => "steps",
        _ => null,
    };
}
