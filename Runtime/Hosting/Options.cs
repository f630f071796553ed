using System.Net;

namespace Orleans.Configuration;

/// <summary>Which cluster, and whose data.</summary>
public class ClusterOptions
{
    /// <summary>Separates memberships.</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>Names the data; survives redeployments.</summary>
    public string ServiceId { get; set; } = "default";
}

/// <summary>This silo.</summary>
public class SiloOptions
{
    /// <summary>Its name; made up if none is given.</summary>
    public string? SiloName { get; set; }
}

/// <summary>Where this silo listens.</summary>
public class EndpointOptions
{
    /// <summary>The address that others are told.</summary>
    public IPAddress AdvertisedIPAddress { get; set; } = IPAddress.Loopback;

    /// <summary>The port for silos.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port for clients; 0 = none.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Where to listen for silos, if not at the advertised address and port.</summary>
    public IPEndPoint? SiloListeningEndpoint { get; set; }

    /// <summary>Where to listen for clients, if not at the advertised address and port.</summary>
    public IPEndPoint? GatewayListeningEndpoint { get; set; }
}

/// <summary>What silos and clients have in common.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same, while a debugger is attached.</summary>
    public TimeSpan ResponseTimeoutWithDebugger { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many bytes the address part of a message may have.</summary>
    public int MaxMessageHeaderSize { get; set; } = 10 * 1024 * 1024;

    /// <summary>How many bytes the arguments or the result of a call may have.</summary>
    public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;

    internal TimeSpan EffectiveResponseTimeout =>
        System.Diagnostics.Debugger.IsAttached ? ResponseTimeoutWithDebugger : ResponseTimeout;
}

/// <summary>Messages of silos.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How often a request is sent on.</summary>
    public int MaxForwardCount { get; set; } = 2;

    /// <summary>How many requests may wait for one activation; 0 = any number.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }
}

/// <summary>Messages of clients.</summary>
public class ClientMessagingOptions : MessagingOptions;

/// <summary>How connections are made.</summary>
public class ConnectionOptions
{
    /// <summary>How long connecting may take, with proof of identity.</summary>
    public TimeSpan OpenConnectionTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after a failure no other attempt is made; letters are refused meanwhile.</summary>
    public TimeSpan ConnectionRetryDelay { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>How a client finds gateways.</summary>
public class GatewayOptions
{
    /// <summary>How often the list of gateways is read again.</summary>
    public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>The gateways of a client that knows them from the start.</summary>
public class StaticGatewayListProviderOptions
{
    /// <summary><c>gwy.tcp://ip:port/generation</c>; generation 0 = whichever lives there.</summary>
    public List<Uri> Gateways { get; set; } = [];
}

/// <summary>When activations go.</summary>
public class GrainCollectionOptions
{
    /// <summary>How long an activation may be idle.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often it is looked at.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Ages by full class name.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    /// <summary>How long activation may take.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long deactivation may take.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
