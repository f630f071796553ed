using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans.Hosting;

/// <summary>The services of a client.</summary>
internal static class ClientServices
{
    public static void Add(IServiceCollection services, IConfiguration configuration, Action<IClientBuilder> configure)
    {
        if (services.Any(service => service.ServiceType == typeof(SiloNode)))
        {
            throw new OrleansConfigurationException(
                "A host is a silo or a client, not both; a silo has an IClusterClient of its own.");
        }

        if (services.All(service => service.ServiceType != typeof(ClientNode))) AddDefaults(services, configuration);
        configure(new ClientBuilder(services, configuration));
    }

    private static void AddDefaults(IServiceCollection services, IConfiguration configuration)
    {
        SiloServices.AddShared(services, configuration);
        services.Configure<ClientMessagingOptions>(configuration.GetSection("Orleans:Messaging"));
        services.AddSingleton<ClientNode>();
        services.AddSingleton<Node>(provider => provider.GetRequiredService<ClientNode>());
        services.AddHostedService<ClientHost>();
    }
}

/// <summary>A client: every request goes to a silo that takes it on.</summary>
internal sealed class ClientNode : Node
{
    private readonly IClusterMembership _membership;

    public ClientNode(
        ICluster cluster, IServiceProvider services, TimeProvider time,
        IOptions<ClientMessagingOptions> messaging, ILogger<ClientNode> log)
        : base(cluster.NewClientAddress(), services, time,
            messaging.Value.EffectiveResponseTimeout, log)
    {
        _membership = cluster.Membership;
        Link = cluster.Link;
        OutgoingFilters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
        IncomingFilters = [.. services.GetServices<IIncomingGrainCallFilter>()];
    }

    public override void Route(Request request)
    {
        try
        {
            if (SystemGrains.IsObserver(request.Target) && Address.Equals(FixedAddress.Of(request.Target)))
                Observers.Receive(request);
            else
                SendRequest(request, GatewayFor(request.Target));
        }
        catch (Exception error)
        {
            request.Fail(error);
        }
    }

    // One grain, one gateway, as long as the silos stay the same: so its requests do not overtake one another.
    private SiloAddress GatewayFor(GrainId target)
    {
        SiloAddress[] silos = [.. _membership.ActiveSilos()];
        if (silos.Length == 0) throw new SiloUnavailableException("No silo is active.");
        return silos[target.GetUniformHashCode() % (uint)silos.Length];
    }
}

/// <summary>The life of a client.</summary>
internal sealed class ClientHost(ClientNode node, ICluster cluster) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Manifest.Current.IncludeLoaded();
        return cluster.Connect(node, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await cluster.Disconnect(node);
        node.FailCalls(new SiloUnavailableException("The client has stopped."));
        node.Dispose();
    }
}
