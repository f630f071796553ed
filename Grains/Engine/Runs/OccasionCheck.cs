using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Whether a run has all that its pipeline asks of its occasion: said before it starts, not by a step in the middle of it.
/// What has a <c>default</c> may be missing.</summary>
internal static class OccasionCheck
{
    public static Fault? Of(Plan plan, RunOccasion? occasion)
    {
        if (occasion is { } given && given.IntervalEnd < given.IntervalStart)
            return new Fault(FaultKind.Invalid, RunCodes.IntervalEndsEarly,
                $"The interval of the run ends before it starts: {given.IntervalStart:u} to {given.IntervalEnd:u}.");
        if (occasion is { Partition: not null }) return null; // of a backfill: it has an interval too
        foreach (var step in plan.Steps)
        {
            if (step.Condition is StepCondition.If condition && Missing(Asked(ExpressionParser.Parse(condition.Expression)), occasion) is { } inWhen)
                return Fault(plan, inWhen, $"{SpecPath.Step(step.Index)}.when");
            if (step.HasTemplates && In(step.Spec.With, $"{SpecPath.Step(step.Index)}.with", occasion) is var (name, path))
                return Fault(plan, name, path);
        }
        return null;
    }

    /// <summary>The first text within the value that asks for something missing.</summary>
    private static (string Name, string Path)? In(SpecValue value, string path, RunOccasion? occasion)
    {
        switch (value)
        {
            case SpecValue.Text text when Template.IsIn(text.Value) && text.Value.Contains("run.", StringComparison.Ordinal):
                var template = Template.Parse(text.Value);
                var asked = template.Succeeded ? template.Value.Expressions.SelectMany(Asked) : [];
                return Missing(asked, occasion) is { } name ? (name, path) : null;
            case SpecValue.List list:
                for (var i = 0; i < list.Items.Length; i++)
                    if (In(list.Items[i], SpecPath.Item(path, i), occasion) is { } inItem) return inItem;
                return null;
            case SpecValue.Map map:
                foreach (var field in map.Fields)
                    if (In(field.Value, SpecPath.Field(path, field.Name), occasion) is { } inField) return inField;
                return null;
            default: return null;
        }
    }

    private static IEnumerable<Expression.Path> Asked(Outcome<Expression> expression) => expression.Succeeded ? Asked(expression.Value) : [];

    private static IEnumerable<Expression.Path> Asked(Expression expression) => expression switch
    {
        Expression.Filter { Spec.Name: "default" } f => f.Arguments.SelectMany(Asked),
        Expression.Filter f => Asked(f.Operand).Concat(f.Arguments.SelectMany(Asked)),
        Expression.Not n => Asked(n.Operand),
        Expression.Negate n => Asked(n.Operand),
        Expression.Binary b => Asked(b.Left).Concat(Asked(b.Right)),
        _ => expression.Paths(),
    };

    private static string? Missing(IEnumerable<Expression.Path> asked, RunOccasion? occasion) => asked
        .Select(path => path.ToString())
        .FirstOrDefault(name => name == "run.partition"
            || occasion is null or { Trigger: not null } && (name == "run.scheduled_at" || name.StartsWith("run.interval.", StringComparison.Ordinal))
            || occasion?.Trigger is null && name.StartsWith("run.trigger.", StringComparison.Ordinal));

    private static Fault Fault(Plan plan, string name, string path) => name == "run.partition"
        ? new Fault(FaultKind.Invalid, RunCodes.NoPartition,
            $"`{plan.Spec.Name}` asks for `{name}`, and this run is not for a partition.", path,
            "Only a backfill with --partitions starts such runs; for others write what it is then: `run.partition | default(\"all\")`.")
        : name.StartsWith("run.trigger.", StringComparison.Ordinal) ? new Fault(FaultKind.Invalid, Triggers.TriggerCodes.NoTriggerValues,
            $"`{plan.Spec.Name}` asks for `{name}`, and this run was not started by a trigger.", path,
            "Make it a parameter that the trigger gives, or write what it is otherwise: `run.trigger.path | default(\"in.csv\")`.")
        : new Fault(FaultKind.Invalid, RunCodes.NoInterval,
            $"`{plan.Spec.Name}` asks for `{name}`, and this run is for no time.", path,
            "A schedule gives it. By hand: etl run FILE --interval-start 2026-01-31 --interval-end 2026-02-01.");
}
