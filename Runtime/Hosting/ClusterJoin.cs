using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;

namespace Orleans.Hosting;

/// <summary>Which cluster a silo or client belongs to: where clustering providers come in.</summary>
internal abstract record ClusterJoin
{
    public abstract ICluster Join(IServiceProvider services);
}

internal sealed record GivenClusterJoin(ICluster Cluster) : ClusterJoin
{
    public override ICluster Join(IServiceProvider services) => Cluster;
}

internal sealed record LocalClusterJoin(int SiloPort, int GatewayPort, int PrimaryPort) : ClusterJoin
{
    public override ICluster Join(IServiceProvider services) =>
        SiloPort == PrimaryPort
            ? InProcessCluster.Found($"silo:{SiloPort}", $"gateway:{GatewayPort}")
            : InProcessCluster.Find($"silo:{PrimaryPort}", $"gateway:{GatewayPort}")
                ?? throw new SiloUnavailableException($"No primary silo runs at port {PrimaryPort} of this process.");
}

internal sealed record LocalClientJoin(int GatewayPort) : ClusterJoin
{
    public override ICluster Join(IServiceProvider services) =>
        InProcessCluster.Find($"gateway:{GatewayPort}")
        ?? throw new SiloUnavailableException(
            $"No silo of this process has its gateway at port {GatewayPort}; start the silo before the client.");
}

/// <summary>Over TCP when there is a table of silos.</summary>
internal sealed record TcpClusterJoin : ClusterJoin
{
    public override ICluster Join(IServiceProvider services) =>
        services.GetService<IMembershipTable>() is { } table
            ? TcpCluster.Of(services, table)
            : throw new OrleansConfigurationException(
                "No clustering is configured; call UseLocalhostClustering on the silo or client builder, "
                + "or register an IMembershipTable.");
}
