using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Templates;

/// <summary>Holds a template against itself: each expression can be read, names parameters and loops that are there, and fits their types.
/// What speaks of steps, runs, items and environments is the plan's to check, once it is known which steps there are.</summary>
internal sealed class TemplateCheck(ImmutableArray<ParamSpec> @params, Findings findings)
{
    private static readonly ImmutableArray<string> OfBlocks = [Block.If, Block.Each, Block.Steps, Block.Else];
    private static readonly ImmutableArray<string> Told = ["template", "version", "description", "params"];

    private readonly HashSet<string> _inScope = [];

    public void Check(Node.Mapping root)
    {
        foreach (var entry in root.Entries.Where(entry => !Told.Contains(entry.Key.Text)))
        {
            if (entry.Key.Text == Block.Steps) Steps(entry.Value);
            else Value(entry.Value);
        }
    }

    private void Steps(Node node)
    {
        if (node is not Node.Sequence sequence)
        {
            if (!SpecReader.IsNothing(node))
                findings.Error(YamlCodes.WrongShape, $"`steps` must be a list, found {node.Shape}.", node.Range, null, "Start each step with `- id: name`.");
            return;
        }
        foreach (var item in sequence.Items)
            if (item is Node.Mapping mapping && Block.IsOfSteps(mapping)) OfSteps(mapping);
            else Value(item);
    }

    private void OfSteps(Node.Mapping block)
    {
        var isBlock = block.Has(Block.Steps);
        if (isBlock && block.Entries.FirstOrDefault(entry => !OfBlocks.Contains(entry.Key.Text)) is { } other)
            findings.Error(TemplateCodes.WrongBlock, $"A block of steps has no field `{Excerpt.Of(other.Key.Text, 60)}`.", other.Key.Range, null,
                $"Allowed here: {string.Join(", ", OfBlocks)}; what is of a step stands in its steps.");
        Else(block, isBlock);
        Within(block, () =>
        {
            foreach (var entry in block.Entries)
                if (entry.Key.Text is Block.Steps or Block.Else) Steps(entry.Value);
                else if (entry.Key.Text != Block.Each) Both(entry);
        });
    }

    private void Choice(Node.Mapping choice)
    {
        Else(choice, isAllowed: true);
        Within(choice, () =>
        {
            foreach (var entry in choice.Entries.Where(entry => entry.Key.Text != Block.Each)) Value(entry.Value);
        });
    }

    private void Else(Node.Mapping block, bool isAllowed)
    {
        if (block.Entry(Block.Else) is { } entry && (!isAllowed || !block.Has(Block.If)))
            findings.Error(TemplateCodes.WrongBlock, "`else` stands beside an `if`, and beside `steps` or `value`.", entry.Key.Range);
    }

    private void Within(Node.Mapping block, Action inside)
    {
        string? name = null;
        if (block.Entry(Block.Each) is { } each)
        {
            if (Block.Loop(each.Value) is { } loop)
            {
                Value(loop.Value);
                if (_inScope.Add(loop.Key.Text)) name = loop.Key.Text;
                else findings.Error(TemplateCodes.WrongBlock, $"A loop around this one is over `{loop.Key.Text}` already.", loop.Key.Range, null,
                    "Give it another name.");
            }
            else
                findings.Error(TemplateCodes.WrongBlock, $"`each` must be a mapping from one name to a list, found {each.Value.Shape}.", each.Value.Range, null,
                    "For example: each: { table: \"{{ params.tables }}\" }; then {{ each.table }} is one of them.");
        }
        inside();
        if (name is not null) _inScope.Remove(name);
    }

    private void Value(Node node)
    {
        switch (node)
        {
            case Node.Scalar scalar: Text(scalar); break;
            case Node.Sequence sequence:
                foreach (var item in sequence.Items) Value(item);
                break;
            case Node.Mapping mapping when Block.IsChoice(mapping): Choice(mapping); break;
            case Node.Mapping mapping:
                foreach (var entry in mapping.Entries) Both(entry);
                break;
        }
    }

    private void Both(Node.Entry entry)
    {
        Text(entry.Key);
        Value(entry.Value);
    }

    private void Text(Node.Scalar scalar)
    {
        if (!Template.IsIn(scalar.Text)) return;
        var template = Template.Parse(scalar.Text);
        var fault = template.Succeeded
            ? template.Value.Expressions.Select(one => Typing.Of(Hole.Inner(one), TypeOf).Fault).FirstOrDefault(one => one is not null)
            : template.Fault;
        if (fault is not null) findings.Error(fault.Code, fault.Message, scalar.Range, null, fault.Hint);
    }

    private Outcome<ValueType> TypeOf(Expression.Path path)
    {
        var names = path.Segments;
        switch (names[0])
        {
            case "params" when names.Length > 1:
                if (@params.FirstOrDefault(param => param.Name == names[1]) is not { } known)
                    return Unknown($"The template has no parameter `{names[1]}`.", names[1], @params.Select(param => param.Name));
                if (names.Length == 2) return known.Type;
                return known.Type is ValueType.Map or ValueType.Any ? ValueType.Any
                    : Unknown($"`params.{names[1]}` is {Describe.Type(known.Type)} and has no `{names[2]}`.", "", []);
            case "each" when names.Length > 1:
                return _inScope.Contains(names[1]) ? ValueType.Any : Unknown($"There is no loop over `{names[1]}` around this.", names[1], _inScope);
            case "steps" or "run" or "env" or Scope.Item: return ValueType.Any;
            default: return Unknown($"There is no `{path}` in a template.", names[0], ["params", "each", "steps", "run", "env", "item"]);
        }
    }

    private static Fault Unknown(string message, string name, IEnumerable<string> known)
    {
        var names = known.ToArray();
        return new Fault(FaultKind.Invalid, TemplateCodes.UnknownName, message, null,
            Spelling.Nearest(name, names) is { } nearest ? $"Did you mean `{nearest}`?" : names.Length > 0 ? $"There are: {string.Join(", ", names)}." : null);
    }
}
