using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Environments;

/// <summary>A file of an environment as it stands: <c>environments/prod.yaml</c> is <c>prod</c>.</summary>
/// <param name="Inherits">Null: nothing.</param>
internal sealed record EnvironmentFile(
    string Name, string File, string Text, string? Inherits, SourceRange? InheritsAt, ImmutableArray<WrittenValue> Values, Findings Findings)
{
    private static readonly ImmutableArray<string> Top = ["inherits", "description", "values"];
    private static readonly ImmutableArray<string> Long = ["type", "value", "description"];

    public static EnvironmentFile Read(string path)
    {
        var findings = new Findings(path, YamlBounds.Default.DiagnosticsMax);
        var text = "";
        Node? root = null;
        try
        {
            using var stream = System.IO.File.OpenRead(path);
            var bytes = new byte[YamlBounds.Default.BytesMax + 1];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            text = FileText.Read(bytes.AsSpan(0, count), YamlBounds.Default, findings) ?? "";
            root = findings.HasErrors ? null : TreeReader.Read(text, YamlBounds.Default, findings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Error(YamlCodes.Unreadable, $"`{path}` cannot be read: {e.Message}", null);
        }
        var name = Path.GetFileNameWithoutExtension(path);
        if (root is Node.Mapping mapping) return Read(name, path, text, mapping, findings);
        if (root is not null)
            findings.Error(YamlCodes.WrongShape, $"An environment is a mapping with `values`, found {root.Shape}.", root.Range, "",
                "For example: values: { bucket: /data/dev }");
        return new EnvironmentFile(name, path, text, null, null, [], findings);
    }

    private static EnvironmentFile Read(string name, string path, string text, Node.Mapping mapping, Findings findings)
    {
        var map = new SourceMap();
        var keys = new Keys(mapping, Top, "", "an environment", map, findings, written => written is "extends" or "base" or "parent" ? "inherits" : null);
        var values = new Unfolding(YamlBounds.Default, findings, map);
        var types = new ParamReader(values, findings, map);
        keys.Text("description", "What runs at night");
        if (keys["values"] is { Value: not Node.Mapping } other && !SpecReader.IsNothing(other.Value))
            keys.Wrong("values", other.Value, "a mapping from names to values", "For example: values: { bucket: /data/dev }");
        ImmutableArray<WrittenValue> written = keys["values"]?.Value is Node.Mapping entries
            ? [.. entries.Entries.DistinctBy(entry => entry.Key.Text).Select(entry => Value(entry, values, types, map, findings)).OfType<WrittenValue>()]
            : [];
        if (keys["values"]?.Value is Node.Mapping all)
            foreach (var twice in all.Entries.GroupBy(entry => entry.Key.Text).SelectMany(group => group.Skip(1)))
                findings.Error(YamlCodes.DuplicateKey, $"The key `{twice.Key.Text}` stands here a second time.", twice.Key.Range,
                    SpecPath.Field("values", twice.Key.Text), "Keep one of them.");
        return new EnvironmentFile(name, path, text, keys.Text("inherits", "base"), keys["inherits"]?.Value.Range, written, findings);
    }

    private static WrittenValue? Value(Node.Entry entry, Unfolding values, ParamReader types, SourceMap map, Findings findings)
    {
        var (name, path) = (entry.Key.Text, SpecPath.Field("values", entry.Key.Text));
        if (name.Length is 0 or > 63 || !char.IsAsciiLetter(name[0]) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_'))
        {
            findings.Error("ETL1010", $"`{Excerpt.Of(name, 63)}` cannot name a value.", entry.Key.Range, path,
                "A name starts with a letter and has at most 63 letters, digits and `_`.");
            return null;
        }
        if (entry.Value is not Node.Mapping mapping)
            return new WrittenValue(name, null, values.Value(entry.Value, path), null, entry.Key.Range);
        var keys = new Keys(mapping, Long, path, "a value", map, findings, written => written is "default" ? "value" : null);
        var value = keys["value"] is { } given ? values.Value(given.Value, SpecPath.Field(path, "value")) : null;
        return new WrittenValue(name, types.Type(keys, path), value, keys.Text("description", "Where files come in"), entry.Key.Range);
    }
}

/// <param name="Type">Null: not said.</param>
/// <param name="Value">Null: whoever inherits sets it.</param>
internal sealed record WrittenValue(string Name, ValueType? Type, SpecValue? Value, string? Description, SourceRange At);
