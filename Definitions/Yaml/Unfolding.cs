using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>Nodes to plain values, with their places. Counts every value, so that aliases cannot unfold into more than the bound.</summary>
internal sealed class Unfolding(YamlBounds bounds, Findings findings, SourceMap map)
{
    private int _nodes;

    /// <summary>Whether there was more than the bound allows; then what was read is not what was written.</summary>
    public bool IsExhausted => _nodes > bounds.NodesMax;

    /// <summary>Where there is more than the bound allows, null stands in the place of the rest.</summary>
    public SpecValue Value(Node node, string path)
    {
        map.AddValue(path, node.Range);
        if (IsExhausted) return new SpecValue.Null();
        if (++_nodes > bounds.NodesMax)
        {
            findings.Error(YamlCodes.BoundMet, $"The file unfolds to more than {bounds.NodesMax} values.", node.Range, null,
                "Aliases that hold aliases multiply; write the values once.");
            return new SpecValue.Null();
        }
        switch (node)
        {
            case Node.Scalar scalar: return Scalar(scalar, path);
            case Node.Sequence sequence:
                return new SpecValue.List([.. sequence.Items.Select((item, i) => Value(item, SpecPath.Item(path, i)))]);
            case Node.Mapping mapping: return Mapping(mapping, path);
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private SpecValue.Map Mapping(Node.Mapping mapping, string path)
    {
        var fields = ImmutableArray.CreateBuilder<Field>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in mapping.Entries)
        {
            var name = entry.Key.Text;
            var at = SpecPath.Field(path, name);
            if (!seen.Add(name))
            {
                findings.Error(YamlCodes.DuplicateKey, $"The key `{name}` stands here a second time.", entry.Key.Range, at,
                    "Keep one of them.");
                continue;
            }
            map.AddKey(at, entry.Key.Range);
            fields.Add(new Field(name, Value(entry.Value, at)));
            if (IsExhausted) break;
        }
        return new SpecValue.Map(fields.ToImmutable());
    }

    private SpecValue Scalar(Node.Scalar scalar, string path)
    {
        var value = CoreSchema.Read(scalar);
        var isHuge = value is SpecValue.Real && scalar.Text.AsSpan().TrimStart("+-").IndexOfAnyExceptInRange('0', '9') < 0;
        if (isHuge)
        {
            findings.Error(YamlCodes.WrongType, $"The whole number {scalar.Text} is larger than 64 bits hold.", scalar.Range, path,
                $"Quote it to keep it as a text: \"{scalar.Text}\".");
        }
        return value;
    }
}
