using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary><c>alerts</c> of a pipeline: a list of rules. Whether a rule makes sense is the question of the plan's check.</summary>
internal sealed class AlertsReader(Findings findings, SourceMap map)
{
    private const string Example = "For example: - { on: failed, to: [ops] }";
    private static readonly ImmutableArray<string> Known = ["on", "to", "after", "from", "within", "repeat", "resolved", "while_waiting"];

    /// <summary>Of a rule that cannot be told for what it is; it keeps its place in the list.</summary>
    private const AlertOn Unknown = (AlertOn)(-1);

    public ImmutableArray<AlertRule>? Read(Node.Entry? entry)
    {
        if (entry is null || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Sequence sequence)
            return sequence.Items.IsEmpty ? null : [.. sequence.Items.Select((item, i) => Rule(item, SpecPath.Item("alerts", i)))];
        findings.Error(YamlCodes.WrongShape, $"`alerts` must be a list, found {entry.Value.Shape}.", entry.Value.Range, "alerts", Example);
        return null;
    }

    private AlertRule Rule(Node node, string path)
    {
        map.AddValue(path, node.Range);
        if (node is not Node.Mapping mapping)
        {
            findings.Error(YamlCodes.WrongShape, $"An alert must be a mapping with `on` and `to`, found {node.Shape}.", node.Range, path, Example);
            return new AlertRule(Unknown, []);
        }
        var keys = new Keys(mapping, Known, path, "an alert", map, findings, Missed);
        var on = keys.Choice<AlertOn>("on", isNeeded: true) ?? Unknown;
        if (!keys.WasMeant("on"))
            findings.Error(YamlCodes.MissingKey, "An alert needs `on`.", node.Range, path, $"One of: {string.Join(", ", EnumWords.All<AlertOn>())}.");
        return new AlertRule(
            on, To(keys, node, path), keys.Duration("after"), keys.Choice<LateFrom>("from", isNeeded: true) ?? LateFrom.Start, keys.Duration("within"),
            keys.Duration("repeat"), keys.Flag("resolved") ?? false, keys.Flag("while_waiting") ?? false);
    }

    private ImmutableArray<string> To(Keys keys, Node node, string path)
    {
        var at = SpecPath.Field(path, "to");
        ImmutableArray<Node> names = keys["to"]?.Value switch
        {
            Node.Sequence sequence => sequence.Items,
            Node.Scalar scalar when !SpecReader.IsNothing(scalar) => [scalar],
            _ => [],
        };
        if (names.IsEmpty && !keys.Has("to") && !keys.WasMeant("to"))
            findings.Error(YamlCodes.MissingKey, "An alert needs `to`.", node.Range, path, "Name the channels that it goes to: to: [ops]");
        else if (names.IsEmpty && keys["to"] is { Value: not Node.Sequence } entry)
            keys.Wrong("to", entry.Value, "a list of channels", "For example: to: [ops]");
        if (!keys.Has("to")) findings.Paths.Add(at); // that it is missing is found already
        var read = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < names.Length; i++)
        {
            map.AddValue(SpecPath.Item(at, i), names[i].Range);
            if (names[i] is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Text { Value.Length: > 0 } name) read.Add(name.Value);
            else
            {
                findings.Error(YamlCodes.WrongType, $"A channel must be a name, found {names[i].Shape}.", names[i].Range, at, "For example: to: [ops]");
                read.Add("");
            }
        }
        return read.ToImmutable();
    }

    private static string? Missed(string name) => name switch
    {
        "kind" or "type" or "when" => "on",
        "channel" or "channels" or "notify" => "to",
        "every" => "repeat",
        "recovered" or "resolve" => "resolved",
        _ => null,
    };
}
