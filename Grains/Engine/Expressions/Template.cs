using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Expressions;

/// <summary>A text with expressions between <c>{{</c> and <c>}}</c>.</summary>
public sealed record Template(ImmutableArray<TemplatePart> Parts)
{
    public const string Open = "{{";
    public const string Close = "}}";

    /// <summary>More holes than this in one text are a program, not a template.</summary>
    public const int PartsMax = 1_000;

    public static bool IsIn(string text) => text.Contains(Open, StringComparison.Ordinal);

    /// <summary>Whether any text within the value holds a template.</summary>
    public static bool IsIn(SpecValue value) => value switch
    {
        SpecValue.Text text => IsIn(text.Value),
        SpecValue.List list => list.Items.Any(IsIn),
        SpecValue.Map map => map.Fields.Any(field => IsIn(field.Value)),
        _ => false,
    };

    /// <summary>All texts within the value that hold templates.</summary>
    internal static IEnumerable<string> In(SpecValue value) => value switch
    {
        SpecValue.Text text when IsIn(text.Value) => [text.Value],
        SpecValue.List list => list.Items.SelectMany(In),
        SpecValue.Map map => map.Fields.SelectMany(field => In(field.Value)),
        _ => [],
    };

    /// <summary>The expression, when the text is nothing but one: then it keeps the type of its value.</summary>
    public Expression? Whole => Parts is [TemplatePart.Hole hole] ? hole.Expression : null;

    public IEnumerable<Expression> Expressions => Parts.OfType<TemplatePart.Hole>().Select(h => h.Expression);

    public static Outcome<Template> Parse(string text)
    {
        var parts = ImmutableArray.CreateBuilder<TemplatePart>();
        var from = 0;
        while (true)
        {
            var open = text.IndexOf(Open, from, StringComparison.Ordinal);
            if (open < 0) break;
            if (open > from) parts.Add(new TemplatePart.Verbatim(text[from..open]));
            var close = End(text, open + 2);
            if (close < 0)
                return Lexer.Wrong(text[open..], 0, "`{{` is never closed", "Add `}}`; write a literal `{{` as `{{ \"{{\" }}`.");
            var expression = ExpressionParser.Parse(text[(open + 2)..close]);
            if (!expression.Succeeded) return expression.Fault;
            parts.Add(new TemplatePart.Hole(expression.Value));
            if (parts.Count > PartsMax)
                return Lexer.Wrong(text, open, $"it has more than {PartsMax} parts", "Move the work into a step.");
            from = close + 2;
        }
        if (from < text.Length) parts.Add(new TemplatePart.Verbatim(text[from..]));
        return new Template(parts.ToImmutable());
    }

    // The first `}}` that is not within quotes.
    private static int End(string text, int from)
    {
        var quote = '\0';
        for (var i = from; i < text.Length; i++)
        {
            if (quote != '\0')
            {
                if (text[i] == '\\') i++;
                else if (text[i] == quote) quote = '\0';
            }
            else if (text[i] is '"' or '\'') quote = text[i];
            else if (text[i] == '}' && i + 1 < text.Length && text[i + 1] == '}') return i;
        }
        return -1;
    }
}

public abstract record TemplatePart
{
    private TemplatePart() { }
    public sealed record Verbatim(string Text) : TemplatePart;
    public sealed record Hole(Expression Expression) : TemplatePart;
}
