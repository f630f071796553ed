using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans.TestingHost;

/// <summary>Configures the silos of a test cluster; made anew for each silo.</summary>
public interface ISiloConfigurator
{
    /// <summary>Configures one.</summary>
    void Configure(ISiloBuilder siloBuilder);
}

/// <summary>Configures the hosts of the silos of a test cluster; made anew for each silo.</summary>
public interface IHostConfigurator
{
    /// <summary>Configures one.</summary>
    void Configure(IHostBuilder hostBuilder);
}

/// <summary>Configures the client of a test cluster.</summary>
public interface IClientBuilderConfigurator
{
    /// <summary>Configures it.</summary>
    void Configure(IConfiguration configuration, IClientBuilder clientBuilder);
}

/// <summary>What all silos of a test cluster share.</summary>
public class TestClusterOptions
{
    /// <summary>The cluster's id.</summary>
    public string ClusterId { get; set; } = TestClusterBuilder.CreateClusterId();

    /// <summary>The id of its data.</summary>
    public string ServiceId { get; set; } = SequentialGuid.Next().ToString();

    /// <summary>How many silos are started at first.</summary>
    public short InitialSilosCount { get; set; } = 2;

    /// <summary>Whether a client is started.</summary>
    public bool InitializeClientOnDeploy { get; set; } = true;
}

/// <summary>Configures a test cluster by types.</summary>
public class TestClusterBuilder
{
    /// <summary>Two silos.</summary>
    public TestClusterBuilder() : this(2)
    {
    }

    /// <summary>That many silos.</summary>
    public TestClusterBuilder(short initialSilosCount) => Options.InitialSilosCount = initialSilosCount;

    /// <summary>What all share.</summary>
    public TestClusterOptions Options { get; } = new();

    /// <summary>Values that every host finds in its configuration.</summary>
    public Dictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

    internal List<Action<IHostBuilder>> SiloHosts { get; } = [];

    internal List<Action<IConfiguration, IClientBuilder>> Clients { get; } = [];

    internal List<Action<IConfigurationBuilder>> HostConfiguration { get; } = [];

    /// <summary>An id that no other cluster has.</summary>
    public static string CreateClusterId() => InProcessTestClusterBuilder.CreateClusterId();

    /// <summary>Configures the silos.</summary>
    public TestClusterBuilder AddSiloBuilderConfigurator<TSiloBuilder>() where TSiloBuilder : new()
    {
        SiloHosts.Add(static host =>
        {
            var configurator = new TSiloBuilder();
            if (configurator is IHostConfigurator hosts) hosts.Configure(host);
            if (configurator is ISiloConfigurator silos) host.UseOrleans(silos.Configure);
        });
        return this;
    }

    /// <summary>Configures the client.</summary>
    public TestClusterBuilder AddClientBuilderConfigurator<TClientBuilder>() where TClientBuilder : new()
    {
        Clients.Add(static (configuration, client) =>
            (new TClientBuilder() as IClientBuilderConfigurator)?.Configure(configuration, client));
        return this;
    }

    /// <summary>Configures the configuration of all hosts.</summary>
    public TestClusterBuilder ConfigureHostConfiguration(Action<IConfigurationBuilder> configureDelegate)
    {
        HostConfiguration.Add(configureDelegate);
        return this;
    }

    /// <summary>The cluster, not yet started.</summary>
    public TestCluster Build() => new(this);

    internal IHost MakeSilo(InProcessCluster cluster, string name, int port)
    {
        var host = NewHost();
        host.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(SetIds);
            TestHosts.Configure(silo, cluster, name, port);
        });
        foreach (var configure in SiloHosts) configure(host);
        return host.Build();
    }

    internal IHost MakeClient(InProcessCluster cluster)
    {
        var host = NewHost();
        host.UseOrleansClient((context, client) =>
        {
            client.Configure<ClusterOptions>(SetIds);
            TestHosts.Configure(client, cluster);
            foreach (var configure in Clients) configure(context.Configuration, client);
        });
        return host.Build();
    }

    private HostBuilder NewHost()
    {
        var host = new HostBuilder();
        host.UseEnvironment(Environments.Development);
        host.ConfigureHostConfiguration(configuration =>
        {
            configuration.AddInMemoryCollection(Properties.Select(p => KeyValuePair.Create(p.Key, (string?)p.Value)));
            foreach (var configure in HostConfiguration) configure(configuration);
        });
        return host;
    }

    private void SetIds(ClusterOptions options) =>
        (options.ClusterId, options.ServiceId) = (Options.ClusterId, Options.ServiceId);
}
