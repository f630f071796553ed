using System.Text;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions;

/// <summary>The documentation of a kind in Markdown, made from its spec.</summary>
public static class KindPage
{
    public static string Render(KindSpec kind)
    {
        var page = new StringBuilder($"# {kind.Name}\n\n{kind.Summary}\n");
        if (kind.Description.Length > 0) page.Append($"\n{kind.Description}\n");
        page.Append($"\nReads {Inputs(kind.Inputs)}.{Fused(kind.Fusing)}\n");
        if (kind.IsPure) page.Append("\nWith `reuse: 7d` on the step it is not run when the same work was done in the last seven days.\n");
        if (kind.Promise is { } promise) page.Append($"\n**Tried again:** {promise}\n");
        Fields(page, kind);
        Table(page, "Datasets", ["port", "what"], kind.Ports.Select(p => new[] { $"`{p.Name}`", p.Summary }));
        if (kind.DeclaresPorts is { } ports) page.Append($"\nAnd what the step names in `{ports}`: `STEP.NAME`; what is called `out` is read as `STEP`.\n");
        Values(page, kind);
        foreach (var example in kind.Examples)
            page.Append($"\n## Example: {example.Title}\n\n```yaml\n{example.Yaml.TrimEnd('\n')}\n```\n");
        if (!kind.Aliases.IsEmpty) page.Append($"\nOlder names: {string.Join(", ", kind.Aliases.Select(a => $"`{a}`"))}.\n");
        return page.ToString();
    }

    /// <summary>All kinds in one table, by category.</summary>
    public static string Index(KindCatalog kinds)
    {
        var page = new StringBuilder("# Kinds of steps\n");
        foreach (var category in Enum.GetValues<StepCategory>())
            Table(page, category.ToString(), ["kind", "what it does"], kinds.Of(category).Select(k => new[] { $"`{k.Name}`", k.Summary }));
        return page.ToString();
    }

    private static void Fields(StringBuilder page, KindSpec kind)
    {
        Table(page, "Fields", ["field", "what it holds", "default", "meaning"], kind.Fields.SelectMany(f => Rows(f, "")));
        if (kind.Fields.Any(f => HoldsSql(f.Type)))
        {
            page.Append("\nA template `{{ }}` within SQL is replaced by one whole literal of its value (a text with its quotes, "
                + "a number, a day), never by raw text; do not put quotes around it. A column can be given by a template only "
                + "where a field holds a column's name.\n");
        }
    }

    private static IEnumerable<string[]> Rows(FieldSpec field, string prefix)
    {
        var name = prefix + field.Name;
        var fallback = field.Required ? "needed" : field.Default is { } value ? $"`{value.ToJson()}`" : "";
        yield return [$"`{name}`", Holds(field.Type), fallback, field.Summary];
        foreach (var row in Inner(field.Type, name)) yield return row;
    }

    private static IEnumerable<string[]> Inner(FieldType type, string name) => type switch
    {
        FieldType.Record r => r.Fields.SelectMany(f => Rows(f, name + ".")),
        FieldType.List l => Inner(l.Of, name + "[]"),
        FieldType.Map m => Inner(m.Of, name + ".*"),
        FieldType.OneOf o => o.Types.SelectMany(t => Inner(t, name)),
        _ => [],
    };

    private static string Holds(FieldType type) => type switch
    {
        FieldType.List l => $"{Describe.Type(l)}: {Holds(l.Of)}",
        FieldType.Map m => $"a mapping from names to: {Holds(m.Of)}",
        FieldType.Record => "a mapping",
        FieldType.OneOf { Types: [FieldType.Scalar, FieldType.List, FieldType.Map] } json => $"any JSON value, nested at most {Depth(json)} deep",
        FieldType.OneOf o => string.Join(", or ", o.Types.Select(Holds)),
        _ => Describe.Type(type),
    };

    private static int Depth(FieldType type) => type switch
    {
        FieldType.OneOf o => o.Types.Max(Depth),
        FieldType.List l => 1 + Depth(l.Of),
        FieldType.Map m => 1 + Depth(m.Of),
        _ => 0,
    };

    private static bool HoldsSql(FieldType type) => type switch
    {
        FieldType.Expression or FieldType.Query => true,
        FieldType.List l => HoldsSql(l.Of),
        FieldType.Map m => HoldsSql(m.Of),
        FieldType.Record r => r.Fields.Any(f => HoldsSql(f.Type)),
        FieldType.OneOf o => o.Types.Any(HoldsSql),
        _ => false,
    };

    private static void Values(StringBuilder page, KindSpec kind)
    {
        Table(page, "Values", ["value", "type", "what"], kind.Values.Concat(KindSpec.CommonValues)
            .Select(v => new[] { $"`{v.Name}`", v.Type.ToString().ToLowerInvariant(), v.Summary }));
        if (kind.DeclaresValues is { } field) page.Append($"\nAnd what the step names in `{field}`, with the types given there.\n");
        page.Append("\nLater steps use them as `{{ steps.ID.values.NAME }}`.\n");
    }

    private static void Table(StringBuilder page, string title, string[] heads, IEnumerable<string[]> rows)
    {
        var lines = rows.Select(r => $"| {string.Join(" | ", r.Select(c => c.Replace("|", "\\|").Replace('\n', ' ')))} |\n").ToArray();
        if (lines.Length == 0) return;
        page.Append($"\n## {title}\n\n| {string.Join(" | ", heads)} |\n|{string.Concat(heads.Select(_ => "---|"))}\n");
        foreach (var line in lines) page.Append(line);
    }

    private static string Inputs(InputArity arity) => arity switch
    {
        InputArity.None => "no dataset",
        InputArity.One => "one dataset",
        InputArity.Two => "two datasets",
        InputArity.OneOrMore => "one dataset or more",
        InputArity.Any => "any number of datasets",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Fused(Fusing fusing) => fusing switch
    {
        Fusing.Alone => "",
        Fusing.Head => " The steps after it may run with it as one query.",
        Fusing.Link => " It may run as one query with the steps before and after it.",
        Fusing.Tail => " It may run as one query with the steps before it.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
