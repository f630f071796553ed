using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>Memberships of many silos in a simulated world: the same seed, the same history.</summary>
internal sealed class SimulatedCluster
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private readonly HashSet<(SiloAddress, SiloAddress)> _cuts = [];
    private int _ports = 1000;

    public SimulatedCluster(int seed)
    {
        Chance = new(seed);
        Table = new(new SimulatedTime(World, TimeSpan.Zero));
    }

    public Random Chance { get; }

    public SimulatedWorld World { get; } = new();

    public FakeTable Table { get; }

    public bool TableIsAway { get; set; }

    public TimeSpan TableDelay { get; set; } = TimeSpan.FromMilliseconds(2);

    public List<SimulatedSilo> Silos { get; } = [];

    public IEnumerable<SimulatedSilo> Running => Silos.Where(silo => silo.IsRunning);

    public SimulatedSilo Start(SimulatedSilo? again = null, int later = 1)
    {
        var address = again?.Address is { } earlier
            ? SiloAddress.New(earlier.Endpoint, earlier.Generation + later)
            : SiloAddress.New(IPAddress.Loopback, ++_ports, 10);
        var silo = new SimulatedSilo(this, address, TimeSpan.FromSeconds(Chance.Next(-3600, 3600)));
        Silos.Add(silo);
        _ = World.Start(silo.Join);
        return silo;
    }

    /// <summary>That many silos that all know each other.</summary>
    public SimulatedSilo[] StartAll(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Start();
            Run(TimeSpan.FromSeconds(1));
        }

        Assert.All(Silos, silo => Assert.Equal(count, silo.Membership.ActiveSilos().Count()));
        return [.. Silos];
    }

    public void Cut(SimulatedSilo one, SimulatedSilo other)
    {
        _cuts.Add((one.Address, other.Address));
        _cuts.Add((other.Address, one.Address));
        one.Link.RaiseLost(other.Address);
        other.Link.RaiseLost(one.Address);
    }

    public void Mend() => _cuts.Clear();

    public bool IsCut(SiloAddress one, SiloAddress other) => _cuts.Contains((one, other));

    /// <summary>Goes on, and looks all the time whether the laws hold.</summary>
    public void Run(TimeSpan time)
    {
        for (var done = TimeSpan.Zero; done < time; done += Step)
        {
            World.Run(Step);
            foreach (var silo in Silos) silo.Check();
        }
    }

    /// <summary>How long it takes until that holds.</summary>
    public TimeSpan Until(Func<bool> condition, TimeSpan atMost)
    {
        var begun = World.Now;
        while (!condition())
        {
            Assert.True(World.Now - begun <= atMost.Ticks, $"It takes longer than {atMost}.");
            Run(Step);
        }

        return TimeSpan.FromTicks(World.Now - begun);
    }

    public TimeSpan Delay(int millisecondsMax) => TimeSpan.FromMilliseconds(Chance.Next(1, millisecondsMax));
}

/// <summary>One process of it.</summary>
internal sealed class SimulatedSilo
{
    private readonly SimulatedCluster _cluster;
    private readonly ClusterMembershipOptions _options = new();
    private int _version = -1;
    private long? _deadSince;
    private TaskCompletionSource? _frozen;

    public SimulatedSilo(SimulatedCluster cluster, SiloAddress address, TimeSpan wrongBy)
    {
        _cluster = cluster;
        Address = address;
        Time = new(cluster.World, wrongBy);
        Link = new(cluster, this);
        Membership = new(address, new TableDoor(cluster.Table, OnTheWay), Link, _options, Time,
            NullLogger.Instance, cluster.World)
        {
            GatewayPort = 0,
            HostName = "here",
            Gossip = Tell,
        };
        Membership.Died += why => (Why, HasEnded) = (why, true);
    }

    public SiloAddress Address { get; }

    public SimulatedTime Time { get; }

    public SimulatedLink Link { get; }

    public TableMembership Membership { get; }

    /// <summary>Cannot reach the table, though others can.</summary>
    public bool IsWithoutTable { get; set; }

    public string? Why { get; private set; }

    public bool HasEnded { get; private set; }

    public bool HasCrashed { get; private set; }

    public bool IsFrozen => _frozen is not null && !HasCrashed;

    public bool IsRunning => !HasEnded && !HasCrashed;

    /// <summary>Joins; a start that fails ends the process.</summary>
    public async Task Join()
    {
        try
        {
            await Enter();
        }
        catch (Exception)
        {
            await Membership.DisposeAsync();
            HasEnded = true;
        }
    }

    private async Task Enter()
    {
        await Membership.Announce(new(Address, $"silo-{Address.Endpoint.Port}", SiloStatus.Joining, default), default);
        await Membership.Announce(new(Address, $"silo-{Address.Endpoint.Port}", SiloStatus.Active, default), default);
    }

    public void Leave() => _ = _cluster.World.Start(async () =>
    {
        await Membership.Announce(new(Address, "", SiloStatus.Dead, default), default);
        HasEnded = true;
    });

    public void Crash()
    {
        Freeze();
        HasCrashed = true;
        foreach (var other in _cluster.Running) other.Time.Do(() => other.Link.RaiseLost(Address));
    }

    public void Freeze()
    {
        if (_frozen is not null) return;
        _frozen = new();
        Time.Freeze();
    }

    public void Thaw()
    {
        if (_frozen is not { } frozen || HasCrashed) return;
        _frozen = null;
        frozen.SetResult();
        Time.Thaw();
    }

    /// <summary>Nothing comes to a process that is stopped.</summary>
    public Task Thawed => _frozen?.Task ?? Task.CompletedTask;

    public void Check()
    {
        Assert.True(Membership.View.Version >= _version, $"{Address}'s view went from {_version} back.");
        _version = Membership.View.Version;
        if (!IsRunning || IsFrozen || !IsDeadForAll()) _deadSince = null;
        else _deadSince ??= _cluster.World.Now;
        var limit = _options.Lease * 2;
        Assert.False(_deadSince is { } since && _cluster.World.Now - since > limit.Ticks && Membership.Vigil.MayServe,
            $"{Address} has been dead for more than {limit} and still serves.");
    }

    // Whoever can neither read the table nor hear of anybody who has read it may believe that the table is away.
    private bool IsDeadForAll()
    {
        SimulatedSilo[] others = [.. _cluster.Running.Where(other => other != this && !other.IsFrozen)];
        return _cluster.Table.StatusOf(Address) == SiloStatus.Dead && others.Length > 0
            && others.All(other => !other.Membership.View.IsLiving(Address));
    }

    private async Task OnTheWay()
    {
        await Thawed;
        await Task.Delay(_cluster.TableDelay + _cluster.Delay(5), Time);
        await Thawed;
        if (_cluster.TableIsAway || IsWithoutTable) throw new IOException("The table is away.");
    }

    private async Task Tell(SiloAddress to, int version)
    {
        await Task.Delay(_cluster.Delay(20), Time);
        var other = _cluster.Silos.First(silo => silo.Address.Equals(to));
        if (!other.IsRunning || _cluster.IsCut(Address, to)) return;
        await other.Thawed;
        await other.Membership.Heard(version);
    }
}

internal sealed class SimulatedLink(SimulatedCluster cluster, SimulatedSilo owner) : ISiloTransport
{
    private readonly HashSet<SiloAddress> _forgotten = [];

    public event Action<SiloAddress>? Lost;

    public Task Listen(Node node, CancellationToken cancellation) => Task.CompletedTask;

    public void Send(Letter letter) => throw new NotSupportedException();

    public void Forget(SiloAddress silo) => _forgotten.Add(silo);

    public void RaiseLost(SiloAddress silo) => Lost?.Invoke(silo);

    public ValueTask DisposeAsync() => default;

    public async Task<bool> Probe(SiloAddress silo, TimeSpan patience)
    {
        var way = cluster.Delay(20);
        await Task.Delay(way, owner.Time);
        var other = cluster.Silos.First(known => known.Address.Equals(silo));
        var answers = other.IsRunning && !other.Link._forgotten.Contains(owner.Address);
        if (answers && (cluster.IsCut(owner.Address, silo) || other.IsFrozen))
        {
            await Task.Delay(patience - way, owner.Time);
            answers = false;
        }

        await owner.Thawed;
        return answers;
    }
}
