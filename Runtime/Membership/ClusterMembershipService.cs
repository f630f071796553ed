using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime;

/// <summary>Which view of the cluster; it only grows.</summary>
public readonly record struct MembershipVersion(long Value) : IComparable<MembershipVersion>
{
    /// <inheritdoc/>
    public int CompareTo(MembershipVersion other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Value}";
}

/// <summary>A silo in a view.</summary>
public sealed record ClusterMember(SiloAddress SiloAddress, SiloStatus Status, string Name);

/// <summary>All silos as they were at one version.</summary>
public sealed class ClusterMembershipSnapshot(
    ImmutableDictionary<SiloAddress, ClusterMember> members, MembershipVersion version)
{
    /// <summary>The silos.</summary>
    public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; } = members;

    /// <summary>The version.</summary>
    public MembershipVersion Version { get; } = version;

    /// <summary>The status of a silo; none if it is not known.</summary>
    public SiloStatus GetSiloStatus(SiloAddress silo) => Members.GetValueOrDefault(silo)?.Status ?? SiloStatus.None;
}

/// <summary>Who belongs to the cluster.</summary>
public interface IClusterMembershipService
{
    /// <summary>What this silo knows now.</summary>
    ClusterMembershipSnapshot CurrentSnapshot { get; }

    /// <summary>What it knows now, and everything that it gets to know.</summary>
    IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates { get; }

    /// <summary>Reads anew, unless that version is known already.</summary>
    ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default);

    /// <summary>Declares a silo dead.</summary>
    Task<bool> TryKill(SiloAddress siloAddress);
}

internal sealed class ClusterMembershipService : IClusterMembershipService
{
    private readonly IClusterMembership _membership;
    private readonly Lock _gate = new();
    private readonly List<Channel<ClusterMembershipSnapshot>> _listeners = [];
    private long _changes;

    public ClusterMembershipService(ICluster cluster)
    {
        _membership = cluster.Membership;
        _membership.Changed += (_, _) => OnChanged();
    }

    public ClusterMembershipSnapshot CurrentSnapshot => _membership is TableMembership { View: var view }
        ? new(view.Entries.ToImmutableDictionary(entry => entry.SiloAddress,
            entry => new ClusterMember(entry.SiloAddress, entry.Status, entry.SiloName)), new(view.Version))
        : new(_membership.Peers.ToImmutableDictionary(peer => peer.Address,
            peer => new ClusterMember(peer.Address, peer.Status, peer.Name)), new(Volatile.Read(ref _changes)));

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => Updates();

    public async ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken)
    {
        if (minimumVersion == default || CurrentSnapshot.Version.CompareTo(minimumVersion) < 0)
            await _membership.Refresh().WaitAsync(cancellationToken);
    }

    public Task<bool> TryKill(SiloAddress siloAddress) =>
        _membership is TableMembership table ? table.Kill(siloAddress) : Task.FromResult(false);

    // Whoever is slow gets only the latest view.
    private async IAsyncEnumerable<ClusterMembershipSnapshot> Updates(
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var channel = Channel.CreateBounded<ClusterMembershipSnapshot>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate) _listeners.Add(channel);
        try
        {
            yield return CurrentSnapshot;
            await foreach (var snapshot in channel.Reader.ReadAllAsync(cancellation)) yield return snapshot;
        }
        finally
        {
            lock (_gate) _listeners.Remove(channel);
        }
    }

    private void OnChanged()
    {
        Interlocked.Increment(ref _changes);
        lock (_gate)
        {
            foreach (var listener in _listeners) listener.Writer.TryWrite(CurrentSnapshot);
        }
    }
}
