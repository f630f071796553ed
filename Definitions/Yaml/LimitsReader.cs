using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary><c>limits</c> of a step or of a pipeline: a list of names, or a mapping from names to how much of each.</summary>
internal sealed class LimitsReader(Findings findings, SourceMap map)
{
    private const string Example = "For example: limits: [warehouse], or limits: { warehouse: 2 }";

    public ImmutableArray<LimitUse>? Read(Keys keys, string path)
    {
        if (keys["limits"] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        var at = SpecPath.Field(path, "limits");
        ImmutableArray<LimitUse> uses = entry.Value switch
        {
            Node.Sequence sequence => [.. sequence.Items.Select(item => Name(item, at)).OfType<LimitUse>()],
            Node.Mapping mapping => [.. mapping.Entries.Select(one => Weighed(one, at)).OfType<LimitUse>()],
            Node.Scalar scalar => [.. new[] { Name(scalar, at) }.OfType<LimitUse>()],
            _ => [],
        };
        return uses.IsEmpty ? null : uses;
    }

    private LimitUse? Name(Node item, string at)
    {
        if (item is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Text { Value: { Length: > 0 } name })
        {
            Place(name, item.Range, at);
            return new LimitUse(name);
        }
        findings.Error(YamlCodes.WrongType, $"`limits` must be a list of names or a mapping from names to numbers, found {item.Shape}.",
            item.Range, at, Example);
        return null;
    }

    private LimitUse? Weighed(Node.Entry entry, string at)
    {
        Place(entry.Key.Text, entry.Value.Range, at);
        if (entry.Value is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Integer { Value: >= int.MinValue and <= int.MaxValue } weight)
            return new LimitUse(entry.Key.Text, (int)weight.Value);
        findings.Error(YamlCodes.WrongType, $"`{entry.Key.Text}` of `limits` must be a whole number, found {entry.Value.Shape}.",
            entry.Value.Range, SpecPath.Field(at, entry.Key.Text), Example);
        return null;
    }

    private void Place(string name, SourceRange range, string at)
    {
        map.AddKey(SpecPath.Field(at, name), range);
        map.AddValue(SpecPath.Field(at, name), range);
    }
}
