using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Which parameters a stage reads itself, in whatever of its steps may hold an expression. What cannot be read counts as reading
/// all of them: a result that is used again by mistake is wrong, and one that is made again only costs time.</summary>
public static class ParamUse
{
    /// <summary>The parameters that another run would have otherwise than this one.</summary>
    public static ImmutableHashSet<string> Changed(Run past, ImmutableArray<Field> given) =>
        [.. given.Where(field => past.Params.All(old => old.Name != field.Name || !old.Value.Equals(field.Value))).Select(field => field.Name)];

    public static bool Reads(Plan plan, PlannedStage stage, ImmutableHashSet<string> names) =>
        !names.IsEmpty && (Reads(stage.Condition, names) || stage.Steps.Any(step => Reads(plan.Steps[step], names)));

    private static bool Reads(PlannedStep step, ImmutableHashSet<string> names) =>
        Reads(step.Condition, names) || Template.In(step.Spec.ToValue()).Any(text => Reads(text, names));

    private static bool Reads(StepCondition condition, ImmutableHashSet<string> names) =>
        condition is StepCondition.If asked && (ExpressionParser.Parse(asked.Expression) is not { Succeeded: true } read || Reads(read.Value!, names));

    private static bool Reads(string text, ImmutableHashSet<string> names) =>
        Template.Parse(text) is not { Succeeded: true } template || template.Value!.Expressions.Any(expression => Reads(expression, names));

    private static bool Reads(Expression expression, ImmutableHashSet<string> names) => expression.Paths()
        .Any(path => path.Segments[0] == "params" && (path.Segments.Length < 2 || names.Contains(path.Segments[1])));
}
