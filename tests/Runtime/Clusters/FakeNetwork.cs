using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>Links in one process that behave as connections between processes do, with faults on demand.</summary>
internal sealed class FakeNetwork(TimeProvider time)
{
    private readonly ConcurrentDictionary<SiloAddress, FakeLink> _links = new();
    private readonly ConcurrentDictionary<SiloAddress, Node> _clients = new();
    private readonly ConcurrentDictionary<(SiloAddress, SiloAddress), bool> _cuts = new();
    private readonly ConcurrentDictionary<SiloAddress, ConcurrentQueue<Action>> _frozen = new();
    private int _clientsMade;

    public TimeProvider Time => time;

    public FakeLink NewLink(SiloAddress here) => new(this, here);

    public void Cut(SiloAddress one, SiloAddress other) => _cuts[(one, other)] = _cuts[(other, one)] = true;

    public void Mend(SiloAddress one, SiloAddress other)
    {
        _cuts.TryRemove((one, other), out _);
        _cuts.TryRemove((other, one), out _);
    }

    /// <summary>As a killed process: its connections break, new ones are refused.</summary>
    public void Kill(SiloAddress silo)
    {
        _links.TryRemove(silo, out _);
        foreach (var link in _links.Values) link.RaiseLost(silo);
    }

    /// <summary>As a stopped process: everything to it waits.</summary>
    public void Freeze(SiloAddress silo) => _frozen[silo] = new();

    public void Thaw(SiloAddress silo)
    {
        if (!_frozen.TryRemove(silo, out var waiting)) return;
        foreach (var letter in waiting) letter();
    }

    /// <summary>One silo no longer wants to hear of another, whose calls there end.</summary>
    public void Break(SiloAddress silo, SiloAddress other)
    {
        if (!_links.TryGetValue(silo, out var link) || link.Node is not { } node) return;
        Deliver(silo, () => node.SiloDied(other));
    }

    public void Add(FakeLink link) => _links[link.Here] = link;

    public void Remove(FakeLink link)
    {
        if (_links.TryRemove(new(link.Here, link))) Kill(link.Here);
    }

    public void AddClient(Node client) => _clients[client.Address] = client;

    public void RemoveClient(Node client) => _clients.TryRemove(client.Address, out _);

    public SiloAddress NewClientAddress() =>
        SiloAddress.New(IPAddress.Loopback, 0, -Interlocked.Increment(ref _clientsMade));

    public void Send(SiloAddress from, Letter letter)
    {
        if (letter.To.IsClient)
        {
            if (!_clients.TryGetValue(letter.To, out var client))
                throw new OrleansMessageRejectionException($"The client {letter.To} has left.");
            Deliver(letter.To, () => client.Receive(letter));
            return;
        }

        if (!_links.TryGetValue(letter.To, out var link) || link.HasForgotten(from))
            throw new SiloUnavailableException($"{letter.To} is not there.");
        if (_cuts.ContainsKey((from, letter.To))) return;
        Deliver(letter.To, () => link.Node?.Receive(letter));
    }

    public async Task<bool> Probe(SiloAddress from, SiloAddress to, TimeSpan patience)
    {
        if (!_links.TryGetValue(to, out var link) || link.HasForgotten(from)) return false;
        if (!_cuts.ContainsKey((from, to)) && !_frozen.ContainsKey(to)) return true;
        await Task.Delay(patience, time);
        return false;
    }

    private void Deliver(SiloAddress to, Action letter)
    {
        if (_frozen.TryGetValue(to, out var waiting)) waiting.Enqueue(letter);
        else ThreadPool.UnsafeQueueUserWorkItem(static run => run(), letter, preferLocal: true);
    }
}

internal sealed class FakeLink(FakeNetwork network, SiloAddress here) : ISiloTransport
{
    private readonly ConcurrentDictionary<SiloAddress, bool> _forgotten = new();

    public event Action<SiloAddress>? Lost;

    public SiloAddress Here => here;

    public Node? Node { get; private set; }

    public bool HasForgotten(SiloAddress silo) => _forgotten.ContainsKey(silo);

    public Task Listen(Node node, CancellationToken cancellation)
    {
        Node = node;
        network.Add(this);
        return Task.CompletedTask;
    }

    public void ListenAlone() => network.Add(this);

    public void Send(Letter letter)
    {
        if (HasForgotten(letter.To)) throw new SiloUnavailableException($"{letter.To} is dead.");
        network.Send(here, letter);
    }

    public Task<bool> Probe(SiloAddress silo, TimeSpan patience) => network.Probe(here, silo, patience);

    public void Forget(SiloAddress silo)
    {
        _forgotten[silo] = true;
        network.Break(silo, here);
    }

    public void RaiseLost(SiloAddress silo) => Lost?.Invoke(silo);

    public ValueTask DisposeAsync()
    {
        network.Remove(this);
        return default;
    }
}

/// <summary>Clients find the gateways by the table.</summary>
internal sealed record FakeClientJoin(FakeNetwork Network, FakeTable Table) : ClusterJoin
{
    public override ICluster Join(IServiceProvider services) => new FakeClientCluster(Network, Table);
}

internal sealed class FakeClientCluster(FakeNetwork network, FakeTable table) : ICluster, IClusterMembership, ISiloLink
{
    private Node? _node;

    event Action<SiloAddress, SiloStatus>? IClusterMembership.Changed
    {
        add { }
        remove { }
    }

    public ISiloLink Link => this;

    public IClusterMembership Membership => this;

    public IGrainDirectory Directory => throw new NotSupportedException();

    public ImmutableArray<ClusterPeer> Peers => [.. table.Rows.Where(row => row.Status == SiloStatus.Active)
        .Select(row => new ClusterPeer(row.SiloAddress, row.SiloName, row.Status, row.StartTime))];

    public SiloAddress NewClientAddress() => network.NewClientAddress();

    public Task Connect(Node node, CancellationToken cancellation)
    {
        _node = node;
        network.AddClient(node);
        return Task.CompletedTask;
    }

    public Task Disconnect(Node node)
    {
        network.RemoveClient(node);
        return Task.CompletedTask;
    }

    public void Send(Letter letter) => network.Send(_node!.Address, letter);

    public Task Announce(ClusterPeer peer, CancellationToken cancellation) => throw new NotSupportedException();
}
