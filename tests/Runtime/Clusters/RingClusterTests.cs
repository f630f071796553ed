using Orleans.Hosting;
using Orleans.TestingHost;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>What holds for the simple cluster of one process holds for the real one.</summary>
[Trait("category", "runtime-only")]
public sealed class RingClusterTests : ClusterTests
{
    protected override async Task<InProcessTestCluster> Start(short silos, Action<ISiloBuilder> configure) =>
        (await RingCluster.Start(silos, configure)).Cluster;
}

/// <inheritdoc cref="RingClusterTests"/>
[Trait("category", "runtime-only")]
public sealed class TcpClusterTests : ClusterTests
{
    protected override async Task<InProcessTestCluster> Start(short silos, Action<ISiloBuilder> configure) =>
        (await RingCluster.StartOverTcp(silos, configure)).Cluster;
}
