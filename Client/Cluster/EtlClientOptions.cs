using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>How a client reaches a cluster.</summary>
public sealed record EtlClientOptions
{
    /// <summary>Gateways of some silos, as <c>host:port</c>, or <c>host</c> for port 30000; a name that stands for several addresses
    /// means all of them. One that answers is enough; with several the client outlives any of them.</summary>
    public required ImmutableArray<string> Gateways { get; init; }

    /// <summary>The cluster's secret; null: the cluster has none, and takes clients of its own machine only.</summary>
    public string? Secret { get; init; }

    /// <summary>Null: connections are not encrypted.</summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>How long a cluster that does not answer is asked again.</summary>
    public RetrySettings Retries { get; init; } = new();

    /// <summary>How long connecting is tried at first. Default: 5 s; a client that was connected once tries for ever.</summary>
    public TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one try may take. Default: 15 s, above what a silo waits for its store in good times.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
