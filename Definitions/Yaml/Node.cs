using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>A YAML value with its place. An alias is the node of its anchor, so that the tree may share branches.</summary>
internal abstract class Node(SourceRange range)
{
    public SourceRange Range { get; } = range;

    public sealed class Scalar(SourceRange range, string text, bool isPlain) : Node(range)
    {
        public string Text { get; } = text;

        /// <summary>Without quotes; only then it may be a number, a flag or null.</summary>
        public bool IsPlain { get; } = isPlain;
    }

    public sealed class Sequence(SourceRange range, ImmutableArray<Node> items) : Node(range)
    {
        public ImmutableArray<Node> Items { get; } = items;
    }

    public sealed class Mapping(SourceRange range, ImmutableArray<Entry> entries) : Node(range)
    {
        public ImmutableArray<Entry> Entries { get; } = entries;
    }

    public sealed record Entry(Scalar Key, Node Value);

    public string Shape => this switch
    {
        Mapping => "a mapping",
        Sequence => "a list",
        Scalar { IsPlain: true, Text: "" or "~" or "null" } => "nothing",
        Scalar s => Engine.Expressions.Describe.Value(CoreSchema.Read(s)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
