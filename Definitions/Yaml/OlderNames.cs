namespace OrleansEtl.Definitions;

/// <summary>Gives the fields of a step in the older form the names of today, at every depth of their types.</summary>
internal static class OlderNames
{
    public static Node.Mapping Renamed(Node.Mapping mapping, IEnumerable<FieldSpec> fields)
    {
        var specs = fields.ToArray();
        return new Node.Mapping(mapping.Range, [.. mapping.Entries.Select(e => Renamed(e, specs))]);
    }

    private static Node.Entry Renamed(Node.Entry entry, FieldSpec[] specs)
    {
        var spec = specs.FirstOrDefault(f => f.Name == entry.Key.Text) ?? specs.FirstOrDefault(f => f.Aliases.Contains(entry.Key.Text));
        if (spec is null) return entry;
        return new Node.Entry(new Node.Scalar(entry.Key.Range, spec.Name, isPlain: true), Renamed(entry.Value, spec.Type));
    }

    // Where no name can change nothing is walked: aliases make branches that are cheap to share and dear to copy.
    private static Node Renamed(Node node, FieldType type) => !HasOlder(type) ? node : (node, type) switch
    {
        (Node.Mapping m, FieldType.Record r) => Renamed(m, r.Fields),
        (Node.Mapping m, FieldType.Map t) =>
            new Node.Mapping(m.Range, [.. m.Entries.Select(e => e with { Value = Renamed(e.Value, t.Of) })]),
        (Node.Sequence s, FieldType.List t) => new Node.Sequence(s.Range, [.. s.Items.Select(i => Renamed(i, t.Of))]),
        (_, FieldType.OneOf o) => o.Types.Aggregate(node, Renamed),
        _ => node,
    };

    private static bool HasOlder(FieldType type) => type switch
    {
        FieldType.Record r => r.Fields.Any(f => !f.Aliases.IsEmpty || HasOlder(f.Type)),
        FieldType.Map m => HasOlder(m.Of),
        FieldType.List l => HasOlder(l.Of),
        FieldType.OneOf o => o.Types.Any(HasOlder),
        _ => false,
    };
}
