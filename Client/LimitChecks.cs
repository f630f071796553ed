using System.Collections.Immutable;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Client;

/// <summary>Whether a run would ever come through its limits. A limit that vanishes later keeps the run waiting, which then says so.</summary>
public static class LimitChecks
{
    /// <param name="find">How a limit is set; null: it is not.</param>
    public static async Task<ImmutableArray<Fault>> Faults(PipelineSpec spec, Func<string, Task<LimitSpec?>> find)
    {
        var known = new Dictionary<string, LimitSpec?>(StringComparer.Ordinal);
        foreach (var name in LimitCheck.NamesIn(spec)) known[name] = LimitCheck.IsName(name) ? await find(name) : null;
        return LimitCheck.Faults(spec, known.GetValueOrDefault);
    }
}
