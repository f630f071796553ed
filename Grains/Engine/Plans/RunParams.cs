using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>The answer of <see cref="RunParams.Resolve"/>: all parameters of the run, or every fault.</summary>
public abstract record ParamsResult
{
    private ParamsResult() { }
    public sealed record Complete(ImmutableArray<Field> Params) : ParamsResult;
    public sealed record Faulty(ImmutableArray<Fault> Faults) : ParamsResult;
}

/// <summary>What a run was given, completed by the defaults of its pipeline.</summary>
public static class RunParams
{
    /// <summary>In the order of the spec, one for each parameter.</summary>
    public static ParamsResult Resolve(PipelineSpec spec, ImmutableArray<Field> given) => Resolve(spec, given, Values.Conform);

    /// <summary>The same for values that were given as text, as on a command line.</summary>
    public static ParamsResult FromText(PipelineSpec spec, IEnumerable<KeyValuePair<string, string>> given) => Resolve(
        spec,
        [.. given.Select(g => new Field(g.Key, new SpecValue.Text(g.Value)))],
        (type, value) => value is SpecValue.Text text ? Values.FromText(type, text.Value) : Values.Conform(type, value));

    private static ParamsResult Resolve(
        PipelineSpec spec, ImmutableArray<Field> given, Func<ValueType, SpecValue, Outcome<SpecValue>> read)
    {
        var faults = new List<Fault>();
        var values = new Dictionary<string, SpecValue>();
        var known = spec.Params.ToDictionary(p => p.Name);
        foreach (var field in given)
        {
            if (!known.TryGetValue(field.Name, out var param)) faults.Add(Unknown(spec, field.Name));
            else if (values.ContainsKey(field.Name))
                faults.Add(new Fault(FaultKind.Invalid, PlanCodes.UnknownParam, $"The parameter `{field.Name}` is given twice."));
            else if (field.Value is SpecValue.Null && param.Default is SpecValue.Null) values[field.Name] = field.Value;
            else if (read(param.Type, field.Value) is { Succeeded: true, Value: { } value }) values[field.Name] = value;
            else
            {
                values[field.Name] = field.Value;
                var fault = read(param.Type, field.Value).Fault!;
                faults.Add(fault with { Message = $"The parameter `{field.Name}`: {fault.Message}" });
            }
        }
        foreach (var param in spec.Params.Where(p => p.Default is null && !values.ContainsKey(p.Name)))
        {
            faults.Add(new Fault(FaultKind.Invalid, PlanCodes.MissingParam,
                $"The parameter `{param.Name}` has no default and was not given; it is {Describe.Type(param.Type)}.", null,
                $"Give it: -p {param.Name}=…"));
        }
        return faults.Count > 0
            ? new ParamsResult.Faulty([.. faults])
            : new ParamsResult.Complete([.. spec.Params.Select(p => new Field(p.Name, values.GetValueOrDefault(p.Name) ?? p.Default!))]);
    }

    private static Fault Unknown(PipelineSpec spec, string name)
    {
        var names = spec.Params.Select(p => p.Name).ToArray();
        var nearest = Spelling.Nearest(name, names);
        return new Fault(FaultKind.Invalid, PlanCodes.UnknownParam, $"`{spec.Name}` has no parameter `{name}`.", null,
            nearest is not null ? $"Did you mean `{nearest}`?"
            : names.Length == 0 ? "It has no parameters." : $"It has: {string.Join(", ", names)}.");
    }
}
