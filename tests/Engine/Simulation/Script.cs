using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>How each stage would end: after so many transient failures, well or badly. It counts real failures only, so that however
/// many attempts are lost, the end is the same.</summary>
internal sealed class Script
{
    private readonly Plan _plan;
    private readonly (int Transient, bool Fails)[] _stages;

    public Script(Plan plan, Random random)
    {
        _plan = plan;
        _stages = [.. plan.Stages.Select(stage => plan.Steps[stage.Steps[0]].Awaits is not null
            ? (0, false)
            : (random.Next(3) == 0 ? random.Next(stage.Retry.Max + 2) : 0, random.Next(6) == 0))];
    }

    /// <summary>The ends of a run that nothing disturbs.</summary>
    /// <param name="skipped">Whether somebody skipped a stage.</param>
    public StepStatus[] Undisturbed(Func<int, bool> skipped) => Properties.NaiveModel.Statuses(
        _plan, stage => _stages[stage].Fails || _stages[stage].Transient > _plan.Stages[stage].Retry.Max, skipped);

    public StageOutcome Outcome(int stage, Attempt attempt, int retried)
    {
        var step = _plan.Steps[_plan.Stages[stage].Steps[0]].Spec.Id;
        if (retried < _stages[stage].Transient) return new StageOutcome.Failed(step, Words.Unavailable, []);
        if (_stages[stage].Fails) return new StageOutcome.Failed(step, Words.Invalid, []);
        var output = new StepOutput(PlannedInput.Out, Words.Dataset($"test/{step}", Files(attempt)), null, 1, 10);
        return new StageOutcome.Succeeded([new StepResult(step, 1, 1, 0, [output], [])]);
    }

    /// <summary>Files are written under their attempt.</summary>
    public static string Files(Attempt attempt) => $"attempt-{attempt}";
}
