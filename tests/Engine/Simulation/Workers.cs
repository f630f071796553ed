using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>What an attempt is told.</summary>
/// <param name="Retried">How often it, or its items, failed before.</param>
/// <param name="Items">What it does for a stage that runs for each item.</param>
/// <param name="IsSuspect">Whether it says when it begins.</param>
internal sealed record Task(int Stage, Attempt Attempt, int Retried, ItemWork? Items, bool IsSuspect)
{
    /// <summary>Who runs it: one for each stage, and one for each attempt of a stage that runs for each item.</summary>
    public (int, int) Place => (Stage, Items is null ? 0 : Attempt.Number);
}

/// <summary>Those who run attempts, and those that were cut off and do not know it.</summary>
internal sealed class Workers(World world)
{
    private readonly Dictionary<(int, int), Execution> _current = [];

    public void Dispatch(Task task)
    {
        if (_current.TryGetValue(task.Place, out var older))
        {
            if (older.Attempt.CompareTo(task.Attempt) >= 0) return;
            if (!world.Loses()) older.Vanish(); // else it is cut off: it goes on and will report in vain
        }
        _current[task.Place] = new Execution(world, task);
    }

    public void Stop(int stage, Attempt attempt)
    {
        foreach (var place in new[] { (stage, 0), (stage, attempt.Number) })
            if (_current.TryGetValue(place, out var current) && current.Attempt == attempt) current.Stop();
    }

    /// <summary>The process of one of them dies.</summary>
    public void Kill(int stage)
    {
        var there = _current.Keys.Where(place => place.Item1 == stage).Order().ToArray();
        if (there is [] || !_current.Remove(there[world.Random.Next(there.Length)], out var current)) return;
        current.Vanish();
    }
}

/// <summary>One attempt being run. It keeps its report until somebody has heard it.</summary>
internal sealed class Execution
{
    private readonly World _world;
    private readonly Task _task;
    private StageOutcome? _outcome;
    private bool _gone;
    private int _keeps = int.MaxValue;

    public Execution(World world, Task task)
    {
        (_world, _task) = (world, task);
        if (task.IsSuspect) Announce();
        else Begin();
        world.Agenda.Every(4, () =>
        {
            if (!_gone) world.Send(() => world.Owner().Heartbeat(task.Stage, Attempt, stop: () => world.Send(Vanish)));
            return !_gone;
        });
        if (task.Items is ItemWork.Slice { Count: > 1 } slice && world.Random.Next(3) == 0) HandBack(world.Random.Next(1, slice.Count));
    }

    public Attempt Attempt => _task.Attempt;

    private void Begin() => _world.Agenda.After(_world.Random.NextDouble() * 20, () => End(_world.Script.Outcome(_task, _keeps)));

    /// <summary>It begins when the run says that it knows.</summary>
    private void Announce()
    {
        var (began, isOver) = (false, false);
        Ask();
        _world.Agenda.Every(5, () =>
        {
            if (!_gone && !isOver) Ask();
            return !_gone && !isOver;
        });

        void Ask() => _world.Send(() => _world.Owner().Tell(new RunCommand.Begin(_task.Stage, Attempt), decision => _world.Send(() =>
        {
            if (isOver || _gone || _outcome is not null) return;
            (began, isOver) = (decision is Decision.Accepted, true);
            if (began) Begin();
            else End(new StageOutcome.Stopped());
        })));
    }

    public void Vanish() => _gone = true;

    public void Stop() => End(new StageOutcome.Stopped());

    /// <summary>It holds to what it says from the moment when it says it.</summary>
    private void HandBack(int keeps)
    {
        _keeps = keeps;
        _world.Send(() => _world.Owner().Tell(new RunCommand.HandBack(_task.Stage, Attempt, keeps), _ => { }));
    }

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
        _world.Owner().Tell(new RunCommand.Report(_task.Stage, Attempt, _outcome!), _ => _world.Send(Vanish)));
}
