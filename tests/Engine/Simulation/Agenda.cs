namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>Simulated time: what is to happen, earliest first, and in the order of entry when at once.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Entry)> _entries = new();
    private long _entered;

    public DateTimeOffset Now { get; private set; } = Given.Noon;

    public void At(DateTimeOffset at, Action happens) => _entries.Enqueue(happens, (at < Now ? Now : at, _entered++));

    public void After(double seconds, Action happens) => At(Now.AddSeconds(seconds), happens);

    /// <summary>Again and again, until it answers false.</summary>
    public void Every(double seconds, Func<bool> happens) => After(seconds, () =>
    {
        if (happens()) Every(seconds, happens);
    });

    public bool Step()
    {
        if (!_entries.TryDequeue(out var happens, out var due)) return false;
        Now = due.At;
        happens();
        return true;
    }
}
