using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Engine.Expressions;

/// <summary>Text to <see cref="Expression"/>. Binding, loosest first: <c>or</c>, <c>and</c>, <c>not</c>, comparison, <c>+ -</c>,
/// <c>* /</c>, minus sign, filter.</summary>
public sealed class ExpressionParser
{
    /// <summary>A longer text belongs in a step.</summary>
    public const int LengthMax = 4_096;
    /// <summary>Parentheses, signs and <c>not</c> within each other: far more than people read, far less than a stack holds.</summary>
    public const int DepthMax = 32;
    /// <summary>Operators, names and values together; bounds the depth of the tree as well.</summary>
    public const int NodesMax = 500;

    private readonly string _text;
    private readonly List<Token> _tokens;
    private int _next;
    private int _depth;
    private int _nodes;

    private ExpressionParser(string text, List<Token> tokens) => (_text, _tokens) = (text, tokens);

    public static Outcome<Expression> Parse(string text)
    {
        if (text.Length > LengthMax)
            return Lexer.Wrong(text, LengthMax, $"it has more than {LengthMax} characters", "Move the work into a step.");
        var tokens = Lexer.Read(text);
        if (!tokens.Succeeded) return tokens.Fault;
        var parser = new ExpressionParser(text, tokens.Value);
        try
        {
            var expression = parser.Or();
            if (parser.Current.Kind != TokenKind.End)
                throw parser.Stop($"expected an operator or the end, found {parser.Current.Shown()}");
            return expression;
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }

    private Token Current => _tokens[_next];

    private Expression Or() => Chain(And, t => t.IsWord("or") ? Operator.Or : null);

    private Expression And() => Chain(Negation, t => t.IsWord("and") ? Operator.And : null);

    private Expression Negation()
    {
        if (!Current.IsWord("not")) return Comparison();
        var at = Take().At;
        return Node(Deeper(() => new Expression.Not(at, Negation())));
    }

    private Expression Comparison()
    {
        var left = Sum();
        if (Compare(Current) is not { } op) return left;
        var at = Take().At;
        var right = Sum();
        if (Compare(Current) is not null) throw Stop("comparisons cannot be chained", "Join them with `and`.");
        return Node(new Expression.Binary(at, op, left, right));
    }

    private Expression Sum() =>
        Chain(Product, t => t.Is("+") ? Operator.Add : t.Is("-") ? Operator.Subtract : null);

    private Expression Product() =>
        Chain(Sign, t => t.Is("*") ? Operator.Multiply : t.Is("/") ? Operator.Divide : null);

    private Expression Sign()
    {
        if (!Current.Is("-")) return Filtered();
        var at = Take().At;
        return Node(Deeper(() => new Expression.Negate(at, Sign())));
    }

    private Expression Filtered()
    {
        var operand = Primary();
        while (Current.Is("|"))
        {
            Take();
            var name = Take();
            var spec = FilterSpec.All.FirstOrDefault(f => name.Kind == TokenKind.Name && f.Name == name.Text)
                ?? throw Stop($"there is no filter {name.Shown()}", FilterAdvice(name.Text), name.At);
            var arguments = Current.Is("(") ? Arguments() : [];
            if (arguments.Length < spec.ArgumentsMin || arguments.Length > spec.ArgumentsMax)
                throw Stop($"`{spec.Name}` takes {Count(spec)}, found {arguments.Length}", null, name.At);
            operand = Node(new Expression.Filter(name.At, operand, spec, arguments));
        }
        return operand;
    }

    private ImmutableArray<Expression> Arguments()
    {
        Take();
        var arguments = ImmutableArray.CreateBuilder<Expression>();
        while (!Current.Is(")"))
        {
            if (arguments.Count > 0) Expect(",");
            arguments.Add(Deeper(Or));
        }
        Take();
        return arguments.ToImmutable();
    }

    private Expression Primary()
    {
        var token = Take();
        if (token.Is("("))
        {
            var inner = Deeper(Or);
            Expect(")");
            return inner;
        }
        return Node(token.Kind switch
        {
            TokenKind.Text => new Expression.Literal(token.At, new SpecValue.Text(token.Text), ValueType.Text),
            TokenKind.Integer => new Expression.Literal(token.At,
                new SpecValue.Integer(long.Parse(token.Text, CultureInfo.InvariantCulture)), ValueType.Integer),
            TokenKind.Number => new Expression.Literal(token.At,
                new SpecValue.Real(double.Parse(token.Text, CultureInfo.InvariantCulture)), ValueType.Number),
            TokenKind.Name => Word(token),
            _ => throw Stop($"expected a value, found {token.Shown()}", null, token.At),
        });
    }

    private Expression Word(Token token)
    {
        switch (token.Text)
        {
            case "true" or "false":
                return new Expression.Literal(token.At, new SpecValue.Flag(token.Text == "true"), ValueType.Flag);
            case "null" or "none":
                return new Expression.Literal(token.At, new SpecValue.Null(), ValueType.Any);
            case "and" or "or" or "not":
                throw Stop($"expected a value, found `{token.Text}`", null, token.At);
        }
        var segments = ImmutableArray.CreateBuilder<string>();
        segments.Add(token.Text);
        while (Current.Is("."))
        {
            Take();
            var name = Take();
            if (name.Kind != TokenKind.Name) throw Stop($"expected a name after the dot, found {name.Shown()}", null, name.At);
            segments.Add(name.Text);
        }
        return new Expression.Path(token.At, segments.ToImmutable());
    }

    private Expression Chain(Func<Expression> next, Func<Token, Operator?> match)
    {
        var left = next();
        while (match(Current) is { } op)
        {
            var at = Take().At;
            left = Node(new Expression.Binary(at, op, left, next()));
        }
        return left;
    }

    private static Operator? Compare(Token token) => token.Kind != TokenKind.Symbol ? null : token.Text switch
    {
        "==" => Operator.Equal,
        "!=" => Operator.NotEqual,
        "<" => Operator.Less,
        "<=" => Operator.LessOrEqual,
        ">" => Operator.Greater,
        ">=" => Operator.GreaterOrEqual,
        _ => null,
    };

    private T Node<T>(T node) where T : Expression =>
        ++_nodes <= NodesMax ? node : throw Stop($"it has more than {NodesMax} parts", "Move the work into a step.");

    private Expression Deeper(Func<Expression> inner)
    {
        if (++_depth > DepthMax) throw Stop($"it is nested more than {DepthMax} deep");
        var expression = inner();
        _depth--;
        return expression;
    }

    private Token Take() => _tokens[_next < _tokens.Count - 1 ? _next++ : _next];

    private void Expect(string symbol)
    {
        if (!Current.Is(symbol)) throw Stop($"expected `{symbol}`, found {Current.Shown()}");
        Take();
    }

    private FaultException Stop(string what, string? hint = null, int? at = null) =>
        new(Lexer.Wrong(_text, at ?? Current.At, what, hint));

    private static string Count(FilterSpec spec) =>
        spec.ArgumentsMax == 0 ? "no argument" : spec.ArgumentsMin == 0 ? "at most one argument" : spec.ArgumentsMin == 1 ? "one argument" : "two arguments";

    private static string FilterAdvice(string name) =>
        Spelling.Nearest(name, FilterSpec.All.Select(f => f.Name)) is { } nearest
            ? $"Did you mean `{nearest}`?"
            : $"There are: {string.Join(", ", FilterSpec.All.Select(f => f.Name))}.";
}
