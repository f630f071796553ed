using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Tests.Properties;

/// <summary>What becomes of each stage, worked out in the plainest way, without events, attempts or counters.</summary>
internal static class NaiveModel
{
    /// <param name="fails">Whether a stage fails for good, should it run.</param>
    /// <param name="skipped">Whether somebody skips it when its turn has come.</param>
    public static StepStatus[] Statuses(Plan plan, Func<int, bool> fails, Func<int, bool>? skipped = null)
    {
        var ends = new StepStatus[plan.Stages.Length];
        foreach (var stage in plan.Stages.Where(stage => stage.Condition is not StepCondition.Compensation))
        {
            var runs = stage.Condition switch
            {
                StepCondition.Always => true,
                StepCondition.OnFailure => Before(stage).Any(earlier => ends[earlier] == StepStatus.Failed),
                _ => stage.Needs.All(need => ends[need] == StepStatus.Succeeded),
            };
            ends[stage.Index] = !runs || skipped?.Invoke(stage.Index) == true ? StepStatus.Skipped : fails(stage.Index) ? StepStatus.Failed : StepStatus.Succeeded;
        }
        var failed = ends.Contains(StepStatus.Failed);
        foreach (var (undone, undoes) in plan.Compensations)
            ends[undoes] = !failed || ends[undone] != StepStatus.Succeeded || skipped?.Invoke(undoes) == true ? StepStatus.Skipped
                : fails(undoes) ? StepStatus.Failed : StepStatus.Succeeded;
        return ends;

        HashSet<int> Before(PlannedStage stage) => [.. stage.Needs, .. stage.Needs.SelectMany(need => Before(plan.Stages[need]))];
    }

    public static RunStatus Status(StepStatus[] ends) => ends.Contains(StepStatus.Failed) ? RunStatus.Failed : RunStatus.Succeeded;
}
