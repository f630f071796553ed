using System.Collections.Immutable;
using System.Text;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Templates;

/// <summary>
/// Texts of a template at one use of it. A text that is nothing but one <c>{{ }}</c> becomes the value itself, list or mapping too; within a text,
/// text; within SQL, a literal, unless the template says <c>| identifier</c> or <c>| sql</c>. What only a run knows stays an expression.
/// </summary>
internal static class Filling
{
    /// <param name="at">Of the scalar, in the template's file.</param>
    public static Outcome<Node> Of(Node.Scalar scalar, SourceRange at, Arguments arguments, FieldType? type)
    {
        if (!Template.IsIn(scalar.Text)) return new Node.Scalar(at, scalar.Text, scalar.IsPlain);
        var template = Template.Parse(scalar.Text).Value!; // the template was checked
        var isSql = IsSql(type);
        if (isSql && SqlText.Check(template) is { } misplaced) return misplaced;
        if (template.Whole is { } whole && (!isSql || type is not FieldType.Query) && !WritesSql(whole)) return Whole(whole, at, arguments, isSql);
        if (template.Whole is { } query && !WritesSql(query))
            return Refused("A SELECT cannot be given as a value, which goes into SQL as a literal.", "Write `| sql` to put in the SQL itself.");
        var text = new StringBuilder();
        foreach (var part in template.Parts)
        {
            var fault = part is TemplatePart.Hole hole ? Append(text, hole.Expression, arguments, isSql) : Append(text, ((TemplatePart.Verbatim)part).Text);
            if (fault is not null) return fault;
            if (text.Length > Engine.Expressions.Templates.FilledLengthMax)
                return Refused($"A text grows longer than {Engine.Expressions.Templates.FilledLengthMax} characters.", null);
        }
        return new Node.Scalar(at, text.ToString(), isPlain: false);
    }

    private static Outcome<Node> Whole(Expression expression, SourceRange at, Arguments arguments, bool isSql)
    {
        if (expression is Expression.Path path && arguments.Find(path) is { } argument && (!isSql || argument.Later is not null))
            return argument.Node.Related(new Relation("put here", argument.Node.Range.Source == at.Source ? at : at with { Relation = null }));
        var folded = Hole.Fold(expression, arguments);
        if (!folded.Succeeded) return folded.Fault;
        if (folded.Value is Expression.Literal literal)
        {
            if (!isSql) return NodeValues.ToNode(literal.Value, at);
            var sql = SqlText.Literal(new Typed(literal.Value, literal.Type));
            return sql.Succeeded ? new Node.Scalar(at, sql.Value, isPlain: false) : sql.Fault;
        }
        var text = ExpressionText.Of(folded.Value);
        return text.Succeeded ? new Node.Scalar(at, Braced(text.Value), isPlain: false) : text.Fault;
    }

    private static Fault? Append(StringBuilder text, string verbatim)
    {
        text.Append(verbatim);
        return null;
    }

    private static Fault? Append(StringBuilder text, Expression expression, Arguments arguments, bool isSql)
    {
        var inner = Hole.Inner(expression);
        if (!isSql && inner is Expression.Path path && arguments.Find(path)?.Later is { } later) return Append(text, later);
        var folded = Hole.Fold(inner, arguments);
        if (!folded.Succeeded) return folded.Fault;
        if (folded.Value is not Expression.Literal literal)
        {
            if (WritesSql(expression))
                return Refused("What is put into SQL is known only at a run.", "Give it in `with` as a value.", TemplateCodes.KnownLater);
            var written = ExpressionText.Of(folded.Value);
            return written.Succeeded ? Append(text, Braced(written.Value)) : written.Fault;
        }
        var value = new Typed(literal.Value, literal.Type);
        if (WritesSql(expression)) return Written(text, (Expression.Filter)expression, value.Value);
        return isSql ? Literal(text, value) : Plain(text, value);
    }

    private static Fault? Plain(StringBuilder text, Typed value)
    {
        if (value.IsNull) return Refused("A template within a text gives null.", "Give a value for null: `| default(\"…\")`.");
        if (value.Value is SpecValue.List or SpecValue.Map)
            return Refused($"{Describe.Value(value.Value)} cannot stand within a text.", "Write `| join(\", \")` or `| json`.");
        var plain = value.Value.ToPlainText();
        // Braces that are only letters stay letters.
        return Append(text, plain.Contains(Template.Open, StringComparison.Ordinal)
            ? Braced(ExpressionText.Of(new Expression.Literal(0, value.Value, ValueType.Text)).Value!) : plain);
    }

    private static Fault? Literal(StringBuilder text, Typed value)
    {
        var literal = SqlText.Literal(value);
        if (!literal.Succeeded) return literal.Fault;
        if (text.Length > 0 && SqlText.Sticks(text[^1])) text.Append(' ');
        return Append(text, literal.Value + " ");
    }

    private static Fault? Written(StringBuilder text, Expression.Filter filter, SpecValue value) => (filter.Spec.Name, value) switch
    {
        (FilterSpec.Sql, SpecValue.Text sql) => Append(text, sql.Value),
        (FilterSpec.Identifier, SpecValue.Text name) => Append(text, Quoted(name.Value)),
        (FilterSpec.Identifier, SpecValue.List { Items: [_, ..] items }) when items.All(item => item is SpecValue.Text) =>
            Append(text, string.Join(", ", items.Select(item => Quoted(((SpecValue.Text)item).Value)))),
        (FilterSpec.Sql, _) => Refused($"`sql` needs a text, found {Describe.Value(value)}.", null),
        _ => Refused($"`identifier` needs a text, or a list of them, found {Describe.Value(value)}.", null),
    };

    private static string Quoted(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static string Braced(string expression) => $"{{{{ {expression} }}}}";

    private static bool WritesSql(Expression expression) => expression is Expression.Filter { Spec.InTemplates: true };

    private static bool IsSql(FieldType? type) => type is FieldType.Expression or FieldType.Query || (type is FieldType.OneOf o && o.Types.Any(IsSql));

    private static Fault Refused(string message, string? hint, string code = TemplateCodes.CannotStand) =>
        new(FaultKind.Invalid, code, message, null, hint);
}
