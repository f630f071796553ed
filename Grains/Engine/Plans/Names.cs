using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>What the expressions of one step may speak of, and of which type it is.</summary>
internal sealed class Names(PipelineSpec spec, Dictionary<string, int> steps, Graph graph, KindCatalog kinds, int step, bool hasItem)
{
    private static readonly ImmutableArray<ValueSpec> RunValues =
    [
        new("id", ValueType.Text, "The run's id."),
        new("pipeline", ValueType.Text, "The pipeline's name."),
        new("started_at", ValueType.Timestamp, "When the run started, UTC."),
        new("interval.start", ValueType.Timestamp, "The run answers for the time from here, UTC,"),
        new("interval.end", ValueType.Timestamp, "to here."),
        new("scheduled_at", ValueType.Timestamp, "When its schedule was due, UTC: the end of its interval."),
        new("partition", ValueType.Text, "Which of the partitions of its backfill."),
    ];

    public Outcome<ValueType> Find(Expression.Path path)
    {
        var names = path.Segments;
        switch (names[0])
        {
            case Scope.Item when hasItem: return ItemValue(path);
            case "params" when names.Length > 1: return Param(path);
            case "run" when names.Length > 1:
                if (names is [_, "trigger", _, ..]) return names is [_, _, "id" or "kind"] ? ValueType.Text : ValueType.Any;
                var name = string.Join('.', names.AsSpan(1..));
                return RunValues.FirstOrDefault(v => v.Name == name) is { } value
                    ? value.Type
                    : Unknown($"A run has no `{name}`", name, RunValues.Select(v => v.Name));
            case "env" when names.Length > 1: return Env(path);
            case "steps" when path.IsStepValue: return StepValue(path);
            case "steps": return Unknown($"`{path}` names no value of a step", "Write `steps.ID.values.NAME`.");
        }
        var param = spec.Params.FirstOrDefault(p => p.Name == names[0]);
        return Unknown($"There is no `{path}`", param is not null
            ? $"Did you mean `params.{param.Name}`?"
            : "Names start with `params.`, `steps.`, `run.` or `env.`; a text stands in quotes.");
    }

    private Outcome<ValueType> ItemValue(Expression.Path path)
    {
        if (path.Segments is [_, "index"]) return ValueType.Integer;
        if (path.Segments is [_, "key"]) return ValueType.Text;
        if (path.Segments.Length == 1 || PartitionFields.ItemValues(spec.Steps[step].ForEach!) is not { } values) return ValueType.Any;
        var name = path.Segments[1];
        return values.FirstOrDefault(value => value.Name == name) is { } value
            ? Member(path, 2, value.Type)
            : Unknown($"An item has no `{name}`", name, ["index", "key", .. values.Select(one => one.Name)]);
    }

    private Outcome<ValueType> Param(Expression.Path path)
    {
        var name = path.Segments[1];
        var param = spec.Params.FirstOrDefault(p => p.Name == name);
        if (param is null) return Unknown($"There is no parameter `{name}`", name, spec.Params.Select(p => p.Name));
        return Member(path, 2, param.Type);
    }

    private Outcome<ValueType> Env(Expression.Path path)
    {
        var name = path.Segments[1];
        if (spec.Environment is not { } environment)
            return new Fault(FaultKind.Invalid, PlanCodes.NoEnvironment, $"`{path}` is a value of an environment, and none is named.", null,
                "Name one: --env NAME");
        if (environment.Values.FirstOrDefault(v => v.Name == name) is { } value) return Member(path, 2, value.Type);
        return new Fault(FaultKind.Invalid, PlanCodes.UnknownEnvironmentValue, $"The environment `{environment.Name}` has no value `{name}`.", null,
            $"See what it has with: etl config show --env {environment.Name}");
    }

    private Outcome<ValueType> StepValue(Expression.Path path)
    {
        var (id, name) = (path.Segments[1], path.Segments[3]);
        if (!steps.TryGetValue(id, out var other))
        {
            return new Fault(FaultKind.Invalid, PlanCodes.UnknownStep, $"`{path}`: there is no step `{id}`.", null,
                Spelling.Nearest(id, steps.Keys) is { } nearest ? $"Did you mean `{nearest}`?" : null);
        }
        if (!graph.HasCycles && !graph.IsAncestor(other, step))
        {
            var self = other == step;
            return new Fault(FaultKind.Invalid, PlanCodes.NotADependency,
                self ? $"`{path}`: a step has no values before it ended." : $"`{path}`: this step does not depend on `{id}`.", null,
                self ? null : $"Add `{id}` to `depends_on`.");
        }
        var target = spec.Steps[other];
        if (kinds.Find(target.Kind) is not { } kind) return ValueType.Any;
        var values = KindSpec.CommonValues
            .Concat(target.ForEach is null ? kind.Values.Concat(Declared(kind, target)) : KindSpec.ItemValues).ToArray();
        if (values.FirstOrDefault(v => v.Name == name) is { } value) return Member(path, 4, value.Type);
        return new Fault(FaultKind.Invalid, PlanCodes.UnknownValue, $"`{id}` ({kind.Name}) gives no value `{name}`.", null,
            Spelling.Nearest(name, values.Select(v => v.Name)) is { } near
                ? $"Did you mean `{near}`?"
                : $"It gives: {string.Join(", ", values.Select(v => v.Name))}.");
    }

    private static IEnumerable<ValueSpec> Declared(KindSpec kind, StepSpec target)
    {
        if (kind.DeclaresValues is null || target.With[kind.DeclaresValues] is not SpecValue.Map declared) return [];
        return declared.Fields.Select(f => new ValueSpec(
            f.Name,
            f.Value is SpecValue.Text text && Enum.TryParse<ValueType>(text.Value, ignoreCase: true, out var type) ? type : ValueType.Any,
            ""));
    }

    private static Outcome<ValueType> Member(Expression.Path path, int from, ValueType type)
    {
        if (path.Segments.Length == from) return type;
        if (type is ValueType.Map or ValueType.Any) return ValueType.Any;
        return Unknown($"`{string.Join('.', path.Segments[..from])}` is {Describe.Type(type)} and has no `{path.Segments[from]}`",
            (string?)null);
    }

    private static Fault Unknown(string what, string name, IEnumerable<string> known)
    {
        var names = known.ToArray();
        return Unknown(what, Spelling.Nearest(name, names) is { } nearest ? $"Did you mean `{nearest}`?"
            : names.Length == 0 ? "The pipeline has no `params`." : $"There are: {string.Join(", ", names)}.");
    }

    private static Fault Unknown(string what, string? hint) => new(FaultKind.Invalid, PlanCodes.UnknownName, what + ".", null, hint);
}
