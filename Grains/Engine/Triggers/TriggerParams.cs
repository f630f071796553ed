using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Triggers;

/// <summary>What the run that a trigger starts is given: the trigger's <c>params</c>, filled with what has happened.</summary>
public static class TriggerParams
{
    /// <summary>What can be told of them before anything has happened.</summary>
    public static ImmutableArray<Fault> Faults(PipelineSpec pipeline, TriggerSpec trigger)
    {
        var given = trigger.Params?.Fields ?? [];
        var unreadable = given.SelectMany(field => Template.In(field.Value)).Select(Unreadable).OfType<Fault>().ToImmutableArray();
        if (!unreadable.IsEmpty) return unreadable;
        // What a template gives is known later; till then a default stands for it, which fits.
        ImmutableArray<Field> known = [.. given.Where(field => !Template.IsIn(field.Value))];
        var later = given.Where(field => Template.IsIn(field.Value)).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        var faults = RunParams.Resolve(pipeline with { Params = [.. pipeline.Params.Where(param => !later.Contains(param.Name))] }, known)
            is ParamsResult.Faulty faulty ? faulty.Faults : [];
        return [.. faults, .. later.Where(name => pipeline.Params.All(param => param.Name != name)).Select(name => new Fault(
            FaultKind.Invalid, PlanCodes.UnknownParam, $"`{pipeline.Name}` has no parameter `{name}`."))];
    }

    /// <summary>What the run is given, checked by the types of its pipeline.</summary>
    public static Outcome<SpecValue.Map> Of(PipelineSpec pipeline, TriggerSpec trigger, RunId run, RunOccasion occasion)
    {
        var scope = new Scope(pipeline, run, occasion.IntervalEnd, [], occasion, _ => null);
        var filled = Templates.Fill(trigger.Params ?? SpecValue.Map.Empty, "params", [], scope);
        if (!filled.Succeeded) return filled.Fault;
        var map = (SpecValue.Map)filled.Value;
        return RunParams.Resolve(pipeline, map.Fields) is ParamsResult.Faulty { Faults: [var first, ..] } ? first : map;
    }

    private static Fault? Unreadable(string text)
    {
        var template = Template.Parse(text);
        if (!template.Succeeded) return template.Fault;
        var strange = template.Value.Expressions.SelectMany(expression => expression.Paths())
            .FirstOrDefault(path => path.Segments is not ["run", "trigger", _, ..]);
        return strange is null ? null : new Fault(FaultKind.Invalid, PlanCodes.UnknownName,
            $"There is no `{strange}` when a trigger starts a run.", null, "Parameters of a trigger know `run.trigger.NAME` only.");
    }
}
