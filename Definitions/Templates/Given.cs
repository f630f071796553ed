using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Templates;

/// <summary>The values that a use gives to the parameters of a template, held against their types; defaults for the rest.</summary>
internal sealed class Given(Findings findings)
{
    public Arguments To(PipelineTemplate template, Node.Entry uses, Node.Entry? with)
    {
        var known = template.Params.ToDictionary(param => param.Name);
        var given = ImmutableDictionary.CreateBuilder<string, Argument>();
        var meant = new HashSet<string>();
        foreach (var entry in Entries(with))
        {
            var path = SpecPath.Field("with", entry.Key.Text);
            if (!known.TryGetValue(entry.Key.Text, out var param))
            {
                var nearest = Spelling.Nearest(entry.Key.Text, known.Keys);
                if (nearest is not null) meant.Add(nearest);
                findings.Error(TemplateCodes.UnknownParam, $"{template} has no parameter `{Excerpt.Of(entry.Key.Text, 60)}`.", entry.Key.Range, path,
                    (nearest is null ? "" : $"Did you mean `{nearest}`? ")
                        + (known.Count == 0 ? "It has none." : $"It has: {string.Join(", ", known.Keys)}."), nearest);
            }
            else if (!given.TryAdd(param.Name, new Argument(entry.Value, param.Type)))
                findings.Error(YamlCodes.DuplicateKey, $"The key `{param.Name}` stands here a second time.", entry.Key.Range, path, "Keep one of them.");
            else Check(template, param, given[param.Name], path);
        }
        var isRead = with is null || with.Value is Node.Mapping || SpecReader.IsNothing(with.Value);
        foreach (var param in template.Params.Where(param => !given.ContainsKey(param.Name)))
        {
            if (param.Default is { } value) given.Add(param.Name, new Argument(NodeValues.ToNode(value, Declared(template, param)), param.Type));
            else if (isRead && !meant.Contains(param.Name))
                findings.Error(TemplateCodes.MissingParam, $"{template} needs `{param.Name}`: {param.Description ?? Describe.Type(param.Type)}.",
                    uses.Value.Range, "with", $"Give it: with: {{ {param.Name}: … }}");
        }
        return new Arguments(given.ToImmutable(), ImmutableDictionary<string, Argument>.Empty);
    }

    private ImmutableArray<Node.Entry> Entries(Node.Entry? with)
    {
        if (with is null || SpecReader.IsNothing(with.Value)) return [];
        if (with.Value is Node.Mapping mapping) return mapping.Entries;
        findings.Error(YamlCodes.WrongShape, $"`with` must be a mapping from parameters to values, found {with.Value.Shape}.", with.Value.Range, "with",
            "For example: with: { path: orders.csv }");
        return [];
    }

    private void Check(PipelineTemplate template, ParamSpec param, Argument argument, string path)
    {
        if (argument.Later is { } text)
        {
            // The pipeline's own names are checked where the template puts them.
            if (Template.Parse(text) is { Succeeded: false, Fault: var unread })
                findings.Error(unread.Code, unread.Message, argument.Node.Range, path, unread.Hint);
            return;
        }
        var value = NodeValues.ToValue(argument.Node);
        if (value is SpecValue.Null && param.Default is SpecValue.Null) return;
        if (Engine.Plans.Values.Conform(param.Type, value) is { Succeeded: false, Fault: var fault })
            findings.Error(TemplateCodes.WrongParam, $"`{param.Name}` of {template}: {fault.Message}", argument.Node.Range, path, param.Description);
    }

    private static SourceRange Declared(PipelineTemplate template, ParamSpec param)
    {
        var at = template.Map.Place(SpecPath.Field(SpecPath.Field("params", param.Name), "default"), preferKey: false);
        return (at ?? template.Root!.Range) with { Source = template.Source };
    }
}
