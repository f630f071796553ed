namespace OrleansEtl.Simulation.Tests;

/// <summary>Simulated time: what is to happen, earliest first, and in the order of entry when at once. It is the only thing that makes
/// anything happen, on one thread, so that a seed decides everything.</summary>
internal sealed class Agenda(DateTimeOffset start)
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Entry)> _entries = new();
    private long _entered;

    public DateTimeOffset Now { get; private set; } = start;
    public long Steps { get; private set; }

    public void At(DateTimeOffset at, Action happens) => _entries.Enqueue(happens, (at < Now ? Now : at, _entered++));

    public void After(TimeSpan wait, Action happens) => At(Now + wait, happens);

    public bool Step()
    {
        if (!_entries.TryDequeue(out var happens, out var due)) return false;
        Now = due.At;
        Steps++;
        happens();
        return true;
    }
}
