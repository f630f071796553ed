using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Templates;

/// <summary>What one template makes at one use.</summary>
internal sealed class Body(Expansion expansion, PipelineTemplate template, SourceRange use)
{
    private static readonly ImmutableArray<string> Told = ["template", "version", "params"];
    private static readonly FieldType ForEach = new FieldType.Record([new FieldSpec("query", new FieldType.Query(), "")]);

    private readonly Relation _use = new("used here", use);
    private int _steps;

    public Node.Mapping Of(Arguments arguments) => new(At(template.Root!),
    [
        .. template.Root!.Entries.Where(entry => !Told.Contains(entry.Key.Text)).Select(entry => new Node.Entry(
            Key(entry.Key, arguments),
            entry.Key.Text == Block.Steps && entry.Value is Node.Sequence steps
                ? new Node.Sequence(At(steps), [.. Steps(steps, arguments, depth: 1)])
                : Value(entry.Value, arguments, null) ?? new Node.Scalar(At(entry.Value), "null", isPlain: true))),
    ]);

    private SourceRange At(Node node) => node.Range with { Source = template.Source, Relation = _use };

    private IEnumerable<Node> Steps(Node node, Arguments arguments, int depth)
    {
        if (depth > expansion.Bounds.DepthMax)
            throw expansion.Stop(TemplateCodes.BoundMet, $"Blocks of steps are nested more than {expansion.Bounds.DepthMax} deep.", At(node));
        return ((node as Node.Sequence)?.Items ?? []).SelectMany(item =>
            item is Node.Mapping block && Block.IsOfSteps(block) ? OfSteps(block, arguments, depth) : [Step(item, arguments)]);
    }

    private IEnumerable<Node> OfSteps(Node.Mapping block, Arguments arguments, int depth)
    {
        var step = new Node.Mapping(block.Range, [.. block.Entries.Where(entry => entry.Key.Text is not (Block.If or Block.Each))]);
        foreach (var within in Loop(block, arguments))
        {
            var inner = !Holds(block, within) ? block.Entry(Block.Else) is { } other ? Steps(other.Value, within, depth + 1) : []
                : block.Entry(Block.Steps) is { } steps ? Steps(steps.Value, within, depth + 1)
                : [Step(step, within)];
            foreach (var one in inner) yield return one;
        }
    }

    private Node Step(Node node, Arguments arguments)
    {
        if (++_steps > expansion.Bounds.StepsMax)
            throw expansion.Stop(TemplateCodes.BoundMet, $"The template makes more than {expansion.Bounds.StepsMax} steps.", At(node));
        if (node is not Node.Mapping mapping) return Value(node, arguments, null) ?? node;
        var kind = mapping.Entry("kind") is { } said && Value(said.Value, arguments, null) is Node.Scalar { Text: var name } ? name : "";
        return Mapping(mapping, arguments, field => field switch
        {
            "with" => expansion.WithOf(kind),
            "for_each" => ForEach,
            _ => null,
        });
    }

    /// <returns>Null: a condition leaves it away.</returns>
    private Node? Value(Node node, Arguments arguments, FieldType? type)
    {
        switch (node)
        {
            case Node.Scalar scalar:
                var filled = Filling.Of(scalar, At(scalar), arguments, type);
                if (!filled.Succeeded) throw expansion.Stop(filled.Fault, At(scalar));
                expansion.Count(filled.Value, At(scalar));
                return filled.Value;
            case Node.Sequence sequence:
                return new Node.Sequence(At(sequence), [.. sequence.Items.SelectMany(item => Items(item, arguments, ItemOf(type)))]);
            case Node.Mapping choice when Block.IsChoice(choice):
                return choice.Has(Block.Each)
                    ? new Node.Sequence(At(choice), [.. Items(choice, arguments, ItemOf(type))])
                    : Items(choice, arguments, type).SingleOrDefault();
            case Node.Mapping mapping: return Mapping(mapping, arguments, field => FieldOf(type, field));
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private Node.Mapping Mapping(Node.Mapping mapping, Arguments arguments, Func<string, FieldType?> typeOf) => new(At(mapping),
    [
        .. from entry in mapping.Entries
           let key = Key(entry.Key, arguments)
           let value = Value(entry.Value, arguments, typeOf(key.Text))
           where value is not null
           select new Node.Entry(key, value),
    ]);

    private IEnumerable<Node> Items(Node item, Arguments arguments, FieldType? type)
    {
        if (item is not Node.Mapping choice || !Block.IsChoice(choice)) return Value(item, arguments, type) is { } one ? [one] : [];
        return Loop(choice, arguments)
            .Select(within => choice.Entry(Holds(choice, within) ? Block.Value : Block.Else) is { } taken ? Value(taken.Value, within, type) : null)
            .OfType<Node>();
    }

    /// <summary>What is seen in each turn of the block's loop; in a block without one, what is seen around it.</summary>
    private IEnumerable<Arguments> Loop(Node.Mapping block, Arguments arguments)
    {
        if (block.Entry(Block.Each)?.Value is not { } each) return [arguments];
        var loop = Block.Loop(each)!; // the template was checked
        var list = Value(loop.Value, arguments, null);
        return list is Node.Sequence sequence
            ? sequence.Items.Select(item => arguments.Within(loop.Key.Text, item))
            : throw NotNow(list, "`each` needs a list", At(loop.Value));
    }

    private bool Holds(Node.Mapping block, Arguments arguments)
    {
        if (block.Entry(Block.If)?.Value is not { } condition) return true;
        var value = Value(condition, arguments, null);
        return value is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Flag flag
            ? flag.Value
            : throw NotNow(value, "`if` needs true or false", At(condition));
    }

    private Expansion.StopException NotNow(Node? found, string needs, SourceRange at) =>
        found is Node.Scalar scalar && Engine.Expressions.Template.IsIn(scalar.Text)
            ? expansion.Stop(TemplateCodes.KnownLater, $"{needs} before anything runs, and `{Excerpt.Of(scalar.Text, 80)}` is known only at a run.", at,
                "Give it a value in `with`; what a run decides stands in `when` or `for_each` of a step.")
            : expansion.Stop(TemplateCodes.WrongBlock, $"{needs}, found {found?.Shape ?? "nothing"}.", at);

    private Node.Scalar Key(Node.Scalar key, Arguments arguments)
    {
        var filled = Filling.Of(key, At(key), arguments, null);
        return !filled.Succeeded ? throw expansion.Stop(filled.Fault, At(key))
            : filled.Value as Node.Scalar ?? throw expansion.Stop(TemplateCodes.CannotStand, $"A key must be a text, found {filled.Value.Shape}.", At(key));
    }

    private static FieldType? FieldOf(FieldType? type, string field) => type switch
    {
        FieldType.Record record => record.Fields.FirstOrDefault(one => one.Name == field)?.Type,
        FieldType.Map map => map.Of,
        FieldType.OneOf several => several.Types.Select(one => FieldOf(one, field)).FirstOrDefault(one => one is not null),
        _ => null,
    };

    private static FieldType? ItemOf(FieldType? type) => type switch
    {
        FieldType.List list => list.Of,
        FieldType.OneOf several => several.Types.Select(ItemOf).FirstOrDefault(one => one is not null),
        _ => null,
    };
}
