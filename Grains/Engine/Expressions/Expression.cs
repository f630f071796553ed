using System.Collections.Immutable;

namespace OrleansEtl.Engine.Expressions;

/// <summary>What stands between <c>{{</c> and <c>}}</c>: a small total language without loops, calls or side effects.
/// Every expression ends, gives a value or a fault, and is bounded by <see cref="ExpressionParser"/>.</summary>
/// <param name="At">Where it starts in its text, from 0.</param>
public abstract record Expression(int At)
{
    public sealed record Literal(int At, SpecValue Value, ValueType Type) : Expression(At);

    /// <summary><c>params.day</c>, <c>steps.count.values.rows_out</c>, <c>run.id</c>.</summary>
    public sealed record Path(int At, ImmutableArray<string> Segments) : Expression(At)
    {
        public override string ToString() => string.Join('.', Segments);

        /// <summary>The step and the value that a <c>steps.ID.values.NAME</c> speaks of.</summary>
        public bool IsStepValue => Segments.Length >= 4 && Segments[0] == "steps" && Segments[2] == "values";
    }

    public sealed record Not(int At, Expression Operand) : Expression(At);
    public sealed record Negate(int At, Expression Operand) : Expression(At);
    public sealed record Binary(int At, Operator Operator, Expression Left, Expression Right) : Expression(At);
    public sealed record Filter(int At, Expression Operand, FilterSpec Spec, ImmutableArray<Expression> Arguments) : Expression(At);

    /// <summary>All paths within, in the order written.</summary>
    public IEnumerable<Path> Paths() => this switch
    {
        Path p => [p],
        Not n => n.Operand.Paths(),
        Negate n => n.Operand.Paths(),
        Binary b => b.Left.Paths().Concat(b.Right.Paths()),
        Filter f => f.Operand.Paths().Concat(f.Arguments.SelectMany(a => a.Paths())),
        _ => [],
    };
}

public enum Operator
{
    Or, And, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Add, Subtract, Multiply, Divide,
}

/// <summary>A filter: <c>value | name(argument)</c>.</summary>
/// <param name="InTemplates">Only the steps of a pipeline template know it: it writes SQL, which a value of a run never does.</param>
public sealed record FilterSpec(string Name, int ArgumentsMin, int ArgumentsMax, string Summary, bool InTemplates = false)
{
    public const string Identifier = "identifier";
    public const string Sql = "sql";

    public static readonly ImmutableArray<FilterSpec> All =
    [
        new("default", 1, 1, "the argument when the value is null or was not given"),
        new("upper", 0, 0, "text in capitals"),
        new("lower", 0, 0, "text in small letters"),
        new("trim", 0, 0, "text without white space at its ends"),
        new("date", 0, 1, "the day of a timestamp, or a day or timestamp in the given form, such as \"yyyy/MM\""),
        new("length", 0, 0, "how many letters, items or entries there are"),
        new("json", 0, 0, "the value as JSON text"),
        new("join", 1, 1, "the items of a list as one text, with the argument between them"),
        new("replace", 2, 2, "text with the second argument wherever the first one stands"),
        new(Identifier, 0, 0, "a name, or a list of names, as SQL writes it", InTemplates: true),
        new(Sql, 0, 0, "a text that is a part of the SQL itself", InTemplates: true),
    ];
}

public static class OperatorWords
{
    public static string Word(this Operator op) => op switch
    {
        Operator.Or => "or",
        Operator.And => "and",
        Operator.Equal => "==",
        Operator.NotEqual => "!=",
        Operator.Less => "<",
        Operator.LessOrEqual => "<=",
        Operator.Greater => ">",
        Operator.GreaterOrEqual => ">=",
        Operator.Add => "+",
        Operator.Subtract => "-",
        Operator.Multiply => "*",
        Operator.Divide => "/",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
