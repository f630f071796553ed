using System.Globalization;

namespace OrleansEtl.Engine.Expressions;

/// <summary>An expression as people write it: reading it again gives the same one.</summary>
public static class ExpressionText
{
    private const int Or = 1, And = 2, Not = 3, Comparison = 4, Sum = 5, Product = 6, Sign = 7, Filtered = 8, Single = 9;

    /// <returns>A fault when a list or a mapping stands in it, for which expressions have no words.</returns>
    public static Outcome<string> Of(Expression expression)
    {
        try
        {
            return Write(expression).Text;
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }

    private static (string Text, int Binding) Write(Expression expression)
    {
        switch (expression)
        {
            case Expression.Literal l: return Literal(l);
            case Expression.Path p: return (p.ToString(), Single);
            case Expression.Not n: return ("not " + Within(n.Operand, Not), Not);
            case Expression.Negate n: return ("-" + Within(n.Operand, Sign), Sign);
            case Expression.Filter f:
                var arguments = f.Arguments.IsEmpty ? "" : $"({string.Join(", ", f.Arguments.Select(a => Write(a).Text))})";
                return ($"{Within(f.Operand, Filtered)} | {f.Spec.Name}{arguments}", Filtered);
            case Expression.Binary b:
                var binding = BindingOf(b.Operator);
                var left = Within(b.Left, binding == Comparison ? Sum : binding); // comparisons do not chain
                return ($"{left} {b.Operator.Word()} {Within(b.Right, binding + 1)}", binding);
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string Within(Expression expression, int binding)
    {
        var (text, own) = Write(expression);
        return own >= binding ? text : $"({text})";
    }

    private static int BindingOf(Operator op) => op switch
    {
        Operator.Or => Or,
        Operator.And => And,
        Operator.Add or Operator.Subtract => Sum,
        Operator.Multiply or Operator.Divide => Product,
        _ => Comparison,
    };

    private static (string Text, int Binding) Literal(Expression.Literal literal) => literal.Value switch
    {
        SpecValue.Null => ("null", Single),
        SpecValue.Flag f => (f.ToJson(), Single),
        SpecValue.Integer i => (i.ToJson(), i.Value < 0 ? Sign : Single),
        SpecValue.Real r => (Digits(r.Value), r.Value < 0 ? Sign : Single),
        SpecValue.Text t when literal.Type == ValueType.Date => (Quoted(t.Value) + " | date", Filtered),
        SpecValue.Text t => (Quoted(t.Value), Single),
        _ => throw Refused(literal.Value),
    };

    private static string Digits(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        if (!text.Contains('E') && double.IsFinite(value)) return text.Contains('.') ? text : text + ".0";
        throw Refused(new SpecValue.Real(value));
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", @"\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal).Replace("\t", @"\t", StringComparison.Ordinal) + "\"";

    private static FaultException Refused(SpecValue value) => new(Evaluation.Wrong(
        $"{Describe.Value(value)} cannot stand in an expression whose other values are known only at a run."));
}
