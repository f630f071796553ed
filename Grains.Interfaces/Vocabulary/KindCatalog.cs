using System.Collections.Immutable;

namespace OrleansEtl;

/// <summary>All kinds of steps that there are, to be looked up by name, by older name, and by what was probably meant.</summary>
public sealed class KindCatalog
{
    private readonly Dictionary<string, KindSpec> _byName;
    private readonly Dictionary<string, KindSpec> _byAlias;

    /// <exception cref="ArgumentException">Two kinds share a name or an alias.</exception>
    public KindCatalog(IEnumerable<KindSpec> kinds)
    {
        Kinds = [.. kinds.OrderBy(k => k.Category).ThenBy(k => k.Name, StringComparer.Ordinal)];
        _byName = Kinds.ToDictionary(k => k.Name, StringComparer.Ordinal);
        _byAlias = Kinds.SelectMany(k => k.Aliases.Select(a => (Alias: a, Kind: k)))
            .ToDictionary(p => p.Alias, p => p.Kind, StringComparer.Ordinal);
    }

    /// <summary>By category, in the order of the work, then by name.</summary>
    public ImmutableArray<KindSpec> Kinds { get; }

    /// <summary>The kind of that name; null when there is none. Older names are not looked at.</summary>
    public KindSpec? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The kind of that name or older name (<c>extract_csv</c>); null when there is none.</summary>
    public KindSpec? FindOlder(string name) => Find(name) ?? _byAlias.GetValueOrDefault(name);

    public ImmutableArray<KindSpec> Of(StepCategory category) => [.. Kinds.Where(k => k.Category == category)];

    /// <summary>The name of the kind that was probably meant: an older name, the part behind the dot, or a slip of the pen.</summary>
    public string? Nearest(string name)
    {
        if (FindOlder(name) is { } known) return known.Name;
        if (FindOlder(name.Replace('_', '.')) is { } dotted) return dotted.Name;
        var ends = Kinds.Where(k => k.Name.EndsWith("." + name, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (ends.Length == 1) return ends[0].Name;
        return Spelling.Nearest(name, Kinds.Select(k => k.Name))
            ?? (Spelling.Nearest(name, _byAlias.Keys) is { } alias ? _byAlias[alias].Name : null);
    }
}
