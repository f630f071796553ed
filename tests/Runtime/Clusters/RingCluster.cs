using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;
using Orleans.TestingHost;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>Silos with a real membership and a real directory over a network and a table that obey the test.</summary>
internal sealed class RingCluster
{
    public FakeTable Table { get; } = new(TimeProvider.System);

    public FakeNetwork Network { get; } = new(TimeProvider.System);

    public ExitSeen Exit { get; } = new();

    public InProcessTestCluster Cluster { get; private set; } = null!;

    public static async Task<RingCluster> Start(short silos, Action<ISiloBuilder>? configure = null)
    {
        var made = new RingCluster();
        made.Cluster = await SharedCluster.Start(silos, silo =>
        {
            silo.Services.Replace(ServiceDescriptor.Singleton<ClusterJoin>(new TcpClusterJoin()));
            silo.Services.AddSingleton<IMembershipTable>(made.Table);
            silo.Services.AddSingleton<ISiloTransport>(services =>
                made.Network.NewLink(services.GetRequiredService<ISiloAddressSource>().Address));
            silo.Services.Replace(ServiceDescriptor.Singleton<SiloExit>(made.Exit));
            configure?.Invoke(silo);
        }, client => client.Services.Replace(
            ServiceDescriptor.Singleton<ClusterJoin>(new FakeClientJoin(made.Network, made.Table))));
        return made;
    }

    /// <summary>As kill -9: no last word.</summary>
    public void Kill(SiloHandle silo) => Network.Kill(silo.SiloAddress);

    public IGrainFactory Inside(SiloAddress silo) =>
        Cluster.GetSiloServiceProvider(silo).GetRequiredService<IGrainFactory>();

    public SiloNode NodeOf(SiloAddress silo) => Cluster.GetSiloServiceProvider(silo).GetRequiredService<SiloNode>();

    public TcpCluster SideOf(SiloAddress silo) =>
        (TcpCluster)Cluster.GetSiloServiceProvider(silo).GetRequiredService<ICluster>();
}

internal sealed class ExitSeen : SiloExit
{
    private readonly TaskCompletionSource<string> _why = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Why => _why.Task;

    public override void Leave(string why) => _why.TrySetResult(why);
}
