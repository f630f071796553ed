using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans.TestingHost;

/// <summary>What all silos and the client of a test cluster share.</summary>
public sealed class InProcessTestClusterOptions
{
    /// <summary>The cluster's id.</summary>
    public string ClusterId { get; set; } = InProcessTestClusterBuilder.CreateClusterId();

    /// <summary>The id of its data.</summary>
    public string ServiceId { get; set; } = SequentialGuid.Next().ToString();

    /// <summary>How many silos are started at first.</summary>
    public int InitialSilosCount { get; set; } = 2;

    /// <summary>Whether a client is started.</summary>
    public bool InitializeClientOnDeploy { get; set; } = true;
}

/// <summary>What one silo of a test cluster has for itself.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    /// <summary>Its name.</summary>
    public string SiloName { get; init; } = "";

    /// <summary>Its port for silos.</summary>
    public int SiloPort { get; init; }

    /// <summary>Its port for clients.</summary>
    public int GatewayPort { get; init; }
}

/// <summary>Configures a test cluster.</summary>
public sealed class InProcessTestClusterBuilder
{
    private static int _clusters;

    /// <summary>Two silos.</summary>
    public InProcessTestClusterBuilder() : this(2)
    {
    }

    /// <summary>That many silos.</summary>
    public InProcessTestClusterBuilder(short initialSilosCount) => Options.InitialSilosCount = initialSilosCount;

    /// <summary>What all share.</summary>
    public InProcessTestClusterOptions Options { get; } = new();

    internal List<Action<IHostApplicationBuilder>> AllHosts { get; } = [];

    internal List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHosts { get; } = [];

    internal List<Action<IHostApplicationBuilder>> ClientHosts { get; } = [];

    /// <summary>An id that no other cluster has.</summary>
    public static string CreateClusterId() => $"testcluster-{Interlocked.Increment(ref _clusters)}";

    /// <summary>Configures all hosts.</summary>
    public InProcessTestClusterBuilder ConfigureHost(Action<IHostApplicationBuilder> configureHostDelegate)
    {
        AllHosts.Add(configureHostDelegate);
        return this;
    }

    /// <summary>Configures the silos.</summary>
    public InProcessTestClusterBuilder ConfigureSilo(
        Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSiloDelegate)
    {
        SiloHosts.Add((options, host) => host.UseOrleans(silo => configureSiloDelegate(options, silo)));
        return this;
    }

    /// <summary>Configures the hosts of the silos.</summary>
    public InProcessTestClusterBuilder ConfigureSiloHost(
        Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder> configureSiloHostDelegate)
    {
        SiloHosts.Add(configureSiloHostDelegate);
        return this;
    }

    /// <summary>Configures the client.</summary>
    public InProcessTestClusterBuilder ConfigureClient(Action<IClientBuilder> configureClientDelegate)
    {
        ClientHosts.Add(host => host.UseOrleansClient(configureClientDelegate));
        return this;
    }

    /// <summary>Configures the host of the client.</summary>
    public InProcessTestClusterBuilder ConfigureClientHost(Action<IHostApplicationBuilder> configureHostDelegate)
    {
        ClientHosts.Add(configureHostDelegate);
        return this;
    }

    /// <summary>The cluster, not yet started.</summary>
    public InProcessTestCluster Build() => new(this);
}

/// <summary>Makes the hosts of test clusters: nothing of the defaults, since they must start fast.</summary>
internal static class TestHosts
{
    public static HostApplicationBuilder Empty() => new(new HostApplicationBuilderSettings
    {
        DisableDefaults = true,
        EnvironmentName = Environments.Development,
    });

    public static void Configure(ISiloBuilder silo, InProcessCluster cluster, string name, int port)
    {
        silo.Configure<SiloOptions>(options => options.SiloName = name);
        silo.Configure<EndpointOptions>(options => (options.SiloPort, options.GatewayPort) = (port, port + 10000));
        silo.Services.Replace(ServiceDescriptor.Singleton<ClusterJoin>(new GivenClusterJoin(cluster)));
    }

    public static void Configure(IClientBuilder client, InProcessCluster cluster) =>
        client.Services.Replace(ServiceDescriptor.Singleton<ClusterJoin>(new GivenClusterJoin(cluster)));
}
