using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Expressions;

/// <summary>Gives an expression its value. Total: what has no value (a division by zero, an order between a text and a number) is a
/// fault that names the place.</summary>
public static class Evaluation
{
    public static Outcome<Typed> Of(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case Expression.Literal l: return new Typed(l.Value, l.Type);
            case Expression.Path p: return scope.Find(p);
            case Expression.Not n: return Then(Of(n.Operand, scope), o => Not(n, o));
            case Expression.Negate n: return Then(Of(n.Operand, scope), o => Negate(n, o));
            case Expression.Binary b: return Binary(b, scope);
            case Expression.Filter f: return Filter(f, scope);
            default: throw new UnreachableException();
        }
    }

    /// <summary>The answer of a condition.</summary>
    public static Outcome<bool> Condition(string text, Scope scope)
    {
        var expression = ExpressionParser.Parse(text);
        if (!expression.Succeeded) return expression.Fault;
        var value = Of(expression.Value, scope);
        if (!value.Succeeded) return value.Fault;
        return value.Value.Value is SpecValue.Flag flag
            ? flag.Value
            : Wrong($"The condition `{Lexer.Shorten(text.Trim())}` gives {Describe.Value(value.Value.Value)} instead of true or false.");
    }

    private static Outcome<Typed> Then(Outcome<Typed> operand, Func<Typed, Outcome<Typed>> next) =>
        operand.Succeeded ? next(operand.Value) : operand;

    internal static Fault Wrong(string message, string? hint = null) =>
        new(FaultKind.Invalid, PlanCodes.CannotEvaluate, message, null, hint);

    private static Outcome<Typed> Not(Expression.Not not, Typed operand) => operand.Value is SpecValue.Flag flag
        ? Typed.Of(new SpecValue.Flag(!flag.Value))
        : Wrong($"`not` needs true or false, found {Describe.Value(operand.Value)} (character {not.At + 1}).");

    private static Outcome<Typed> Negate(Expression.Negate negate, Typed operand) => operand.Value switch
    {
        SpecValue.Integer { Value: > long.MinValue } i => Typed.Of(new SpecValue.Integer(-i.Value)),
        SpecValue.Real r => Typed.Of(new SpecValue.Real(-r.Value)),
        _ => Wrong($"`-` needs a number, found {Describe.Value(operand.Value)} (character {negate.At + 1})."),
    };

    private static Outcome<Typed> Binary(Expression.Binary binary, Scope scope)
    {
        var left = Of(binary.Left, scope);
        if (!left.Succeeded) return left;
        if (binary.Operator is Operator.And or Operator.Or) return Logic(binary, left.Value, scope);
        var right = Of(binary.Right, scope);
        if (!right.Succeeded) return right;
        return binary.Operator switch
        {
            Operator.Equal or Operator.NotEqual => Equality(binary, left.Value, right.Value),
            Operator.Add or Operator.Subtract or Operator.Multiply or Operator.Divide =>
                Arithmetic.Of(binary, left.Value.Value, right.Value.Value),
            _ => Order(binary, left.Value, right.Value),
        };
    }

    private static Outcome<Typed> Logic(Expression.Binary binary, Typed left, Scope scope)
    {
        if (left.Value is not SpecValue.Flag first) return NotAFlag(binary, left);
        if (first.Value == (binary.Operator == Operator.Or)) return left;
        var right = Of(binary.Right, scope);
        return !right.Succeeded || right.Value.Value is SpecValue.Flag ? right : NotAFlag(binary, right.Value);
    }

    private static Fault NotAFlag(Expression.Binary binary, Typed side) => Wrong(
        $"`{binary.Operator.Word()}` needs true or false on both sides, found {Describe.Value(side.Value)} (character {binary.At + 1}).");

    private static Outcome<Typed> Equality(Expression.Binary binary, Typed left, Typed right)
    {
        var order = Comparison.Between(left, right);
        var equal = order is null ? left.Value.Equals(right.Value) : order == 0;
        return Typed.Of(new SpecValue.Flag(equal == (binary.Operator == Operator.Equal)));
    }

    private static Outcome<Typed> Order(Expression.Binary binary, Typed left, Typed right)
    {
        if (Comparison.Between(left, right) is not { } order)
        {
            return Wrong(
                $"`{binary.Operator.Word()}` cannot compare {Describe.Value(left.Value)} with {Describe.Value(right.Value)} "
                + $"(character {binary.At + 1}).",
                left.IsNull || right.IsNull ? "Give a value for null: `| default(0)`." : null);
        }
        return Typed.Of(new SpecValue.Flag(binary.Operator switch
        {
            Operator.Less => order < 0,
            Operator.LessOrEqual => order <= 0,
            Operator.Greater => order > 0,
            Operator.GreaterOrEqual => order >= 0,
            _ => throw new UnreachableException(),
        }));
    }

    private static Outcome<Typed> Filter(Expression.Filter filter, Scope scope)
    {
        var operand = Of(filter.Operand, scope);
        if (!operand.Succeeded) return operand;
        var arguments = ImmutableArray.CreateBuilder<Typed>(filter.Arguments.Length);
        foreach (var argument in filter.Arguments)
        {
            var given = Of(argument, scope);
            if (!given.Succeeded) return given;
            arguments.Add(given.Value);
        }
        return Filters.Apply(filter, operand.Value, arguments.MoveToImmutable());
    }
}
