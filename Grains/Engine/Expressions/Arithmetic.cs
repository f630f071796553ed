using System.Diagnostics;

namespace OrleansEtl.Engine.Expressions;

/// <summary>Numbers: whole ones stay whole but for division, and neither overflow nor leave the finite numbers silently.</summary>
internal static class Arithmetic
{
    public static Outcome<Typed> Of(Expression.Binary binary, SpecValue left, SpecValue right)
    {
        if (Number(left) is not { } a || Number(right) is not { } b)
        {
            var wrong = Number(left) is null ? left : right;
            return Evaluation.Wrong(
                $"`{binary.Operator.Word()}` needs numbers, found {Describe.Value(wrong)} (character {binary.At + 1}).",
                wrong is SpecValue.Null ? "Give a value for null: `| default(0)`."
                : wrong is SpecValue.Text ? "Join texts by writing them side by side: \"{{ a }}{{ b }}\"." : null);
        }
        return left is SpecValue.Integer i && right is SpecValue.Integer j && binary.Operator != Operator.Divide
            ? Whole(binary, i.Value, j.Value)
            : Real(binary, a, b);
    }

    public static double? Number(SpecValue value) => value switch
    {
        SpecValue.Integer i => i.Value,
        SpecValue.Real r => r.Value,
        _ => null,
    };

    private static Outcome<Typed> Whole(Expression.Binary binary, long a, long b)
    {
        var result = binary.Operator switch
        {
            Operator.Add => (Int128)a + b,
            Operator.Subtract => (Int128)a - b,
            Operator.Multiply => (Int128)a * b,
            _ => throw new UnreachableException(),
        };
        return result >= long.MinValue && result <= long.MaxValue
            ? Typed.Of(new SpecValue.Integer((long)result))
            : Evaluation.Wrong($"{a} {binary.Operator.Word()} {b} is larger than a whole number can be.");
    }

    private static Outcome<Typed> Real(Expression.Binary binary, double a, double b)
    {
        if (binary.Operator == Operator.Divide && b == 0)
            return Evaluation.Wrong($"Division by zero (character {binary.At + 1}).");
        var result = binary.Operator switch
        {
            Operator.Add => a + b,
            Operator.Subtract => a - b,
            Operator.Multiply => a * b,
            Operator.Divide => a / b,
            _ => throw new UnreachableException(),
        };
        return double.IsFinite(result)
            ? Typed.Of(new SpecValue.Real(result))
            : Evaluation.Wrong($"The result of `{binary.Operator.Word()}` is larger than a number can be (character {binary.At + 1}).");
    }
}
