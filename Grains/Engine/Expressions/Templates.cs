using System.Collections.Immutable;
using System.Text;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Expressions;

/// <summary>Puts values in the place of templates. A text that is nothing but one <c>{{ }}</c> becomes its value, of its type;
/// with text around it, text; within SQL, a literal (<see cref="SqlText"/>). What was put in is never read as a template again.</summary>
public static class Templates
{
    /// <summary>No text grows longer: step values are at most 64 KB each, and a hundred of them belong in a dataset.</summary>
    public const int FilledLengthMax = 1 << 20;

    /// <summary>The step's <c>with</c> as it is dispatched. A fault's path starts at <c>steps[i]</c>.</summary>
    public static Outcome<SpecValue.Map> Fill(PlannedStep step, Scope scope)
    {
        var filled = Fill(step.Spec.With, "", [.. step.SqlPaths], scope);
        if (filled.Succeeded) return (SpecValue.Map)filled.Value;
        var path = $"{SpecPath.Step(step.Index)}.with{(filled.Fault.Path is ['[', ..] or "" or null ? "" : ".")}{filled.Fault.Path}";
        return filled.Fault with { Path = path };
    }

    /// <param name="path">Where the value is.</param>
    /// <param name="sql">The paths of texts that are SQL.</param>
    public static Outcome<SpecValue> Fill(SpecValue value, string path, ImmutableHashSet<string> sql, Scope scope)
    {
        switch (value)
        {
            case SpecValue.Text text when Template.IsIn(text.Value):
                var filled = Fill(text.Value, sql.Contains(path), scope);
                return filled.Succeeded ? filled : filled.Fault with { Path = path };
            case SpecValue.List list:
                var items = ImmutableArray.CreateBuilder<SpecValue>(list.Items.Length);
                for (var i = 0; i < list.Items.Length; i++)
                {
                    var item = Fill(list.Items[i], SpecPath.Item(path, i), sql, scope);
                    if (!item.Succeeded) return item;
                    items.Add(item.Value);
                }
                return new SpecValue.List(items.MoveToImmutable());
            case SpecValue.Map map:
                var fields = ImmutableArray.CreateBuilder<Field>(map.Fields.Length);
                foreach (var field in map.Fields)
                {
                    var inner = Fill(field.Value, SpecPath.Field(path, field.Name), sql, scope);
                    if (!inner.Succeeded) return inner;
                    fields.Add(new Field(field.Name, inner.Value));
                }
                return new SpecValue.Map(fields.MoveToImmutable());
            default: return value;
        }
    }

    /// <summary>The values of all that the templates speak of, but for the item; unreadable ones are met again when they are filled.</summary>
    public static ImmutableArray<NamedValue> Names(SpecValue value, Scope scope) =>
    [
        .. from text in Template.In(value)
           let template = Template.Parse(text)
           where template.Succeeded
           from expression in template.Value!.Expressions
           from path in expression.Paths()
           where path.Segments[0] != Scope.Item
           group path by path.ToString() into same
           let found = scope.Find(same.First())
           select new NamedValue(same.Key, found.Value, found.Type),
    ];

    private static Outcome<SpecValue> Fill(string text, bool isSql, Scope scope)
    {
        var template = Template.Parse(text);
        if (!template.Succeeded) return template.Fault;
        if (isSql) return FillSql(template.Value, scope);
        if (template.Value.Whole is { } whole)
        {
            var value = Evaluation.Of(whole, scope);
            return value.Succeeded ? value.Value.Value : value.Fault;
        }
        return Join(template.Value, scope, AppendPlain);
    }

    private static Outcome<SpecValue> FillSql(Template template, Scope scope)
    {
        if (SqlText.Check(template) is { } fault) return fault;
        return Join(template, scope, (text, value) =>
        {
            var literal = SqlText.Literal(value);
            if (!literal.Succeeded) return literal.Fault;
            if (text.Length > 0 && SqlText.Sticks(text[^1])) text.Append(' ');
            text.Append(literal.Value).Append(' ');
            return null;
        });
    }

    private static Fault? AppendPlain(StringBuilder text, Typed value)
    {
        if (value.IsNull)
            return Evaluation.Wrong("A template within a text gives null.", "Give a value for null: `| default(\"…\")`.");
        text.Append(value.Value.ToPlainText());
        return null;
    }

    private static Outcome<SpecValue> Join(Template template, Scope scope, Func<StringBuilder, Typed, Fault?> append)
    {
        var text = new StringBuilder();
        foreach (var part in template.Parts)
        {
            if (part is TemplatePart.Verbatim verbatim)
            {
                text.Append(verbatim.Text);
                continue;
            }
            var value = Evaluation.Of(((TemplatePart.Hole)part).Expression, scope);
            if (!value.Succeeded) return value.Fault;
            if (append(text, value.Value) is { } fault) return fault;
            if (text.Length > FilledLengthMax)
                return Evaluation.Wrong($"A text grows longer than {FilledLengthMax} characters.", "Pass large values as a dataset.");
        }
        return new SpecValue.Text(text.ToString());
    }
}
