using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using OrleansEtl.Servers;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>Silos with a real membership and a real directory over a network and a table that obey the test.</summary>
internal sealed class RingCluster
{
    public FakeTable Table { get; } = new(TimeProvider.System);

    public FakeNetwork Network { get; } = new(TimeProvider.System);

    public ExitSeen Exit { get; } = new();

    public InProcessTestCluster Cluster { get; private set; } = null!;

    /// <summary>The same over real connections.</summary>
    public static async Task<RingCluster> StartOverTcp(short silos, Action<ISiloBuilder>? configure = null)
    {
        var made = new RingCluster();
        var gateways = new List<IPEndPoint>();
        made.Cluster = await SharedCluster.Start(silos, silo =>
        {
            var (port, gateway) = (FreePorts.Next(), FreePorts.Next());
            gateways.Add(new(IPAddress.Loopback, gateway));
            silo.Configure<EndpointOptions>(options => (options.SiloPort, options.GatewayPort) = (port, gateway));
            made.Join(silo);
            configure?.Invoke(silo);
        }, client =>
        {
            client.Services.RemoveAll<ClusterJoin>();
            client.Services.AddSingleton<ClusterJoin>(new GatewayClientJoin());
            client.UseStaticClustering([.. gateways]);
        });
        return made;
    }

    private void Join(ISiloBuilder silo)
    {
        silo.Services.Replace(ServiceDescriptor.Singleton<ClusterJoin>(new TcpClusterJoin()));
        var time = new FreezableTime();
        silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
        silo.Services.AddSingleton<IMembershipTable>(new TableDoor(Table, () => time.Thawed));
        silo.Services.Replace(ServiceDescriptor.Singleton<SiloExit>(Exit));
    }

    public static async Task<RingCluster> Start(short silos, Action<ISiloBuilder>? configure = null)
    {
        var made = new RingCluster();
        made.Cluster = await SharedCluster.Start(silos, silo =>
        {
            made.Join(silo);
            silo.Services.Replace(ServiceDescriptor.Singleton<ISiloTransport>(services =>
                made.Network.NewLink(services.GetRequiredService<ISiloAddressSource>().Address)));
            configure?.Invoke(silo);
        }, client => client.Services.Replace(
            ServiceDescriptor.Singleton<ClusterJoin>(new FakeClientJoin(made.Network, made.Table))));
        return made;
    }

    /// <summary>As kill -9: its links break, and it says and does nothing any more.</summary>
    public async Task Kill(SiloAddress silo)
    {
        NodeOf(silo).IsDead = true;
        await SideOf(silo).Membership.DisposeAsync();
        await Cluster.GetSiloServiceProvider(silo).GetRequiredService<ISiloTransport>().DisposeAsync();
    }

    /// <summary>As SIGSTOP.</summary>
    public void Freeze(SiloAddress silo)
    {
        TimeOf(silo).Freeze();
        Network.Freeze(silo);
    }

    /// <summary>As SIGCONT; letters come first.</summary>
    public void Thaw(SiloAddress silo)
    {
        Network.Thaw(silo);
        TimeOf(silo).Thaw();
    }

    private FreezableTime TimeOf(SiloAddress silo) =>
        (FreezableTime)Cluster.GetSiloServiceProvider(silo).GetRequiredService<TimeProvider>();

    public IGrainFactory Inside(SiloAddress silo) =>
        Cluster.GetSiloServiceProvider(silo).GetRequiredService<IGrainFactory>();

    public SiloNode NodeOf(SiloAddress silo) => Cluster.GetSiloServiceProvider(silo).GetRequiredService<SiloNode>();

    public RingDirectory DirectoryOf(SiloAddress silo) => (RingDirectory)SideOf(silo).Directory;

    /// <summary>How many silos have the grain.</summary>
    public int ActivationsOf(GrainId grain) =>
        Cluster.Silos.Count(silo => NodeOf(silo.SiloAddress).Catalog.Find(grain) is not null);

    public TcpCluster SideOf(SiloAddress silo) =>
        (TcpCluster)Cluster.GetSiloServiceProvider(silo).GetRequiredService<ICluster>();
}

internal sealed class ExitSeen : SiloExit
{
    private readonly TaskCompletionSource<string> _why = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Why => _why.Task;

    public override void Leave(string why) => _why.TrySetResult(why);
}
