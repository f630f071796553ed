using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime;

/// <summary>The life of a silo in steps.</summary>
public enum SiloStatus
{
    /// <summary>Unknown.</summary>
    None,

    /// <summary>Made.</summary>
    Created,

    /// <summary>On the way in.</summary>
    Joining,

    /// <summary>A member that holds grains.</summary>
    Active,

    /// <summary>Lets its grains go.</summary>
    ShuttingDown,

    /// <summary>Stops.</summary>
    Stopping,

    /// <summary>Gone.</summary>
    Dead,
}

/// <summary>Questions about a status.</summary>
public static class SiloStatusExtensions
{
    /// <summary>On its way out, or gone.</summary>
    public static bool IsTerminating(this SiloStatus siloStatus) => siloStatus >= SiloStatus.ShuttingDown;
}

/// <summary>This silo.</summary>
public interface ILocalSiloDetails
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Its cluster.</summary>
    string ClusterId { get; }

    /// <summary>Its host.</summary>
    string DnsHostName { get; }

    /// <summary>Its address.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>Where clients connect.</summary>
    SiloAddress GatewayAddress { get; }
}

internal sealed class LocalSiloDetails(
    ISiloAddressSource address, IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster,
    IOptions<EndpointOptions> endpoint) : ILocalSiloDetails
{
    public string Name => silo.Value.SiloName!;

    public string ClusterId => cluster.Value.ClusterId;

    public string DnsHostName { get; } = Dns.GetHostName();

    public SiloAddress SiloAddress => address.Address;

    public SiloAddress GatewayAddress { get; } = SiloAddress.New(
        endpoint.Value.AdvertisedIPAddress, endpoint.Value.GatewayPort, address.Address.Generation);
}

/// <summary>Hears of every change of a silo's status.</summary>
public interface ISiloStatusListener
{
    /// <summary>A status has changed.</summary>
    void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status);
}

/// <summary>What this silo knows of all silos.</summary>
public interface ISiloStatusOracle
{
    /// <summary>The status of this silo.</summary>
    SiloStatus CurrentStatus { get; }

    /// <summary>The name of this silo.</summary>
    string SiloName { get; }

    /// <summary>The address of this silo.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>The active silos.</summary>
    SiloAddress[] GetActiveSilos();

    /// <summary>The status of a silo.</summary>
    SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress);

    /// <summary>The status of all silos.</summary>
    Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false);

    /// <summary>The name of a silo.</summary>
    bool TryGetSiloName(SiloAddress siloAddress, out string siloName);

    /// <summary>Whether it may hold a part of the directory.</summary>
    bool IsFunctionalDirectory(SiloAddress siloAddress);

    /// <summary>Whether it is known to be gone.</summary>
    bool IsDeadSilo(SiloAddress silo);

    /// <summary>Subscribes.</summary>
    bool SubscribeToSiloStatusEvents(ISiloStatusListener observer);

    /// <summary>Unsubscribes.</summary>
    bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer);
}

internal sealed class SiloStatusOracle : ISiloStatusOracle
{
    private readonly IClusterMembership _membership;
    private readonly Lock _gate = new();
    private readonly HashSet<ISiloStatusListener> _listeners = [];
    private readonly HashSet<SiloAddress> _dead = [];

    public SiloStatusOracle(ICluster cluster, ISiloAddressSource address, IOptions<SiloOptions> options)
    {
        _membership = cluster.Membership;
        SiloAddress = address.Address;
        SiloName = options.Value.SiloName!;
        _membership.Changed += OnChanged;
    }

    public SiloStatus CurrentStatus => GetApproximateSiloStatus(SiloAddress);

    public string SiloName { get; }

    public SiloAddress SiloAddress { get; }

    public SiloAddress[] GetActiveSilos() => [.. _membership.ActiveSilos()];

    public SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress) =>
        _membership.Peers.FirstOrDefault(peer => peer.Address.Equals(siloAddress))?.Status
        ?? (IsDeadSilo(siloAddress) ? SiloStatus.Dead : SiloStatus.None);

    public Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false)
    {
        var peers = _membership.Peers.Where(peer => !onlyActive || peer.Status == SiloStatus.Active)
            .ToDictionary(peer => peer.Address, peer => peer.Status);
        if (onlyActive) return peers;
        lock (_gate)
        {
            foreach (var dead in _dead) peers.TryAdd(dead, SiloStatus.Dead);
        }

        return peers;
    }

    public bool TryGetSiloName(SiloAddress siloAddress, out string siloName)
    {
        siloName = _membership.Peers.FirstOrDefault(peer => peer.Address.Equals(siloAddress))?.Name!;
        return siloName is not null;
    }

    public bool IsFunctionalDirectory(SiloAddress siloAddress) =>
        GetApproximateSiloStatus(siloAddress) is var status && status != SiloStatus.None && !status.IsTerminating();

    public bool IsDeadSilo(SiloAddress silo)
    {
        lock (_gate) return _dead.Contains(silo);
    }

    public bool SubscribeToSiloStatusEvents(ISiloStatusListener observer)
    {
        lock (_gate) return _listeners.Add(observer);
    }

    public bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer)
    {
        lock (_gate) return _listeners.Remove(observer);
    }

    private void OnChanged(SiloAddress silo, SiloStatus status)
    {
        ISiloStatusListener[] listeners;
        lock (_gate)
        {
            if (status == SiloStatus.Dead) _dead.Add(silo);
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners) listener.SiloStatusChangeNotification(silo, status);
    }
}
