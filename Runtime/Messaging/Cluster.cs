using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;

namespace Orleans.Runtime.Messaging;

/// <summary>One silo as the others know it.</summary>
internal sealed record ClusterPeer(SiloAddress Address, string Name, SiloStatus Status, DateTime StartTime);

/// <summary>Who belongs to the cluster. Changes are told to every silo; the view only ever moves forward.</summary>
internal interface IClusterMembership
{
    /// <summary>Everybody who is not dead.</summary>
    ImmutableArray<ClusterPeer> Peers { get; }

    event Action<SiloAddress, SiloStatus>? Changed;

    /// <summary>Tells all what this silo is from now on.</summary>
    Task Announce(ClusterPeer peer, CancellationToken cancellation);

    /// <summary>Ends when the view is at least as new as anybody's was at the call, if that can be found out.</summary>
    Task Refresh() => Task.CompletedTask;
}

/// <summary>The cluster that a node belongs to: how letters travel, who is there, where grains are.</summary>
internal interface ICluster
{
    ISiloLink Link { get; }

    IClusterMembership Membership { get; }

    IGrainDirectory Directory { get; }

    /// <summary>An address that no client has had before.</summary>
    SiloAddress NewClientAddress();

    /// <summary>From now on letters reach the node.</summary>
    Task Connect(Node node, CancellationToken cancellation);

    /// <summary>The node has left: letters to it are refused, those who wait for it hear so.</summary>
    Task Disconnect(Node node);
}

internal static class MembershipExtensions
{
    public static IEnumerable<SiloAddress> ActiveSilos(this IClusterMembership membership) =>
        membership.Peers.Where(peer => peer.Status == SiloStatus.Active).Select(peer => peer.Address);
}

/// <summary>Which activation a grain has. The first registration wins; a dead silo's registrations are gone.</summary>
internal interface IGrainDirectory
{
    /// <summary>Whether grains of this kind are registered at all.</summary>
    bool Covers(GrainId grainId);

    ValueTask<GrainAddress?> Lookup(GrainId grainId);

    /// <summary>Registers, and says which activation is the one.</summary>
    ValueTask<GrainAddress> Register(GrainAddress address);

    ValueTask Unregister(GrainAddress address);
}

/// <summary>The silos and clients of one cluster inside one process: links, membership and directory.</summary>
internal sealed class InProcessCluster : ICluster, ISiloLink, IClusterMembership, IGrainDirectory
{
    private static readonly ConcurrentDictionary<string, InProcessCluster> Known = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<SiloAddress, Node> _nodes = new();
    private readonly ConcurrentDictionary<GrainId, GrainAddress> _grains = new();
    private readonly Lock _gate = new();
    private int _generation;

    public event Action<SiloAddress, SiloStatus>? Changed;

    public ImmutableArray<ClusterPeer> Peers { get; private set; } = [];

    public ISiloLink Link => this;

    public IClusterMembership Membership => this;

    public IGrainDirectory Directory => this;

    /// <summary>A new cluster that others of this process find by these names.</summary>
    public static InProcessCluster Found(params string[] names)
    {
        var cluster = new InProcessCluster();
        foreach (var name in names) Known[name] = cluster;
        return cluster;
    }

    /// <summary>The cluster of the first name, known by the others from now on too.</summary>
    public static InProcessCluster? Find(string name, params string[] names)
    {
        if (!Known.TryGetValue(name, out var cluster)) return null;
        foreach (var other in names) Known[other] = cluster;
        return cluster;
    }

    // Clients are told from silos by a negative generation.
    public SiloAddress NewClientAddress() =>
        SiloAddress.New(IPAddress.Loopback, 0, -Interlocked.Increment(ref _generation));

    public Task Connect(Node node, CancellationToken cancellation)
    {
        _nodes[node.Address] = node;
        return Task.CompletedTask;
    }

    public Task Disconnect(Node node)
    {
        _nodes.TryRemove(new(node.Address, node));
        if (node.Address.IsClient) return Task.CompletedTask;
        foreach (var entry in _grains)
        {
            if (node.Address.Equals(entry.Value.SiloAddress)) _grains.TryRemove(entry);
        }

        foreach (var other in _nodes.Values) other.SiloDied(node.Address);
        return Task.CompletedTask;
    }

    public void Send(Letter letter)
    {
        if (!_nodes.TryGetValue(letter.To, out var node))
        {
            throw letter.To.IsClient
                ? new OrleansMessageRejectionException($"The client {letter.To} has left.")
                : new SiloUnavailableException($"{letter.To} is not there.");
        }

        ThreadPool.UnsafeQueueUserWorkItem(static sent => sent.node.Receive(sent.letter), (node, letter), true);
    }

    public Task Announce(ClusterPeer peer, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var others = Peers.RemoveAll(known => known.Address.Equals(peer.Address));
            Peers = peer.Status == SiloStatus.Dead ? others : others.Add(peer);
        }

        Changed?.Invoke(peer.Address, peer.Status);
        return Task.CompletedTask;
    }

    public bool Covers(GrainId grainId) => FixedAddress.Of(grainId) is null;

    public ValueTask<GrainAddress?> Lookup(GrainId grainId) => new(_grains.GetValueOrDefault(grainId));

    // What a silo registered after it died, or was not yet taken out, does not count.
    public ValueTask<GrainAddress> Register(GrainAddress address)
    {
        if (!_nodes.ContainsKey(address.SiloAddress!))
            throw new SiloUnavailableException($"{address.SiloAddress} is no longer part of the cluster.");
        while (true)
        {
            var winner = _grains.GetOrAdd(address.GrainId, address);
            if (winner.Equals(address) || _nodes.ContainsKey(winner.SiloAddress!)) return new(winner);
            _grains.TryUpdate(address.GrainId, address, winner);
        }
    }

    public ValueTask Unregister(GrainAddress address)
    {
        _grains.TryRemove(new(address.GrainId, address));
        return default;
    }
}
