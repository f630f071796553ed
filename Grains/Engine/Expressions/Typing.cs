using System.Diagnostics;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Expressions;

/// <summary>The type that an expression will have, as far as it can be known before a run. <see cref="ValueType.Any"/> is
/// unknown and fits everywhere; what is known to be wrong is a fault.</summary>
public static class Typing
{
    public static Outcome<ValueType> Of(Expression expression, Func<Expression.Path, Outcome<ValueType>> names)
    {
        switch (expression)
        {
            case Expression.Literal l: return l.Type;
            case Expression.Path p: return names(p);
            case Expression.Not n: return Needs(n.Operand, names, "not", ValueType.Flag);
            case Expression.Negate n: return Needs(n.Operand, names, "-", ValueType.Integer, ValueType.Number);
            case Expression.Binary b: return Binary(b, names);
            case Expression.Filter f: return Filter(f, names);
            default: throw new UnreachableException();
        }
    }

    private static Outcome<ValueType> Needs(
        Expression operand, Func<Expression.Path, Outcome<ValueType>> names, string word, params ValueType[] allowed)
    {
        var type = Of(operand, names);
        if (!type.Succeeded || type.Value == ValueType.Any || allowed.Contains(type.Value)) return type;
        return Wrong($"`{word}` needs {Describe.Type(allowed[^1])}, found {Describe.Type(type.Value)}", operand.At);
    }

    private static Outcome<ValueType> Binary(Expression.Binary binary, Func<Expression.Path, Outcome<ValueType>> names)
    {
        var word = binary.Operator.Word();
        switch (binary.Operator)
        {
            case Operator.And or Operator.Or:
                var first = Needs(binary.Left, names, word, ValueType.Flag);
                return first.Succeeded ? Needs(binary.Right, names, word, ValueType.Flag) : first;
            case Operator.Add or Operator.Subtract or Operator.Multiply or Operator.Divide:
                var a = Needs(binary.Left, names, word, ValueType.Integer, ValueType.Number);
                if (!a.Succeeded) return a;
                var b = Needs(binary.Right, names, word, ValueType.Integer, ValueType.Number);
                if (!b.Succeeded) return b;
                if (binary.Operator == Operator.Divide) return ValueType.Number;
                return a.Value == b.Value ? a : a.Value == ValueType.Any || b.Value == ValueType.Any ? ValueType.Any : ValueType.Number;
        }
        var left = Of(binary.Left, names);
        if (!left.Succeeded) return left;
        var right = Of(binary.Right, names);
        if (!right.Succeeded) return right;
        var fits = binary.Operator is Operator.Equal or Operator.NotEqual
            ? AreComparable(left.Value, right.Value)
            : AreComparable(left.Value, right.Value) && HasOrder(left.Value) && HasOrder(right.Value);
        return fits
            ? ValueType.Flag
            : Wrong($"`{word}` cannot compare {Describe.Type(left.Value)} with {Describe.Type(right.Value)}", binary.At);
    }

    private static Outcome<ValueType> Filter(Expression.Filter filter, Func<Expression.Path, Outcome<ValueType>> names)
    {
        var operand = Of(filter.Operand, names);
        if (!operand.Succeeded) return operand;
        var argument = filter.Arguments.Length > 0 ? Of(filter.Arguments[0], names) : ValueType.Any;
        if (!argument.Succeeded) return argument;
        if (filter.Spec.InTemplates) return Filters.OnlyInTemplates(filter.Spec);
        switch (filter.Spec.Name)
        {
            case "join": return Only(ValueType.Text, ValueType.List);
            case "json": return ValueType.Text;
            case "default": return Either(operand.Value, argument.Value);
            case "length": return Only(ValueType.Integer, ValueType.Text, ValueType.List, ValueType.Map);
            case "date":
                if (argument.Value is not (ValueType.Text or ValueType.Any))
                    return Wrong("`date` needs a form such as \"yyyy/MM\"", filter.Arguments[0].At);
                return Only(filter.Arguments.Length > 0 ? ValueType.Text : ValueType.Date,
                    ValueType.Date, ValueType.Timestamp, ValueType.Text);
            default: return Only(ValueType.Text, ValueType.Text);
        }

        Outcome<ValueType> Only(ValueType gives, params ValueType[] allowed) =>
            operand.Value == ValueType.Any || allowed.Contains(operand.Value)
                ? gives
                : Wrong($"`{filter.Spec.Name}` needs {Describe.Type(allowed[0])}, found {Describe.Type(operand.Value)}", filter.At);
    }

    private static ValueType Either(ValueType a, ValueType b) => (a, b) switch
    {
        _ when a == b => a,
        (ValueType.Integer, ValueType.Number) or (ValueType.Number, ValueType.Integer) => ValueType.Number,
        (ValueType.Any, _) => b,
        _ => ValueType.Any,
    };

    private static bool AreComparable(ValueType a, ValueType b) =>
        a == b || a == ValueType.Any || b == ValueType.Any || Family(a) == Family(b);

    private static bool HasOrder(ValueType type) => type is not (ValueType.Flag or ValueType.List or ValueType.Map);

    // Days and timestamps are ISO texts, so that a text may stand on the other side.
    private static string Family(ValueType type) => type switch
    {
        ValueType.Integer or ValueType.Number => "number",
        ValueType.Text or ValueType.Date or ValueType.Timestamp => "text",
        _ => type.ToString(),
    };

    private static Fault Wrong(string what, int at) =>
        new(FaultKind.Invalid, PlanCodes.TypesDiffer, $"{what} (character {at + 1}).");
}
