using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.MembershipService;

/// <summary>
/// The cluster as one table tells it. What it promises: the view of a silo only moves forward; every change of a status
/// was written on the condition of the version before it, so all silos see the same sequence; a silo is declared dead
/// by votes of those who cannot reach it, or because its lease ran out by the table's own time; a silo that reads that
/// it is dead says so by <see cref="Died"/> and writes nothing any more. What it does not promise: that two silos have
/// the same view at one moment. While the table is away nobody joins, leaves or dies.
/// </summary>
internal sealed partial class TableMembership : IClusterMembership, IAsyncDisposable
{
    // One of several writers always gets through, so this many rounds mean that something else is wrong.
    private const int WriteAttemptsMax = 200;

    private readonly SiloAddress _here;
    private readonly IMembershipTable _table;
    private readonly ISiloTransport _transport;
    private readonly ClusterMembershipOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TaskScheduler _scheduler;
    private readonly Lock _telling = new();
    private readonly Lock _writing = new();
    private readonly CancellationTokenSource _ended = new();
    private volatile ClusterView _view = ClusterView.Nothing;
    private MembershipEntry? _own;
    private Task _lastWrite = Task.CompletedTask;
    private Task _told = Task.CompletedTask;
    private Task _loops = Task.CompletedTask;
    private int _versionHeard;
    private bool _died;

    public TableMembership(
        SiloAddress here, IMembershipTable table, ISiloTransport transport, ClusterMembershipOptions options,
        TimeProvider time, ILogger log, TaskScheduler? scheduler = null)
    {
        _here = here;
        _table = table;
        _transport = transport;
        _options = options;
        _time = time;
        _log = log;
        Vigil = new(time, options.StallMax, RenewSoon);
        _scheduler = scheduler ?? TaskScheduler.Default;
        _reading = new(ReadAll, _scheduler);
    }

    public event Action<SiloAddress, SiloStatus>? Changed;

    /// <summary>This silo was declared dead by others; it must not do anything any more.</summary>
    public event Action<string>? Died;

    public ImmutableArray<ClusterPeer> Peers => _view.Peers;

    public ClusterView View => _view;

    /// <summary>Whether this silo may act on what it knows.</summary>
    public Vigil Vigil { get; }

    /// <summary>Tells another silo that there is a new version; ends when it has read it.</summary>
    public Func<SiloAddress, int, Task>? Gossip { get; set; }

    public required int GatewayPort { get; init; }

    public required string HostName { get; init; }

    public async Task Announce(ClusterPeer peer, CancellationToken cancellation)
    {
        if (peer.Status == SiloStatus.Dead)
        {
            await Leave();
            return;
        }

        using var patience = new CancellationTokenSource(_options.MaxJoinAttemptTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token, _ended.Token);
        if (_own is null) await Join(peer, either.Token);
        if (peer.Status == SiloStatus.Active) await ReachEverybody(either.Token);
        await Insist(() => WriteOwn(peer.Status), $"announce that it is {peer.Status}", either.Token);
        await OthersKnow();
    }

    /// <summary>Reads the table; what is known afterwards is at least as new as what was there at the call.</summary>
    public async Task Refresh()
    {
        try
        {
            await _reading.Next();
        }
        catch (Exception error) when (error is not ObjectDisposedException)
        {
            _log.LogDebug(error, "The membership table could not be read.");
        }
    }

    /// <summary>Another silo knows that version.</summary>
    public Task Heard(int version)
    {
        if (version <= _view.Version) return Task.CompletedTask;
        InterlockedMax(ref _versionHeard, version);
        return Refresh();
    }

    /// <summary>Declares a silo dead because somebody says so.</summary>
    public async Task<bool> Kill(SiloAddress silo)
    {
        await DeclareDead(silo, static (_, _) => true, "it was asked to");
        return !_view.IsLiving(silo);
    }

    public async ValueTask DisposeAsync()
    {
        await Start(EndLoops);
        await _loops.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    // Not under a lock, and not on the stack of whoever ends it: those who wait go on at once.
    private Task EndLoops()
    {
        _transport.Lost -= OnLost;
        Vigil.Dispose();
        _ended.Cancel();
        return Task.CompletedTask;
    }

    private async Task Join(ClusterPeer peer, CancellationToken cancellation)
    {
        var entry = new MembershipEntry
        {
            SiloAddress = _here,
            SiloName = peer.Name,
            Status = peer.Status,
            StartTime = peer.StartTime,
            IAmAliveTime = Now,
            HostName = HostName,
            ProxyPort = GatewayPort,
        };
        await Insist(() => _table.InitializeMembershipTable(true), "open the membership table", cancellation);
        await Insist(() => Insert(entry), "join", cancellation);
        _own = entry;
        await Insist(BuryPredecessors, "declare its predecessors dead", cancellation);
        await Insist(Renew, "take its lease", cancellation);
        Vigil.Start();
        _transport.Lost += OnLost;
        _loops = Task.WhenAll(Start(KeepLease), Start(Watch));
    }

    private Task Insert(MembershipEntry entry) => Change(data =>
    {
        var successor = data.Members.FirstOrDefault(member => member.Item1.Status != SiloStatus.Dead && member.Item1.SiloAddress.IsSuccessorOf(_here));
        if (successor is not null)
        {
            throw new OrleansConfigurationException(
                $"{_here} cannot join: {successor.Item1.SiloAddress} has started later at the same address and port.");
        }

        return data.TryGet(_here) is null ? (entry, null) : null;
    });

    // Two processes cannot listen at one port: whoever was there before is gone, whatever the table says.
    private async Task BuryPredecessors()
    {
        foreach (var silo in _view.Living.Select(entry => entry.SiloAddress).Where(_here.IsSuccessorOf))
            await DeclareDead(silo, static (_, _) => true, "a later life of it has started");
    }

    private Task WriteOwn(SiloStatus status) => Change(data =>
    {
        if (data.TryGet(_here) is not { Item1.Status: not SiloStatus.Dead } row)
            throw new SiloUnavailableException($"{_here} was declared dead.");
        if (row.Item1.Status == status) return null;
        var entry = row.Item1.Copy();
        entry.Status = status;
        entry.IAmAliveTime = Now;
        _own = entry;
        return (entry, row.Item2);
    });

    private async Task Leave()
    {
        if (_own is not null && !_died && !_ended.IsCancellationRequested)
        {
            try
            {
                await WriteOwn(SiloStatus.Dead);
                await OthersKnow();
            }
            catch (Exception error)
            {
                _log.LogWarning(error, "{Silo} has left without saying so in the table.", _here);
            }
        }

        await DisposeAsync();
    }

    private Task DeclareDead(
        SiloAddress silo, Func<MembershipTableData, MembershipEntry, bool> still, string why) => Change(data =>
    {
        if (data.TryGet(silo) is not { Item1.Status: not SiloStatus.Dead } row || !still(data, row.Item1)) return null;
        _log.LogWarning("{Here} declares {Silo} dead: {Why}.", _here, silo, why);
        var entry = row.Item1.Copy();
        entry.Status = SiloStatus.Dead;
        return (entry, row.Item2);
    });

    // One write of this silo after the other; those of others are another matter.
    private Task Change(Func<MembershipTableData, (MembershipEntry Entry, string? ETag)?> decide)
    {
        lock (_writing)
        {
            var earlier = _lastWrite;
            return _lastWrite = Start(async () =>
            {
                await earlier.ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                await ChangeNow(decide);
            });
        }
    }

    /// <summary>Reads, asks what is to be written, writes it if nobody was faster; else from the beginning.</summary>
    private async Task ChangeNow(Func<MembershipTableData, (MembershipEntry Entry, string? ETag)?> decide)
    {
        for (var attempt = 0; attempt < WriteAttemptsMax; attempt++)
        {
            _ended.Token.ThrowIfCancellationRequested();
            var data = await _reading.Next();
            if (_died) throw new SiloUnavailableException($"{_here} was declared dead.");
            if (decide(data) is not { } wish) return;
            var next = data.Version.Next();
            var written = await Bounded(wish.ETag is null
                ? _table.InsertRow(wish.Entry, next)
                : _table.UpdateRow(wish.Entry, wish.ETag, next));
            if (!written) continue;
            await _reading.Next();
            TellOthers(next.Version);
            return;
        }

        throw new SiloUnavailableException(
            $"The membership table refused {WriteAttemptsMax} writes in a row of {_here}, always because of another.");
    }

    private void TellOthers(int version)
    {
        if (!_options.UseLivenessGossip || Gossip is not { } tell) return;
        _told = Task.WhenAll(_view.Living.Where(entry => !entry.SiloAddress.Equals(_here))
            .Select(entry => tell(entry.SiloAddress, version)));
    }

    // Best effort: whoever is not reached reads it in the table.
    private Task OthersKnow() => ((Task)_told.WaitAsync(_options.ProbeTimeout, _time)).ContinueWith(
        static _ => { }, CancellationToken.None, TaskContinuationOptions.None, _scheduler);

    private async Task<MembershipTableData> ReadAll()
    {
        var data = await Bounded(_table.ReadAll());
        Adopt(data);
        return data;
    }

    private void Adopt(MembershipTableData data)
    {
        lock (_telling)
        {
            var old = _view;
            if (data.Version.Version < old.Version || _died) return;
            var next = ClusterView.Of(data);
            _view = next;
            if (_own is not null && !next.IsLiving(_here) && !_ended.IsCancellationRequested)
            {
                FindSelfDead(next);
                return;
            }

            foreach (var (silo, status) in next.ChangesSince(old))
            {
                if (status == SiloStatus.Dead && !silo.Equals(_here)) _transport.Forget(silo);
                Changed?.Invoke(silo, status);
            }
        }

        LookAfterSuspects();
    }

    private void FindSelfDead(ClusterView view)
    {
        if (_own!.Status == SiloStatus.Dead) return;
        _died = true;
        Vigil.Close();
        var judges = string.Join(", ", (view.Find(_here)?.SuspectTimes ?? []).Select(vote => vote.Item1));
        Died?.Invoke($"{_here} was declared dead{(judges.Length > 0 ? $" by {judges}" : "")} in version {view.Version}.");
        _ = Start(EndLoops);
    }

    private async Task Insist(Func<Task> action, string purpose, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await action().WaitAsync(cancellation);
                return;
            }
            catch (Exception error) when (error is not (OrleansException or OrleansConfigurationException)
                && !cancellation.IsCancellationRequested)
            {
                _log.LogWarning("{Silo} cannot {Purpose} yet: {Error}", _here, purpose, error.Message);
            }

            await Task.Delay(_options.IAmAliveTablePublishTimeout, _time, cancellation);
        }
    }

    // Never in the turn of a grain that happens to ask.
    private Task Start(Func<Task> action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap();

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    // A table that does not answer is away; its late answer changes nothing, since a view only moves forward.
    private Task<T> Bounded<T>(Task<T> operation) => operation.WaitAsync(_options.Lease / 2, _time);

    private static void InterlockedMax(ref int place, int value)
    {
        for (var seen = Volatile.Read(ref place); seen < value;)
            seen = Interlocked.CompareExchange(ref place, value, seen) is var was && was == seen ? value : was;
    }
}
