using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Whether a stage whose needs have all ended may run. Its conditions are those of its first step: a step with a condition
/// always begins a stage.</summary>
internal abstract record Admission
{
    private Admission() { }

    public sealed record Enter : Admission;
    public sealed record Await(Awaited For) : Admission;
    public sealed record Skip(string Reason) : Admission;
    public sealed record Reject(StepId Step, Fault Fault) : Admission;

    public static Admission Of(Run run, int stage, DateTimeOffset now)
    {
        var state = run.Stages[stage];
        return run.Planned(stage).Condition switch
        {
            StepCondition.Always => Filled(run, stage, now),
            StepCondition.OnFailure => state.FailedUpstream ? Filled(run, stage, now) : new Skip("nothing before it failed"),
            StepCondition.OnSuccess => state.NeedsUnmet ? Unmet(run, stage) : Filled(run, stage, now),
            StepCondition.If condition => state.NeedsUnmet ? Unmet(run, stage) : Asked(run, stage, condition, now),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Skip Unmet(Run run, int stage)
    {
        foreach (var need in run.Planned(stage).Needs)
        {
            var state = run.Stages[need];
            if (state.HasSucceeded) continue;
            var step = state.FaultStep ?? run.FirstStep(need);
            return new Skip($"{step} {(state.Status == StepStatus.Failed ? "failed" : "was " + state.Status.Word())}");
        }
        return new Skip("something before it did not succeed");
    }

    private static Admission Asked(Run run, int stage, StepCondition.If condition, DateTimeOffset now)
    {
        var asked = Evaluation.Condition(condition.Expression, run.Scope());
        if (!asked.Succeeded) return new Reject(run.FirstStep(stage), asked.Fault);
        return asked.Value ? Filled(run, stage, now) : new Skip($"its condition is false: {condition.Expression}");
    }

    /// <summary>A stage is dispatched only when what its steps ask for can be filled in.</summary>
    public static Admission Filled(Run run, int stage, DateTimeOffset now)
    {
        foreach (var position in run.Planned(stage).Steps)
        {
            var step = run.Plan!.Steps[position];
            if (step.Spec.ForEach is not null)
            {
                if (run.ListOf(step) is { Succeeded: false, Fault: var no }) return new Reject(step.Spec.Id, no);
                continue;
            }
            var with = step.HasTemplates ? Templates.Fill(step, run.Scope()) : step.Spec.With;
            if (!with.Succeeded) return new Reject(step.Spec.Id, with.Fault);
            if (step.Awaits is not { } kind) continue;
            var awaited = Waiting.Of(kind, with.Value, run.Planned(stage).Timeout, () => run.ChildId(step.Spec.Id.Value, now), now);
            return awaited.Succeeded ? new Await(awaited.Value) : new Reject(step.Spec.Id, awaited.Fault);
        }
        return new Enter();
    }
}
