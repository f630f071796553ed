using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>A cluster of one silo, which clients of other processes reach through its gateway.</summary>
internal sealed class LoneCluster(TcpLink link) : ICluster, IClusterMembership, IGrainDirectory
{
    private readonly ConcurrentDictionary<GrainId, GrainAddress> _grains = new();

    public event Action<SiloAddress, SiloStatus>? Changed;

    public ISiloLink Link => link;

    public IClusterMembership Membership => this;

    public IGrainDirectory Directory => this;

    public ImmutableArray<ClusterPeer> Peers { get; private set; } = [];

    public SiloAddress NewClientAddress() =>
        throw new InvalidOperationException("Clients make their own addresses.");

    public Task Connect(Node node, CancellationToken cancellation) => link.Listen(node, cancellation);

    public Task Disconnect(Node node) => link.DisposeAsync().AsTask();

    public Task Announce(ClusterPeer peer, CancellationToken cancellation)
    {
        Peers = peer.Status == SiloStatus.Dead ? [] : [peer];
        Changed?.Invoke(peer.Address, peer.Status);
        return Task.CompletedTask;
    }

    public bool Covers(GrainId grainId) => FixedAddress.Of(grainId) is null;

    public ValueTask<GrainAddress?> Lookup(GrainId grainId) => new(_grains.GetValueOrDefault(grainId));

    public ValueTask<GrainAddress> Register(GrainAddress address) => new(_grains.GetOrAdd(address.GrainId, address));

    public ValueTask Unregister(GrainAddress address)
    {
        _grains.TryRemove(new(address.GrainId, address));
        return default;
    }
}
