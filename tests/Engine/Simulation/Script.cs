using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>How each stage would end: after so many transient failures, well or badly. It counts real failures only, so that however
/// many attempts are lost, the end is the same.</summary>
internal sealed class Script
{
    private readonly Plan _plan;
    private readonly (int Transient, bool Fails)[] _stages;
    private readonly (int Transient, bool Fails)[] _items = [];
    private readonly Random _random;

    public Script(Plan plan, Random random)
    {
        _plan = plan;
        _stages = [.. plan.Stages.Select(stage => plan.Steps[stage.Steps[0]].Awaits is { } kind
            ? (0, kind == AwaitKind.Run && random.Next(4) == 0)
            : (random.Next(3) == 0 ? random.Next(stage.Retry.Max + 2) : 0, random.Next(6) == 0))];
        _random = random;
        if (plan.Steps[0].Spec.ForEach is null) return;
        _items = [.. Enumerable.Range(0, random.Next(30)).Select(_ =>
            (random.Next(4) == 0 ? random.Next(plan.Stages[0].Retry.Max + 1) : 0, random.Next(plan.Steps[0].Awaits is null ? 60 : 8) == 0))];
        _stages[0] = (_stages[0].Transient, _stages[0].Transient > plan.Stages[0].Retry.Max || _items.Any(item => item.Fails));
    }

    /// <summary>The ends of a run that nothing disturbs.</summary>
    /// <param name="skipped">Whether somebody skipped a stage.</param>
    public StepStatus[] Undisturbed(Func<int, bool> skipped) => Properties.NaiveModel.Statuses(
        _plan, stage => _stages[stage].Fails || _stages[stage].Transient > _plan.Stages[stage].Retry.Max, skipped);

    /// <summary>How the run ends that a stage waits for, or an item of it, when nobody stops it.</summary>
    public Fault? EndOfChild(int stage, int? item) => (item is { } one ? _items[one].Fails : _stages[stage].Fails) ? Words.Invalid : null;

    public StageOutcome Outcome(Task task, int keeps)
    {
        if (task.Items is ItemWork.Fill fill) return ItemWords.Filled(fill, _random.Next(4) == 0 ? _random.Next(1, fill.Count + 1) : fill.Count);
        if (task.Items is ItemWork.Slice slice) return OfSlice(slice, task.Retried, Math.Min(slice.Count, keeps));
        var (stage, attempt, retried) = (task.Stage, task.Attempt, task.Retried);
        if (task.Items is ItemWork.List && retried >= _stages[stage].Transient) return new StageOutcome.Listed(ItemWords.List(_items.Length), 0);
        var fails = task.Items is null && _stages[stage].Fails;
        var step = _plan.Steps[_plan.Stages[stage].Steps[0]].Spec.Id;
        if (retried < _stages[stage].Transient) return new StageOutcome.Failed(step, Words.Unavailable, []);
        if (fails) return new StageOutcome.Failed(step, Words.Invalid, []);
        var output = new StepOutput(PlannedInput.Out, Words.Dataset($"test/{step}", Files(attempt)), null, 1, 10);
        return new StageOutcome.Succeeded([new StepResult(step, 1, 1, 0, [output], [])]);
    }

    /// <summary>Sometimes it has not begun the last of them.</summary>
    private StageOutcome OfSlice(ItemWork.Slice slice, int tried, int count)
    {
        var done = _random.Next(4) == 0 ? _random.Next(1, count + 1) : count;
        var failures = Enumerable.Range(slice.From, done).Where(item => _items[item].Fails || tried < _items[item].Transient)
            .Select(item => new ItemFailure(item, tried < _items[item].Transient ? Words.Unavailable : Words.Invalid)).ToArray();
        return new StageOutcome.Items(done, [.. failures], failures.Length, 0, TimeSpan.FromMilliseconds(_random.NextDouble() * 200));
    }

    /// <summary>Files are written under their attempt.</summary>
    public static string Files(Attempt attempt) => $"attempt-{attempt}";
}
