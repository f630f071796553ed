using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Testing;

/// <summary>The part of a pipeline that a case runs: given steps read their given rows, what only fed them is left out, and so are
/// loads unless the case asks for them. Limits are for those who share something, which tests do not,
/// and alerts for those who wait for something.</summary>
public sealed class TestedPipeline
{
    /// <summary>The kind that reads given rows.</summary>
    public const string GivenKind = "extract.json";

    private readonly PipelineSpec _spec;
    private readonly TestCase _case;
    private readonly KindCatalog _kinds;
    private readonly Dictionary<string, StepSpec> _steps;

    private TestedPipeline(PipelineSpec spec, TestCase @case, KindCatalog kinds) =>
        (_spec, _case, _kinds, _steps) = (spec, @case, kinds, spec.Steps.ToDictionary(step => step.Id.Value));

    /// <param name="fileOf">The file with the given rows of a step, one JSON object a line.</param>
    /// <returns>The pipeline of the case; or all that the case says wrongly about it.</returns>
    public static (PipelineSpec? Spec, ImmutableArray<Fault> Faults) Of(
        PipelineSpec spec, TestCase @case, KindCatalog kinds, Func<StepId, string> fileOf)
    {
        var tested = new TestedPipeline(spec, @case, kinds);
        ImmutableArray<Fault> faults = [.. tested.Faults()];
        if (!faults.IsEmpty) return (null, faults);
        return (tested.Cut(fileOf), faults);
    }

    private IEnumerable<Fault> Faults()
    {
        foreach (var step in _case.Given.Select(given => given.Step).Concat(_case.Expected.Select(expected => expected.Step)).Distinct())
        {
            if (!_steps.TryGetValue(step.Value, out var known))
                yield return new Fault(FaultKind.Invalid, "ETL6130", $"{_spec.Name} has no step `{step}`.", null,
                    Spelling.Nearest(step.Value, _steps.Keys) is { } nearest ? $"Did you mean `{nearest}`?"
                        : $"Its steps: {string.Join(", ", _steps.Keys.Take(20))}.");
            else if (!_case.Loads && _case.Given.All(given => given.Step != step) && IsBehindLoad(known))
                yield return new Fault(FaultKind.Invalid, "ETL6131", $"`{step}` loads, or comes after a step that does, and loads are not run.", null,
                    "Expect something of the step before it; or add `loads: true` to the case: then they load to where they always do.");
        }
    }

    private PipelineSpec Cut(Func<StepId, string> fileOf)
    {
        var kept = new HashSet<string>();
        var open = new Stack<string>(Targets());
        while (open.TryPop(out var id))
            if (kept.Add(id) && !IsGiven(id))
                foreach (var needed in _steps[id].DependsOn) open.Push(needed.Value);
        return _spec with
        {
            Limits = null, Alerts = null, Steps = [.. _spec.Steps.Where(step => kept.Contains(step.Id.Value)).Select(step => Step(step, fileOf))],
        };
    }

    /// <summary>The steps that the case is about: those that it expects something of; without any, those that nothing comes after.</summary>
    private IEnumerable<string> Targets()
    {
        var runs = _spec.Steps.Where(step => _case.Loads || !IsBehindLoad(step)).ToArray();
        var needed = runs.SelectMany(step => step.DependsOn).Select(id => id.Value).ToHashSet();
        var last = runs.Where(step => !needed.Contains(step.Id.Value)).Select(step => step.Id.Value);
        return _case.Expected.IsEmpty ? last
            : _case.Expected.Select(expected => expected.Step.Value)
                .Concat(_case.Loads ? runs.Where(IsLoad).Select(step => step.Id.Value) : []);
    }

    private StepSpec Step(StepSpec step, Func<StepId, string> fileOf)
    {
        var isLookedAt = _case.Expected.Any(expected => expected.Step == step.Id && expected.LooksAtRows);
        if (_case.Given.FirstOrDefault(given => given.Step == step.Id) is not { } given)
            return step with
            {
                Materialize = step.Materialize || isLookedAt, Limits = null,
                Retry = _kinds.Find(step.Kind) is { Awaits: not null } ? step.Retry : RetrySpec.Default with { Max = 0 },
            };
        return new StepSpec(step.Id, GivenKind, [], new SpecValue.Map([
            new("path", new SpecValue.Text(fileOf(step.Id))),
            new("format", new SpecValue.Text("ndjson")),
            .. given.Columns.IsEmpty ? [] : new Field[] { new("columns", new SpecValue.Map(given.Columns)) },
            new("rejects_max", new SpecValue.Integer(0)), // a given row that does not fit is a mistake of the test
        ]), Materialize: isLookedAt);
    }

    private bool IsGiven(string id) => _case.Given.Any(given => given.Step.Value == id);

    private bool IsLoad(StepSpec step) => _kinds.Find(step.Kind)?.Category == StepCategory.Load;

    private bool IsBehindLoad(StepSpec step)
    {
        var (seen, open) = (new HashSet<string>(), new Stack<StepSpec>([step]));
        while (open.TryPop(out var one))
        {
            if (IsGiven(one.Id.Value) || !seen.Add(one.Id.Value)) continue;
            if (IsLoad(one)) return true;
            foreach (var needed in one.DependsOn) open.Push(_steps[needed.Value]);
        }
        return false;
    }
}
