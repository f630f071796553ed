namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>Those who run the attempts of stages, one for each stage, and those that were cut off and do not know it.</summary>
internal sealed class Workers(World world)
{
    private readonly Dictionary<int, Execution> _current = [];

    public void Dispatch(int stage, Attempt attempt, int retried)
    {
        if (_current.TryGetValue(stage, out var older))
        {
            if (older.Attempt.CompareTo(attempt) >= 0) return;
            if (!world.Loses()) older.Vanish(); // else it is cut off: it goes on and will report in vain
        }
        _current[stage] = new Execution(world, stage, attempt, retried);
    }

    public void Stop(int stage, Attempt attempt)
    {
        if (_current.TryGetValue(stage, out var current) && current.Attempt == attempt) current.Stop();
    }

    /// <summary>The process of one of them dies.</summary>
    public void Kill(int stage)
    {
        if (_current.Remove(stage, out var current)) current.Vanish();
    }
}

/// <summary>One attempt being run. It keeps its report until somebody has heard it.</summary>
internal sealed class Execution
{
    private readonly World _world;
    private readonly int _stage;
    private StageOutcome? _outcome;
    private bool _gone;

    public Execution(World world, int stage, Attempt attempt, int retried)
    {
        (_world, _stage, Attempt) = (world, stage, attempt);
        world.Agenda.After(world.Random.NextDouble() * 20, () => End(world.Script.Outcome(stage, attempt, retried)));
        world.Agenda.Every(4, () =>
        {
            if (!_gone) world.Send(() => world.Owner().Heartbeat(stage, attempt, stop: () => world.Send(Vanish)));
            return !_gone;
        });
    }

    public Attempt Attempt { get; }

    public void Vanish() => _gone = true;

    public void Stop() => End(new StageOutcome.Stopped());

    private void End(StageOutcome outcome)
    {
        if (_gone || _outcome is not null) return;
        _outcome = outcome;
        Report();
        _world.Agenda.Every(5, () =>
        {
            if (!_gone) Report();
            return !_gone;
        });
    }

    private void Report() => _world.Send(() =>
        _world.Owner().Tell(new RunCommand.Report(_stage, Attempt, _outcome!), _ => _world.Send(Vanish)));
}
