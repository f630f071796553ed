using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Environments;

/// <summary>A value of an environment, and where it comes from.</summary>
/// <param name="From">The environment that sets it: this one, or one that it inherits from.</param>
/// <param name="Overrides">The values that it hides, nearest first.</param>
public sealed record EnvironmentValue(
    string Name, ValueType Type, SpecValue Value, string? Description, string From, string File, int Line,
    ImmutableArray<HiddenValue> Overrides);

public sealed record HiddenValue(string From, SpecValue Value);

/// <summary>An environment with all that it inherits.</summary>
/// <param name="Lineage">This one, what it inherits from, and so on.</param>
/// <param name="Values">By name.</param>
public sealed record ResolvedEnvironment(string Name, ImmutableArray<string> Lineage, ImmutableArray<EnvironmentValue> Values)
{
    /// <summary>The pipeline with those values that it uses, so that a change of another one does not change it.</summary>
    public PipelineSpec Into(PipelineSpec spec)
    {
        var used = spec.Steps.SelectMany(step => Used(step.With).Concat(step.When is { } when ? Used(when) : [])).ToHashSet();
        return used.Count == 0 ? spec : spec with
        {
            Environment = new EnvironmentSpec(
                Name, [.. Values.Where(value => used.Contains(value.Name)).Select(value => new ParamSpec(value.Name, value.Type, value.Value, null))]),
        };
    }

    private static IEnumerable<string> Used(SpecValue value) => value switch
    {
        SpecValue.Text text => Used(text.Value),
        SpecValue.List list => list.Items.SelectMany(Used),
        SpecValue.Map map => map.Fields.SelectMany(field => Used(field.Value)),
        _ => [],
    };

    /// <summary>A text that is no template is the plan's to report.</summary>
    private static IEnumerable<string> Used(string text) =>
        Template.IsIn(text) && Template.Parse(text) is { Succeeded: true, Value: { } template }
            ? template.Expressions.SelectMany(expression => expression.Paths())
                .Where(path => path.Segments is ["env", _, ..]).Select(path => path.Segments[1])
            : [];
}
