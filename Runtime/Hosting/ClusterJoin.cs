using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans.Hosting;

/// <summary>Which cluster a silo or client belongs to: where clustering providers come in.</summary>
internal abstract record ClusterJoin
{
    public abstract InProcessCluster Join();
}

internal sealed record GivenClusterJoin(InProcessCluster Cluster) : ClusterJoin
{
    public override InProcessCluster Join() => Cluster;
}

internal sealed record LocalClusterJoin(int SiloPort, int GatewayPort, int PrimaryPort) : ClusterJoin
{
    public override InProcessCluster Join() =>
        SiloPort == PrimaryPort
            ? InProcessCluster.Found($"silo:{SiloPort}", $"gateway:{GatewayPort}")
            : InProcessCluster.Find($"silo:{PrimaryPort}", $"gateway:{GatewayPort}")
                ?? throw new SiloUnavailableException($"No primary silo runs at port {PrimaryPort} of this process.");
}

internal sealed record LocalClientJoin(int GatewayPort) : ClusterJoin
{
    public override InProcessCluster Join() =>
        InProcessCluster.Find($"gateway:{GatewayPort}")
        ?? throw new SiloUnavailableException(
            $"No silo of this process has its gateway at port {GatewayPort}; start the silo before the client.");
}

internal sealed record NoClusterJoin : ClusterJoin
{
    public override InProcessCluster Join() => throw new OrleansConfigurationException(
        "No clustering is configured; call UseLocalhostClustering on the silo or client builder.");
}
