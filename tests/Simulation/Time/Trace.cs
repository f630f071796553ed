namespace OrleansEtl.Simulation.Tests;

/// <summary>What happened, as a number that two plays of one seed share, and in words when somebody wants to read it.</summary>
internal sealed class Trace(Agenda agenda, bool isWritten)
{
    private const ulong Prime = 1099511628211;

    public ulong Hash { get; private set; } = 14695981039346656037;
    public List<string> Lines { get; } = [];
    public bool IsWritten => isWritten;

    public void Note(string kind, string? who, string? what = null, long number = 0)
    {
        Mix(kind);
        Mix(who);
        Mix(what);
        Hash = (Hash ^ (ulong)number) * Prime;
        Hash = (Hash ^ (ulong)agenda.Now.Ticks) * Prime;
        if (isWritten) Lines.Add($"{(agenda.Now - World.Start).TotalSeconds,10:0.0000} {kind,-10} {who,-9} {what} {number}");
    }

    public void Say(string who, string words)
    {
        if (isWritten) Lines.Add($"{(agenda.Now - World.Start).TotalSeconds,10:0.0000} {"says",-10} {who,-9} {words}");
    }

    private void Mix(string? text)
    {
        if (text is null) return;
        foreach (var letter in text) Hash = (Hash ^ letter) * Prime;
    }
}
