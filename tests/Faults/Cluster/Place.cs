using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OrleansEtl.Faults.Tests.Oracle;
using OrleansEtl.Servers;

namespace OrleansEtl.Faults.Tests.Cluster;

/// <summary>Where one silo after the other lives: its ports, a proxy on the way to it and one on its way to the database, and somebody who
/// starts a new process whenever one has ended, as every host of services does.</summary>
internal sealed class Place : IAsyncDisposable
{
    /// <summary>Between the end of a process and the start of the next, so that one that cannot start does not keep the machine busy.</summary>
    private static readonly TimeSpan StartAgainAfter = TimeSpan.FromMilliseconds(300);

    private readonly Func<Place, SiloProcess> _start;
    private readonly ConcurrentQueue<Life> _lives;
    private readonly Action<string> _say;
    private readonly Task _keeping;
    private volatile bool _closing;

    public Place(int number, int databasePort, Func<Place, SiloProcess> start, ConcurrentQueue<Life> lives, Action<string> say)
    {
        (Number, ListenPort, GatewayPort) = (number, FreePorts.Next(), FreePorts.Next());
        Peers = TcpProxy.To(ListenPort);
        Database = TcpProxy.To(databasePort);
        (_start, _lives, _say) = (start, lives, say);
        Now = start(this);
        _keeping = Keep();
    }

    public int Number { get; }

    /// <summary>Where the silo listens; others are told the port of <see cref="Peers"/>.</summary>
    public int ListenPort { get; }

    public int GatewayPort { get; }

    public TcpProxy Peers { get; }

    public TcpProxy Database { get; }

    public SiloProcess Now { get; private set; }

    /// <summary>The process that lives here, or the next one: what does not live cannot be harmed.</summary>
    public async Task<SiloProcess> Living()
    {
        while (Now.HasEnded || Now.WasAsked) await Task.Delay(50);
        return Now;
    }

    /// <summary>Until the process that lives here now, or a later one, takes calls.</summary>
    public async Task IsReady(TimeSpan patience)
    {
        using var over = new CancellationTokenSource(patience);
        while (true)
        {
            var now = Now;
            if (!now.HasEnded && now.Ready.IsCompleted) return;
            await Task.WhenAny(now.Ready, Task.Delay(50, over.Token));
            if (over.IsCancellationRequested) throw new TimeoutException($"silo {Number} took no calls within {patience.TotalSeconds:0} s");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        Peers.Mend();
        Database.Mend();
        if (Now.IsFrozen) Now.Thaw();
        if (!Now.HasEnded) Now.Terminate();
        var late = Task.Delay(SiloProcess.LeaveBound);
        if (await Task.WhenAny(_keeping, late) == late && !Now.HasEnded) Now.Kill();
        await _keeping;
        await Peers.DisposeAsync();
        await Database.DisposeAsync();
    }

    private async Task Keep()
    {
        while (true)
        {
            var process = Now;
            var life = await process.End();
            _lives.Enqueue(life);
            if (!process.WasAsked && process.Ready.IsCompleted)
                _say($"{life.Name} ended by itself with code {life.Ended!.ExitCode}: {string.Join(" | ", life.Said.TakeLast(2))}");
            if (_closing) return;
            await Task.Delay(StartAgainAfter);
            if (_closing) return;
            Now = _start(this);
        }
    }
}
