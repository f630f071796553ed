using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>The answer of the check: a plan, or every fault that was found.</summary>
public abstract record PlanResult
{
    private PlanResult() { }
    public sealed record Checked(Plan Plan) : PlanResult;

    /// <param name="Faults">In the order of the file: the pipeline's own, then step by step.</param>
    /// <param name="NotShown">How many more there are at least.</param>
    public sealed record Faulty(ImmutableArray<Fault> Faults, int NotShown = 0) : PlanResult;
}

/// <summary>Spec to plan, or all faults at once. Pure: the same spec and kinds give the same answer. A fault that only follows from
/// another (a value of a step of an unknown kind) is not reported.</summary>
public sealed partial class PlanCheck
{
    private readonly PipelineSpec _spec;
    private readonly KindCatalog _kinds;
    private readonly PlanBounds _bounds;
    private readonly List<(int Step, Fault Fault)> _faults = [];
    private readonly Dictionary<string, int> _steps = new(StringComparer.Ordinal);

    private PlanCheck(PipelineSpec spec, KindCatalog kinds, PlanBounds bounds) => (_spec, _kinds, _bounds) = (spec, kinds, bounds);

    public static PlanResult Check(PipelineSpec spec, KindCatalog kinds) => Check(spec, kinds, PlanBounds.Default);

    public static PlanResult Check(PipelineSpec spec, KindCatalog kinds, PlanBounds bounds) => new PlanCheck(spec, kinds, bounds).Run();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex PipelineName();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex ParamName();

    public static bool IsParamName(string name) => ParamName().IsMatch(name);

    private PlanResult Run()
    {
        if (!IsWithinBounds()) return Answer();
        CheckPipeline();
        CheckParams();
        NameSteps();
        var dependencies = Enumerable.Range(0, _spec.Steps.Length).Select(Dependencies).ToArray();
        var graph = new Graph([.. dependencies.Select(d => d.Known)]);
        CheckCycles(graph);
        var drafts = Draft(graph, [.. dependencies.Select(d => d.Complete)]);
        // Beyond what is shown, faults (and the search for what was meant) would only cost time.
        foreach (var draft in drafts.TakeWhile(_ => _faults.Count <= _bounds.FaultsMax)) CheckStep(draft, drafts);
        return _faults.Count > 0 ? Answer() : new PlanResult.Checked(Stages.Plan(_spec, drafts, graph));
    }

    private PlanResult.Faulty Answer() => new(
        [.. _faults.OrderBy(f => f.Step).Select(f => f.Fault).Take(_bounds.FaultsMax)],
        Math.Max(0, _faults.Count - _bounds.FaultsMax));

    private bool IsWithinBounds()
    {
        Bound(_spec.Steps.Length, _bounds.StepsMax, "steps", "steps");
        Bound(_spec.Steps.Sum(s => s.DependsOn.Length), _bounds.EdgesMax, "dependencies", "steps");
        Bound(_spec.Params.Length, _bounds.ParamsMax, "parameters", "params");
        Bound(_spec.Environment?.Values.Length ?? 0, _bounds.ParamsMax, "values of an environment", "steps");
        return _faults.Count == 0;
    }

    private void Bound(int count, int max, string what, string path)
    {
        if (count > max) Wrong(-1, PlanCodes.BoundMet, $"The pipeline has {count} {what}; at most {max} are allowed.", path);
    }

    private void CheckPipeline()
    {
        if (!PipelineName().IsMatch(_spec.Name))
        {
            Wrong(-1, PlanCodes.WrongName, $"{Describe.Quote(_spec.Name)} cannot name a pipeline.", "pipeline",
                "A name starts with a letter and has at most 63 letters, digits, `_`, `-` and `.`.");
        }
        CheckRetry(-1, _spec.Retry, "retry");
        CheckLimits(-1, _spec.Takes(), "limits");
        if (_spec.Reuse < TimeSpan.Zero) Wrong(-1, PlanCodes.WrongQuantity, "`reuse` must not be negative.", "reuse");
        foreach (var fault in AlertCheck.Faults(_spec.Alerts ?? [])) _faults.Add((-1, fault));
        if (_spec.Steps.IsEmpty) Wrong(-1, PlanCodes.NoSteps, "The pipeline has no steps.", "steps", "It needs at least one.");
    }

    private void CheckParams()
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var param in _spec.Params)
        {
            var path = SpecPath.Field("params", param.Name);
            if (!ParamName().IsMatch(param.Name))
            {
                Wrong(-1, PlanCodes.WrongName, $"{Describe.Quote(param.Name)} cannot name a parameter.", path,
                    "A name starts with a letter and has at most 63 letters, digits and `_`.");
            }
            else if (!seen.Add(param.Name))
                Wrong(-1, PlanCodes.DuplicateParam, $"There are two parameters `{param.Name}` (case does not count).", path);
            if (param.Default is null or SpecValue.Null) continue;
            var conformed = Values.Conform(param.Type, param.Default);
            if (!conformed.Succeeded)
                Wrong(-1, PlanCodes.WrongDefault, $"The default of `{param.Name}`: {conformed.Fault.Message}",
                    SpecPath.Field(path, "default"));
            else if (param.Default is SpecValue.Text text && Template.IsIn(text.Value))
                Wrong(-1, PlanCodes.WrongDefault, $"The default of `{param.Name}` cannot be a template.", SpecPath.Field(path, "default"));
        }
    }

    private void NameSteps()
    {
        var lowered = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < _spec.Steps.Length; i++)
        {
            var id = _spec.Steps[i].Id.Value ?? "";
            var path = SpecPath.Field(SpecPath.Step(i), "id");
            if (!StepId.IsValid(id))
            {
                Wrong(i, PlanCodes.WrongName, $"{Describe.Quote(id)} cannot be a step's id.", path,
                    "An id starts with a letter and has at most 63 letters, digits, `_` and `-`.");
            }
            else if (!lowered.TryAdd(id, i))
            {
                var first = _spec.Steps[lowered[id]].Id.Value;
                Wrong(i, PlanCodes.DuplicateStep, first == id
                    ? $"There are two steps `{id}`."
                    : $"The steps `{first}` and `{id}` differ in case alone.", path, "Give each step an id of its own.");
            }
            else _steps.Add(id, i);
        }
    }

    private (ImmutableArray<int> Known, bool Complete) Dependencies(int index)
    {
        var step = _spec.Steps[index];
        if (step.Compensates is { } compensated) return CheckCompensation(index, compensated);
        var known = new List<int>();
        var complete = true;
        for (var i = 0; i < step.DependsOn.Length; i++)
        {
            var needed = step.DependsOn[i].Value ?? "";
            var path = SpecPath.Item(SpecPath.Field(SpecPath.Step(index), "depends_on"), i);
            if (needed == step.Id.Value && _steps.GetValueOrDefault(needed, index) == index)
            {
                Wrong(index, PlanCodes.DependsOnItself, $"`{needed}` depends on itself.", path, "Remove it from `depends_on`.");
                complete = false;
            }
            else if (_steps.TryGetValue(needed, out var at) && _spec.Steps[at].Compensates is not null)
            {
                Wrong(index, PlanCodes.WrongCompensation, $"`{step.Id}` depends on `{needed}`, which runs only when the run has failed.", path,
                    "A step that compensates ends the run: nothing comes after it.");
                complete = false;
            }
            else if (_steps.TryGetValue(needed, out at)) known.Add(at);
            else
            {
                complete = false;
                Wrong(index, PlanCodes.UnknownStep, $"`{step.Id}` depends on {Describe.Quote(needed)}, but there is no such step.", path,
                    _faults.Count < _bounds.FaultsMax ? StepAdvice(needed, index) : null);
            }
        }
        return ([.. known.Distinct()], complete);
    }

    private void CheckCycles(Graph graph)
    {
        if (!graph.HasCycles) return;
        foreach (var cycle in graph.Cycles())
        {
            var names = cycle.Append(cycle[0]).Select(i => _spec.Steps[i].Id.Value);
            Wrong(cycle[0], PlanCodes.Cycle, $"Steps wait for each other in a circle: {string.Join(" → ", names)}.",
                SpecPath.Field(SpecPath.Step(cycle[0]), "depends_on"), "Remove one of these dependencies.");
        }
    }

    private string? StepAdvice(string id, int asking)
    {
        var port = id.Split('.')[0];
        if (port != id && _steps.ContainsKey(port)) return $"Write `{port}`; a field of the step says which of its datasets is read.";
        var others = _steps.Keys.Where(k => _steps[k] != asking).ToArray();
        if (Spelling.Nearest(id, others) is { } nearest) return $"Did you mean `{nearest}`?";
        return others.Length is > 0 and <= 12 ? $"There are: {string.Join(", ", others)}." : null;
    }

    private void Wrong(int step, string code, string message, string path, string? hint = null) =>
        _faults.Add((step, new Fault(FaultKind.Invalid, code, message, path, hint)));
}
