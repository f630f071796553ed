using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>Fields as they are written, templates and all. Besides the faults it keeps what the plan needs to know of a step:
/// which of its texts are SQL, which inputs it names, which values of other steps it uses.</summary>
/// <param name="names">The type of a name in an expression, or why it cannot stand there.</param>
internal sealed class WrittenFields(Func<Expression.Path, Outcome<ValueType>> names) : FieldCheck
{
    public List<string> SqlPaths { get; } = [];
    public List<(string Text, string Path)> Inputs { get; } = [];
    public List<string> Queries { get; } = [];
    public HashSet<string> ValuesOf { get; } = [];

    protected override bool PutsDefaults => false;
    protected override string? AsText(SpecValue value) => (value as SpecValue.Text)?.Value;
    protected override FieldCheck Fork() => new WrittenFields(names);

    protected override void Join(FieldCheck fork)
    {
        base.Join(fork);
        var written = (WrittenFields)fork;
        SqlPaths.AddRange(written.SqlPaths);
        Inputs.AddRange(written.Inputs);
        Queries.AddRange(written.Queries);
        ValuesOf.UnionWith(written.ValuesOf);
    }

    protected override void Meet(FieldType type, string text, string path)
    {
        if (type is FieldType.Input) Inputs.Add((text, path));
        if (type is FieldType.Query { Dialect: SqlDialect.DuckDb }) Queries.Add(text);
    }

    protected override bool TakesOver(FieldType type, string text, string path)
    {
        if (!Template.IsIn(text)) return false;
        var template = Template.Parse(text);
        if (!template.Succeeded) Faults.Add(template.Fault with { Path = path });
        else if (type is FieldType.Input)
            Wrong(PlanCodes.NotAnInput, $"{Named(path)} names a step and cannot be a template.", path, "Write the step's id.");
        else if (Types(template.Value, path) is { } types) Fits(type, template.Value, types, text, path);
        return true;
    }

    /// <summary>The type of an expression; null when it has a fault, which is kept.</summary>
    public ValueType? TypeOf(Expression expression, string path)
    {
        foreach (var name in expression.Paths().Where(p => p.IsStepValue)) ValuesOf.Add(name.Segments[1]);
        var type = Typing.Of(expression, names);
        if (type.Succeeded) return type.Value;
        Faults.Add(type.Fault with { Path = path });
        return null;
    }

    private List<ValueType>? Types(Template template, string path)
    {
        var types = template.Expressions.Select(e => TypeOf(e, path)).ToList();
        return types.All(t => t is not null) ? [.. types.Select(t => t!.Value)] : null;
    }

    private void Fits(FieldType type, Template template, List<ValueType> types, string text, string path)
    {
        if (IsSql(type))
        {
            SqlPaths.Add(Below(path));
            if (type is FieldType.Query { Dialect: SqlDialect.DuckDb }) Queries.Add(text);
            if (SqlText.Check(template) is { } fault) Faults.Add(fault with { Path = path });
            else if (template.Whole is not null && type is FieldType.Query)
            {
                Wrong(PlanCodes.TemplateInSql, $"{Named(path)} cannot be a template as a whole: a value goes into SQL as a literal.",
                    path, "Write the SELECT and put templates where it has literals.");
            }
            return;
        }
        if (template.Whole is not null)
        {
            if (!Accepts(type, types[0]))
            {
                Wrong(PlanCodes.TypesDiffer, $"{Named(path)} must be {Describe.Type(type)}, but `{text.Trim()}` gives "
                    + $"{Describe.Type(types[0])}.", path, null);
            }
        }
        else if (!AcceptsText(type))
        {
            Wrong(PlanCodes.TypesDiffer, $"{Named(path)} must be {Describe.Type(type)}, but a template with text around it gives a text.",
                path, "Let the value be nothing but one {{ }}.");
        }
        else if (types.Any(t => t is ValueType.List or ValueType.Map))
        {
            Wrong(PlanCodes.TypesDiffer, $"{Named(path)} is a text, and a list or a mapping cannot stand in it.", path,
                "Write it as JSON: `| json`.");
        }
    }

    // Where one of several types is SQL, the text may end up in SQL: then it is treated as such.
    private static bool IsSql(FieldType type) =>
        type is FieldType.Expression or FieldType.Query || (type is FieldType.OneOf o && o.Types.Any(IsSql));

    private static bool Accepts(FieldType type, ValueType value) => value == ValueType.Any || type switch
    {
        FieldType.OneOf o => o.Types.Any(t => Accepts(t, value)),
        FieldType.List => value == ValueType.List,
        FieldType.Map or FieldType.Record => value == ValueType.Map,
        FieldType.Integer => value == ValueType.Integer,
        FieldType.Size => value is ValueType.Integer or ValueType.Text,
        FieldType.Number => value is ValueType.Integer or ValueType.Number,
        FieldType.Flag => value == ValueType.Flag,
        FieldType.Choice or FieldType.Duration => value == ValueType.Text,
        _ => value is not (ValueType.List or ValueType.Map),
    };

    private static bool AcceptsText(FieldType type) => type switch
    {
        FieldType.OneOf o => o.Types.Any(AcceptsText),
        FieldType.Integer or FieldType.Number or FieldType.Flag or FieldType.List or FieldType.Map or FieldType.Record => false,
        _ => true,
    };

    private static string Below(string path)
    {
        var rest = path[(path.IndexOf(".with", StringComparison.Ordinal) + 5)..];
        return rest.StartsWith('.') ? rest[1..] : rest;
    }
}
