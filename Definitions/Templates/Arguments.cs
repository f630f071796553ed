using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Templates;

/// <summary>What a name of a template stands for at one use of it: a value, as written where it was given.</summary>
/// <param name="Type">Of a parameter; <see cref="ValueType.Any"/>: as the value says.</param>
internal sealed record Argument(Node Node, ValueType Type)
{
    /// <summary>The text with templates of the pipeline that uses it, whose values only a run knows; null: it is a value.</summary>
    public string? Later => Node is Node.Scalar { Text: var text } && Template.IsIn(text) ? text : null;

    public Typed Value()
    {
        var value = NodeValues.ToValue(Node);
        return Type == ValueType.Any ? Typed.Of(value) : new Typed(value, Type);
    }
}

/// <summary>The values of <c>params.</c> and <c>each.</c> in one place of a template.</summary>
internal sealed record Arguments(ImmutableDictionary<string, Argument> Params, ImmutableDictionary<string, Argument> Each)
{
    public Arguments Within(string loop, Node item) => this with { Each = Each.SetItem(loop, new Argument(item, ValueType.Any)) };

    /// <summary>Null: the name is none of the template's, but of the pipeline that comes out.</summary>
    public Argument? Find(Expression.Path path)
    {
        var names = path.Segments;
        var from = names[0] switch { "params" => Params, "each" => Each, _ => null };
        if (from is null) return null;
        var argument = from[names[1]]; // the template was checked: the name is there
        foreach (var name in names.AsSpan(2..))
            argument = new Argument(
                (argument.Node as Node.Mapping)?.Entry(name)?.Value ?? new Node.Scalar(argument.Node.Range, "null", isPlain: true), ValueType.Any);
        return argument;
    }
}
