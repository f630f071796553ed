using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>Those who pause the run and resume it, signal, approve, and skip a step whose turn has come.</summary>
internal sealed class People(World world)
{
    private const double ResumeSeconds = 90;
    private readonly int _signals = world.Plan.Steps.Count(step => step.Awaits == AwaitKind.Signal);

    /// <summary>Signals that are sent, each under a key of its own and more than once.</summary>
    public int Signals => _signals;

    public void Begin()
    {
        for (var i = 0; i < _signals; i++)
        {
            var signal = Words.Signal("go", $"k{i}", Words.Value("n", i));
            At(80, () => OnceItIsThere(signal));
            At(80, () => OnceItIsThere(signal));
        }
        foreach (var step in world.Plan.Steps.Where(step => step.Awaits == AwaitKind.Approval))
            world.Agenda.Every(7, () => Answer(step.Spec.Id.Value, step.Stage));
        if (world.Random.Next(4) == 0) At(60, () => world.Ask(Words.Pause(), then: () => At(40, () => world.Ask(Words.Resume()))));
        world.Agenda.Every(ResumeSeconds, Resume);
        if (world.Random.Next(4) == 0) At(60, Skip);
    }

    private void At(double withinSeconds, Action happens) => world.Agenda.After(world.Random.NextDouble() * withinSeconds, happens);

    private void OnceItIsThere(RunCommand command)
    {
        if (world.Store.Read().Exists) world.Ask(command);
        else world.Agenda.After(5, () => OnceItIsThere(command));
    }

    private bool Answer(string step, int stage)
    {
        var run = world.Store.Read();
        if (run.Exists && run.Stages[stage].Status == StepStatus.Awaiting) world.Ask(Words.Review(step));
        return !run.Exists || !run.Stages[stage].Status.IsTerminal();
    }

    /// <summary>A pause may arrive late, after it was resumed; whoever sees that resumes again.</summary>
    private bool Resume()
    {
        if (world.Store.Read().Status == RunStatus.Paused) world.Ask(Words.Resume());
        if (world.Store.Read().Status == RunStatus.Quarantined) world.Ask(Words.Redrive());
        return !world.Store.Ended;
    }

    private void Skip()
    {
        var run = world.Store.Read();
        if (!run.Exists || run.Status.IsTerminal()) return;
        var begun = world.Plan.Stages.Where(stage => run.Stages[stage.Index].Status is StepStatus.Running or StepStatus.Retrying).ToArray();
        if (begun.Length > 0) world.Ask(Words.Skip(run.FirstOf(begun[world.Random.Next(begun.Length)])));
    }
}

internal static class StepsOf
{
    public static string FirstOf(this Run run, Plans.PlannedStage stage) => run.Plan!.Steps[stage.Steps[0]].Spec.Id.Value;
}
