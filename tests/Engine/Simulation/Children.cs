using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>The runs that steps of the run start, or items of them: each begins when it is first asked to, and ends after a while, or soon after it was
/// stopped.</summary>
internal sealed class Children(World world)
{
    private static readonly Fault Stopped = new(FaultKind.Cancelled, "ETL6832", "It was cancelled.");
    private readonly Dictionary<RunId, Child> _all = [];

    /// <summary>All that ever began.</summary>
    public IEnumerable<(RunId Id, DateTimeOffset BeganAt, DateTimeOffset EndsAt)> All => _all.Select(child => (child.Key, child.Value.BeganAt, child.Value.EndsAt));

    /// <param name="ended">Told when it has ended; who asks again later is told then.</param>
    public void Start(int stage, RunId id, Action<Fault?> ended)
    {
        var now = world.Agenda.Now;
        if (!_all.TryGetValue(id, out var child))
            _all[id] = child = new Child(now, now.AddSeconds(world.Random.NextDouble() * 30), world.Script.EndOfChild(stage, ItemOf(id)));
        if (child.EndsAt <= now) ended(child.Fault);
    }

    public void Stop(int stage, RunId id, Action<Fault?> ended)
    {
        Start(stage, id, _ => { });
        var child = _all[id];
        var soon = world.Agenda.Now.AddSeconds(1);
        if (child.EndsAt > soon) _all[id] = child with { EndsAt = soon, Fault = Stopped };
        if (_all[id].EndsAt <= world.Agenda.Now) ended(_all[id].Fault);
    }

    /// <summary>As the journal has it; null: a whole step waits for it, or nobody has written it down.</summary>
    private int? ItemOf(RunId id) => world.Store.Journal.OfType<RunEvent.ItemsAwait>().SelectMany(e => e.Children)
        .FirstOrDefault(child => child.Run.Run == id)?.Item;

    private sealed record Child(DateTimeOffset BeganAt, DateTimeOffset EndsAt, Fault? Fault);
}
