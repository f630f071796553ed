using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Templates;

/// <summary>
/// A pipeline that uses a template, as the pipeline that it is: conditions decided, loops unrolled, values put in, and every node at its place
/// in the template or in the file that uses it. Pure and the same each time; who runs or registers it never sees the template again.
/// </summary>
internal sealed class Expansion
{
    private static readonly ImmutableArray<string> OwnKeys = ["uses", "with", "steps"];

    private readonly Func<TemplateSet?> _find;
    private readonly KindCatalog _kinds;
    private readonly Findings _findings;
    private readonly TemplateBounds _bounds;
    private readonly List<TemplateUse> _used = [];
    private int _nodes;

    private Expansion(Func<TemplateSet?> find, KindCatalog kinds, Findings findings, TemplateBounds bounds) =>
        (_find, _kinds, _findings, _bounds) = (find, kinds, findings, bounds);

    /// <param name="find">The templates that there are; null: there is no folder of them. Asked only when one is used.</param>
    /// <returns>The file without its use, and what it was made from; null where something is wrong, which was found.</returns>
    public static (Node? Root, ImmutableArray<TemplateUse>? Used) Of(
        Node root, Func<TemplateSet?> find, KindCatalog kinds, Findings findings, TemplateBounds bounds)
    {
        if (root is not Node.Mapping mapping || (!mapping.Has("uses") && !mapping.Has("with") && !IsTemplate(mapping))) return (root, null);
        var expansion = new Expansion(find, kinds, findings, bounds);
        try
        {
            var made = expansion.Pipeline(mapping);
            return findings.HasErrors ? (null, null) : (made, [.. expansion._used]);
        }
        catch (StopException)
        {
            return (null, null);
        }
    }

    public static bool IsTemplate(Node.Mapping root) => root.Has("template") && !root.Has("pipeline");

    private Node Pipeline(Node.Mapping root)
    {
        if (IsTemplate(root))
            throw Stop(TemplateCodes.IsTemplate, "This is a template, which is no pipeline by itself.", root.Entry("template")!.Key.Range,
                "Make a pipeline of it: `pipeline: name`, `uses: template@version` and `with:`.");
        var own = root.Entries.Select(entry => entry.Key).Where(key => OwnKeys.Contains(key.Text));
        foreach (var twice in own.GroupBy(key => key.Text).SelectMany(group => group.Skip(1)))
            _findings.Error(YamlCodes.DuplicateKey, $"The key `{twice.Text}` stands here a second time.", twice.Range, twice.Text, "Keep one of them.");
        if (!root.Has("uses"))
            throw Stop(TemplateCodes.WithoutUse, "`with` gives values to the template that `uses` names, and there is no `uses`.",
                root.Entry("with")!.Key.Range, "Add `uses: template@version`; values of a run stand in `params`.");
        return Made(root, depth: 1);
    }

    /// <summary>A mapping with <c>uses</c>: what the template makes, and beside it, and behind its steps, what the mapping says itself.</summary>
    private Node.Mapping Made(Node.Mapping root, int depth)
    {
        var uses = root.Entry("uses")!;
        var set = _find();
        if (set is null || set.Find(uses.Value, _findings) is not { } template)
        {
            if (set is null)
                _findings.Error(TemplateCodes.NotFound, "There is no folder `templates` beside the pipeline or above it.", uses.Value.Range, "uses",
                    "Put the template there: templates/NAME.yaml.");
            throw new StopException();
        }
        if (_used.Any(used => used.Name == template.Name && used.Version == template.Version))
            throw Stop(TemplateCodes.Circle, $"Templates use each other in a circle: {string.Join(" → ", _used)} → {template}.", uses.Value.Range);
        if (depth > _bounds.DepthMax)
            throw Stop(TemplateCodes.BoundMet, $"More than {_bounds.DepthMax} templates use each other.", uses.Value.Range);
        if (template.HasErrors)
        {
            _findings.Take(template.Diagnostics, template.Source, uses.Value.Range);
            throw new StopException();
        }
        _used.Add(template.AsUse());
        // Aliases share what they stand for: unfolded once within the bound, everything after may walk freely.
        if (root.Entry("with") is { } with) new Unfolding(YamlBounds.Default, _findings, new SourceMap()).Value(with.Value, "with");
        if (_findings.HasErrors) throw new StopException();
        var arguments = new Given(_findings).To(template, uses, root.Entry("with"));
        if (_findings.HasErrors) throw new StopException();
        var body = new Body(this, template, uses.Value.Range).Of(arguments);
        if (_findings.HasErrors) throw new StopException();
        if (body.Has("uses")) body = Made(body, depth + 1);
        return Merged(root, body);
    }

    private Node.Mapping Merged(Node.Mapping root, Node.Mapping body)
    {
        var steps = body.Entry("steps");
        var own = root.Entry("steps");
        var entries = root.Entries.Where(entry => !OwnKeys.Contains(entry.Key.Text))
            .Concat(body.Entries.Where(entry => entry.Key.Text != "steps" && !root.Has(entry.Key.Text))).ToList();
        if (steps is not null && (own is null || SpecReader.IsNothing(own.Value))) entries.Add(steps);
        else if (own is not null) entries.Add(steps?.Value is Node.Sequence first && own.Value is Node.Sequence behind
            ? own with { Value = new Node.Sequence(behind.Range, [.. first.Items, .. behind.Items]) }
            : own);
        return new Node.Mapping(root.Range, [.. entries]);
    }

    internal TemplateBounds Bounds => _bounds;

    internal void Count(Node node, SourceRange at)
    {
        _nodes += node.Size();
        if (_nodes > _bounds.NodesMax)
            throw Stop(TemplateCodes.BoundMet, $"The template unfolds to more than {_bounds.NodesMax} values.", at, "Loops within loops multiply.");
    }

    internal StopException Stop(string code, string message, SourceRange at, string? help = null)
    {
        _findings.Error(code, message, at, null, help);
        return new StopException();
    }

    internal StopException Stop(Fault fault, SourceRange at) => Stop(fault.Code, fault.Message, at, fault.Hint);

    internal FieldType? WithOf(string kind) => _kinds.Find(kind) is { } known ? new FieldType.Record(known.Fields) : null;

    /// <summary>Leaves the recursion after a finding that makes the rest meaningless.</summary>
    internal sealed class StopException : Exception;
}
