using System.Diagnostics;

namespace OrleansEtl.Warden;

/// <summary>
/// Waits for the program's end, and ends what is left of it. The program leads a group, and whatever leaves the group by a
/// daemon's double fork comes back as a child of this process once its parents are gone. So two acts reach everything: the
/// group is killed while its leader still holds its number, then children are killed until there are none. Only numbers of
/// processes that are not yet reaped are ever signalled, and only this thread reaps: no signal can hit a stranger who got
/// the number of somebody who died.
/// What it cannot reach: processes of another user (a program that is allowed to become one), and those that hang in the
/// kernel; they are counted.
/// </summary>
internal sealed class Watch(int leader, TimeSpan grace, ManualResetEventSlim happened)
{
    /// <summary>How long the kernel may take to end what was killed.</summary>
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(10);

    /// <summary>Children are looked after so often while they are being killed: a new one gives no signal.</summary>
    private static readonly TimeSpan KillAgain = TimeSpan.FromMilliseconds(20);

    private volatile bool _stopAsked;
    private volatile bool _killAsked;
    private (int Status, TimeSpan Cpu, long MemoryBytes)? _ended;
    private Stopwatch? _stopping;
    private Stopwatch? _killing;

    public void Stop()
    {
        _stopAsked = true;
        happened.Set();
    }

    public void Kill()
    {
        _killAsked = true;
        happened.Set();
    }

    public Ending UntilTheEnd()
    {
        while (true)
        {
            happened.Reset();
            if (Reap()) return Ended(left: 0);
            if (_killing?.Elapsed > KillPatience) return Ended(ProcessTable.ChildrenOf(Environment.ProcessId).Count());
            if (_ended is not null || _killAsked || _stopping?.Elapsed >= grace) KillAll();
            else if (_stopAsked && _stopping is null) AskToStop();
            happened.Wait(Pause());
        }
    }

    /// <summary>Takes all children that have ended off the table; true when there are none left.</summary>
    private bool Reap()
    {
        while (Posix.Ended() is { } child)
        {
            if (child == 0) return false;
            if (child == leader) Posix.Kill(-leader, Posix.SigKill);
            var ended = Posix.Reap(child);
            if (child == leader) _ended = ended;
        }

        return true;
    }

    private void AskToStop()
    {
        _stopping = Stopwatch.StartNew();
        Posix.Kill(-leader, Posix.SigTerm);
        Posix.Kill(-leader, Posix.SigCont); // a stopped process does not hear
    }

    private void KillAll()
    {
        _killing ??= Stopwatch.StartNew();
        if (_ended is null) Posix.Kill(-leader, Posix.SigKill);
        foreach (var child in ProcessTable.ChildrenOf(Environment.ProcessId)) Posix.Kill(child, Posix.SigKill);
    }

    private TimeSpan Pause() =>
        _killing is not null ? KillAgain
        : _stopping is { } since ? TimeSpan.FromTicks(Math.Max(0, (grace - since.Elapsed).Ticks) + TimeSpan.TicksPerMillisecond)
        : Timeout.InfiniteTimeSpan;

    private Ending Ended(int left)
    {
        if (_ended is not { } ended) return new Ending(EndedBy.Signal, Posix.SigKill, TimeSpan.Zero, 0, left);
        var signal = ended.Status & 0x7f;
        return signal == 0
            ? new Ending(EndedBy.Exit, (ended.Status >> 8) & 0xff, ended.Cpu, ended.MemoryBytes, left)
            : new Ending(EndedBy.Signal, signal, ended.Cpu, ended.MemoryBytes, left);
    }
}
