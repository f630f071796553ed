using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>The entries of a mapping whose keys are known: what is unknown, doubled or of another shape is found once, here.</summary>
internal sealed partial class Keys
{
    private readonly Dictionary<string, Node.Entry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _meant = new(StringComparer.Ordinal);
    private readonly Findings _findings;
    private readonly string _path;

    /// <param name="owner">For messages: <c>a step</c>, <c>the pipeline</c>.</param>
    /// <param name="missed">What a key that is not allowed might have been, besides a slip of the pen.</param>
    public Keys(
        Node.Mapping mapping, ImmutableArray<string> allowed, string path, string owner, SourceMap map, Findings findings,
        Func<string, string?> missed)
    {
        (_findings, _path) = (findings, path);
        foreach (var entry in mapping.Entries)
        {
            var name = entry.Key.Text;
            var at = SpecPath.Field(path, name);
            if (!allowed.Contains(name))
            {
                if (findings.IsFull) continue;
                var nearest = missed(name) ?? Spelling.Nearest(name, allowed);
                if (nearest is not null) _meant.Add(nearest);
                findings.Error(YamlCodes.UnknownKey, $"{char.ToUpperInvariant(owner[0])}{owner[1..]} has no field `{Shorten(name)}`.",
                    entry.Key.Range, at,
                    (nearest is null ? "" : $"Did you mean `{nearest}`? ") + $"Allowed here: {string.Join(", ", allowed)}.", nearest);
            }
            else if (!_entries.TryAdd(name, entry))
            {
                findings.Error(YamlCodes.DuplicateKey, $"The key `{name}` stands here a second time.", entry.Key.Range, at,
                    "Keep one of them.");
            }
            else
            {
                map.AddKey(at, entry.Key.Range);
                map.AddValue(at, entry.Value.Range);
            }
        }
    }

    public Node.Entry? this[string name] => _entries.GetValueOrDefault(name);

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>Whether the key is there or stands there misspelt, so that it is no second fault that it is missing.</summary>
    public bool WasMeant(string name) => Has(name) || _meant.Contains(name);

    /// <summary>The text of an entry; null when it is missing, empty or something else, which is found unless missing.</summary>
    public string? Text(string name, string example)
    {
        if (this[name]?.Value is not { } node) return null;
        if (node is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Text { Value.Length: > 0 } text) return text.Value;
        Wrong(name, node, "a text", node is Node.Scalar { Text.Length: > 0 } s
            ? $"Quote it: \"{s.Text}\"." : $"For example: {name}: {example}");
        return null;
    }

    public void Wrong(string name, Node node, string expected, string? help) => _findings.Error(
        YamlCodes.WrongType, $"`{name}` must be {expected}, found {node.Shape}.", node.Range, SpecPath.Field(_path, name), help);

    private static string Shorten(string name) => name.Length <= 60 ? name : name[..57] + "...";
}
