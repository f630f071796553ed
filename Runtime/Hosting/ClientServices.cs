using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
        services.TryAddSingleton<ClusterJoin>(new GatewayClientJoin());
        SiloServices.AddShared(services, configuration);
        services.Configure<GatewayOptions>(configuration.GetSection("Orleans:Gateway"));
        services.TryAddSingleton<IClientConnectionRetryFilter, PatientRetryFilter>();
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
    private Gateways _gateways = new([], []);

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
        var gateways = _gateways;
        var peers = _membership.Peers;
        if (gateways.Peers != peers) _gateways = gateways = new(peers, [.. _membership.ActiveSilos()]);
        return gateways.Active.Length > 0
            ? gateways.Active[target.GetUniformHashCode() % (uint)gateways.Active.Length]
            : throw new SiloUnavailableException("No silo is active, or no gateway connected.");
    }

    private sealed record Gateways(ImmutableArray<ClusterPeer> Peers, SiloAddress[] Active);
}

/// <summary>The life of a client.</summary>
internal sealed class ClientHost(ClientNode node, ICluster cluster, IClientConnectionRetryFilter retry)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Manifest.Current.IncludeLoaded();
        while (true)
        {
            try
            {
                await cluster.Connect(node, cancellationToken);
                return;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (!await retry.ShouldRetryConnectionAttempt(error, cancellationToken)) throw;
            }
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await cluster.Disconnect(node);
        node.FailCalls(new SiloUnavailableException("The client has stopped."));
        node.Dispose();
    }
}
