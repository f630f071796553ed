using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>The runs that steps of the run start: each begins when it is first asked to, and ends after a while, or soon after it was stopped.</summary>
internal sealed class Children(World world)
{
    private readonly Dictionary<RunId, Child> _all = [];

    /// <summary>All that ever began, with the stages that they belong to.</summary>
    public IEnumerable<(RunId Id, int Stage, DateTimeOffset EndsAt)> All => _all.Select(child => (child.Key, child.Value.Stage, child.Value.EndsAt));

    /// <param name="ended">Told when it has ended; who asks again later is told then.</param>
    public void Start(int stage, RunId id, Action<Fault?> ended)
    {
        if (!_all.TryGetValue(id, out var child))
            _all[id] = child = new Child(stage, world.Agenda.Now.AddSeconds(world.Random.NextDouble() * 30), world.Script.EndOfChild(stage));
        if (child.EndsAt <= world.Agenda.Now) ended(child.Fault);
    }

    public void Stop(int stage, RunId id, Action<Fault?> ended)
    {
        Start(stage, id, _ => { });
        var child = _all[id];
        var soon = world.Agenda.Now.AddSeconds(1);
        if (child.EndsAt > soon) _all[id] = child with { EndsAt = soon, Fault = Words.Invalid };
        if (_all[id].EndsAt <= world.Agenda.Now) ended(_all[id].Fault);
    }

    private sealed record Child(int Stage, DateTimeOffset EndsAt, Fault? Fault);
}
