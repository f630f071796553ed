using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Shells;

/// <summary>Checked plans of specs that were started before: a thousand runs of one pipeline are checked once and share one plan.</summary>
internal sealed class PlanCache(Func<PipelineSpec, PlanResult> check)
{
    /// <summary>More pipelines than a team starts in a day; a plan of the usual size takes some kilobytes.</summary>
    private const int PlansMax = 256;

    private readonly ConditionalWeakTable<PipelineSpec, PlanResult> _bySpec = [];
    private readonly ConcurrentDictionary<string, PlanResult> _byContent = [];

    public PlanResult Check(PipelineSpec spec)
    {
        if (_bySpec.TryGetValue(spec, out var known)) return known;
        var content = spec.ToValue().ToJson();
        if (!_byContent.TryGetValue(content, out known))
        {
            known = check(spec);
            if (known is not PlanResult.Checked) return known;
            if (_byContent.Count >= PlansMax) _byContent.Clear();
            _byContent[content] = known;
        }
        _bySpec.AddOrUpdate(spec, known);
        return known;
    }
}
