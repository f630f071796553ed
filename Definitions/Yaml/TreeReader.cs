using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrleansEtl.Definitions;

/// <summary>YAML text to nodes. Reads no further than its bounds: events come one by one, so that deep or endless input costs
/// only what was read of it. Aliases share the node of their anchor; who walks the tree counts what it unfolds to.</summary>
internal sealed class TreeReader(IParser parser, string text, YamlBounds bounds, Findings findings)
{
    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);

    /// <summary>The one document of the text; null when there is none or it has errors that hide its form.</summary>
    public static Node? Read(string text, YamlBounds bounds, Findings findings)
    {
        var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        try
        {
            return new TreeReader(parser, text, bounds, findings).Document();
        }
        catch (StopException)
        {
            return null;
        }
        catch (YamlException e)
        {
            var at = SyntaxFault.Explain(text, e);
            findings.Error(at.Code, at.Message, at.Range, null, at.Help);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or NullReferenceException)
        {
            // The scanner meets some malformed input with exceptions of its own; to people they are the same.
            findings.Error(YamlCodes.Syntax, "This is not YAML that can be read.", Range(parser.Current?.Start, parser.Current?.End));
            return null;
        }
    }

    private Node? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            findings.Error(YamlCodes.Empty, "The file is empty.", null, null,
                "Begin with `pipeline: name` and `steps:`, or run `etl init`.");
            return null;
        }
        parser.Consume<DocumentStart>();
        var root = Value(0);
        parser.Consume<DocumentEnd>();
        if (!parser.Accept<StreamEnd>(out _))
        {
            findings.Error(YamlCodes.SeveralDocuments, "The file holds several documents.", At(parser.Current!), null,
                "Keep one pipeline in a file; remove the line `---`.");
        }
        return root;
    }

    private Node Value(int depth)
    {
        var next = parser.Consume<ParsingEvent>();
        if (depth > bounds.DepthMax)
            throw Stop(YamlCodes.BoundMet, $"Values are nested more than {bounds.DepthMax} deep.", next);
        switch (next)
        {
            case AnchorAlias alias: return Aliased(alias);
            case Scalar scalar:
                Refuse(scalar);
                return Anchored(scalar, new Node.Scalar(At(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain));
            case SequenceStart start:
                Refuse(start);
                return Anchored(start, Sequence(start, depth));
            case MappingStart start:
                Refuse(start);
                return Anchored(start, Mapping(start, depth));
            default: throw Stop(YamlCodes.Syntax, "Expected a value.", next);
        }
    }

    private Node.Sequence Sequence(SequenceStart start, int depth)
    {
        var items = ImmutableArray.CreateBuilder<Node>();
        while (!parser.Accept<SequenceEnd>(out _)) items.Add(Value(depth + 1));
        return new Node.Sequence(Range(start.Start, parser.Consume<SequenceEnd>().End), items.ToImmutable());
    }

    private Node.Mapping Mapping(MappingStart start, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<Node.Entry>();
        while (!parser.Accept<MappingEnd>(out _))
        {
            var isTemplate = parser.Accept<MappingStart>(out var inner) && inner.Style == MappingStyle.Flow
                && start.Style == MappingStyle.Flow;
            if (isTemplate) throw Unquoted(start);
            var key = Value(depth + 1);
            var value = Value(depth + 1);
            if (key is Node.Scalar name) entries.Add(new Node.Entry(name, value));
            else findings.Error(YamlCodes.WrongShape, $"A key must be a text, found {key.Shape}.", key.Range);
        }
        return new Node.Mapping(Range(start.Start, parser.Consume<MappingEnd>().End), entries.ToImmutable());
    }

    private Node Aliased(AnchorAlias alias)
    {
        if (_anchors.TryGetValue(alias.Value.Value, out var node)) return node;
        throw Stop(YamlCodes.Alias, $"There is no anchor `&{alias.Value.Value}` before this alias.", alias);
    }

    private Node Anchored(NodeEvent source, Node node)
    {
        if (!source.Anchor.IsEmpty) _anchors[source.Anchor.Value] = node;
        return node;
    }

    private void Refuse(NodeEvent node)
    {
        if (node.Tag.IsEmpty) return;
        findings.Error(YamlCodes.Tag, $"Tags such as `{(node.Tag.IsNonSpecific ? "!" : node.Tag.Value)}` are not allowed.", At(node), null,
            "Remove it; quote a number to make it a text.");
    }

    private StopException Unquoted(ParsingEvent at)
    {
        var fault = SyntaxFault.Unquoted(text, Range(at.Start, at.Start) with { EndColumn = (int)at.Start.Column + 2 });
        findings.Error(fault.Code, fault.Message, fault.Range, null, fault.Help);
        return new StopException();
    }

    private StopException Stop(string code, string message, ParsingEvent at)
    {
        findings.Error(code, message, At(at));
        return new StopException();
    }

    private static SourceRange At(ParsingEvent e) => Range(e.Start, e.End);

    private static SourceRange Range(Mark? start, Mark? end)
    {
        var (from, to) = (start ?? Mark.Empty, end ?? Mark.Empty);
        return new SourceRange((int)from.Line, (int)from.Column, (int)to.Line, (int)to.Column);
    }

    /// <summary>Leaves the recursion after a finding that makes the rest meaningless.</summary>
    private sealed class StopException : Exception;
}
