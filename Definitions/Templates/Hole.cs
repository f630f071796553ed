using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Templates;

/// <summary>An expression of a template at one use: as far as its values are known it becomes one; the rest stays for the run.</summary>
internal static class Hole
{
    private static readonly Scope Nothing = new([], 0, "", new SpecValue.Null(), null);

    /// <summary>The expression without a last filter that writes SQL, which is no value.</summary>
    public static Expression Inner(Expression expression) =>
        expression is Expression.Filter { Spec.InTemplates: true } filter ? filter.Operand : expression;

    /// <returns>A literal when everything in it is known.</returns>
    public static Outcome<Expression> Fold(Expression expression, Arguments arguments)
    {
        try
        {
            return Known(expression, arguments);
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }

    private static Expression Known(Expression expression, Arguments arguments)
    {
        switch (expression)
        {
            case Expression.Path path: return Path(path, arguments);
            case Expression.Not n: return Evaluated(n with { Operand = Known(n.Operand, arguments) });
            case Expression.Negate n: return Evaluated(n with { Operand = Known(n.Operand, arguments) });
            case Expression.Binary b: return Evaluated(b with { Left = Known(b.Left, arguments), Right = Known(b.Right, arguments) });
            case Expression.Filter f:
                return Evaluated(f with { Operand = Known(f.Operand, arguments), Arguments = [.. f.Arguments.Select(a => Known(a, arguments))] });
            default: return expression;
        }
    }

    private static Expression Path(Expression.Path path, Arguments arguments)
    {
        if (arguments.Find(path) is not { } argument) return path;
        if (argument.Later is not { } text)
        {
            var value = argument.Value();
            return new Expression.Literal(path.At, value.Value, value.Type);
        }
        if (Template.Parse(text) is { Succeeded: true, Value.Whole: { } whole }) return whole.Paths().Any() ? whole : Evaluated(whole);
        throw new FaultException(new Fault(FaultKind.Invalid, TemplateCodes.CannotStand,
            $"`{path}` is given a text around a template, `{Excerpt.Of(text, 60)}`, with which nothing can be reckoned before a run.", null,
            "Give it a value that is nothing but one {{ }}, or let the template use it as it is."));
    }

    private static Expression Evaluated(Expression expression)
    {
        if (expression.Paths().Any()) return expression;
        var value = Evaluation.Of(expression, Nothing);
        return value.Succeeded ? new Expression.Literal(expression.At, value.Value.Value, value.Value.Type) : throw new FaultException(value.Fault);
    }
}
