using System.Collections.Immutable;

namespace OrleansEtl.Engine.Plans;

/// <summary>The answer of the check: a plan, or every fault that was found.</summary>
public abstract record PlanResult
{
    private PlanResult() { }
    public sealed record Checked(Plan Plan) : PlanResult;
    public sealed record Faulty(ImmutableArray<Fault> Faults) : PlanResult;
}
