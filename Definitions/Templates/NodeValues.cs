using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Templates;

/// <summary>Nodes as values, and values as nodes of the place that they come from.</summary>
internal static class NodeValues
{
    public static SpecValue ToValue(Node node) => node switch
    {
        Node.Scalar scalar => CoreSchema.Read(scalar),
        Node.Sequence sequence => new SpecValue.List([.. sequence.Items.Select(ToValue)]),
        Node.Mapping mapping => new SpecValue.Map([.. mapping.Entries.Select(entry => new Field(entry.Key.Text, ToValue(entry.Value)))]),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static Node ToNode(SpecValue value, SourceRange at) => value switch
    {
        SpecValue.Text text => new Node.Scalar(at, text.Value, isPlain: false),
        SpecValue.List list => new Node.Sequence(at, [.. list.Items.Select(item => ToNode(item, at))]),
        SpecValue.Map map => new Node.Mapping(at, [.. map.Fields.Select(field =>
            new Node.Entry(new Node.Scalar(at, field.Name, isPlain: false), ToNode(field.Value, at)))]),
        _ => new Node.Scalar(at, value.ToJson(), isPlain: true),
    };

    /// <summary>The entry of this name; null when there is none.</summary>
    public static Node.Entry? Entry(this Node.Mapping mapping, string name) => mapping.Entries.FirstOrDefault(entry => entry.Key.Text == name);

    public static bool Has(this Node.Mapping mapping, string name) => mapping.Entry(name) is not null;

    /// <summary>How many nodes it is made of.</summary>
    public static int Size(this Node node) => node switch
    {
        Node.Sequence sequence => 1 + sequence.Items.Sum(Size),
        Node.Mapping mapping => 1 + mapping.Entries.Sum(entry => Size(entry.Value)),
        _ => 1,
    };

    /// <summary>The same node with the relation at its whole tree's top, which is what messages name.</summary>
    public static Node Related(this Node node, Relation relation)
    {
        var at = node.Range with { Relation = relation };
        return node switch
        {
            Node.Scalar scalar => new Node.Scalar(at, scalar.Text, scalar.IsPlain),
            Node.Sequence sequence => new Node.Sequence(at, [.. sequence.Items.Select(item => item.Related(relation))]),
            Node.Mapping mapping => new Node.Mapping(at, [.. mapping.Entries.Select(entry =>
                new Node.Entry((Node.Scalar)entry.Key.Related(relation), entry.Value.Related(relation)))]),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
