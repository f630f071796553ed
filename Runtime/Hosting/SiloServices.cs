using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Messaging.Tcp;
using Orleans.Runtime.Placement;
using Orleans.Serialization;
using Orleans.Storage;
using Orleans.Timers;

namespace Orleans.Hosting;

/// <summary>The services of a silo.</summary>
internal static class SiloServices
{
    public static void Add(IServiceCollection services, IConfiguration configuration, Action<ISiloBuilder> configure)
    {
        if (services.Any(service => service.ServiceType == typeof(ClientNode)))
        {
            throw new OrleansConfigurationException(
                "A host is a silo or a client, not both; a silo has an IClusterClient of its own.");
        }

        if (services.All(service => service.ServiceType != typeof(SiloNode))) AddDefaults(services, configuration);
        configure(new SiloBuilder(services, configuration));
    }

    public static void AddShared(IServiceCollection services, IConfiguration configuration)
    {
        services.AddLogging();
        services.AddOptions();
        services.Configure<ClusterOptions>(configuration.GetSection("Orleans"));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClusterJoin>(new TcpClusterJoin());
        services.TryAddSingleton(configuration);
        services.AddSingleton(provider => provider.GetRequiredService<ClusterJoin>().Join(provider));
        services.AddSingleton(provider => new GrainFactory(provider.GetRequiredService<Node>()));
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<GrainFactory>());
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<GrainFactory>());
        services.AddSingleton(provider => new Serializer(provider.GetRequiredService<Node>()));
        services.AddSingleton(typeof(Serializer<>));
        services.AddSingleton<DeepCopier>();
        services.AddSingleton(typeof(DeepCopier<>));
        services.TryAddSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>();
    }

    private static void AddDefaults(IServiceCollection services, IConfiguration configuration)
    {
        AddShared(services, configuration);
        services.Configure<SiloOptions>(options => options.SiloName ??= configuration["Orleans:Name"]);
        services.PostConfigure<SiloOptions>(options =>
            options.SiloName ??= $"Silo_{SequentialGuid.Next().ToString("N")[..5]}");
        services.Configure<EndpointOptions>(configuration.GetSection("Orleans:Endpoints"));
        services.Configure<SiloMessagingOptions>(configuration.GetSection("Orleans:Messaging"));
        services.Configure<ClusterMembershipOptions>(configuration.GetSection("Orleans:Membership"));
        services.AddSingleton<ISiloAddressSource, SiloAddressSource>();
        services.TryAddSingleton<ISiloTransport>(TcpLink.Of);
        services.TryAddSingleton(new Chance(Random.Shared.Next));
        services.AddSingleton<SiloLoads>();
        services.TryAddSingleton<SiloExit, ProcessExit>();
        services.AddSingleton(MakeNode);
        services.AddSingleton<Node>(provider => provider.GetRequiredService<SiloNode>());
        services.AddSingleton<IGrainRuntime>(provider => provider.GetRequiredService<SiloNode>().Runtime);
        services.AddSingleton<ITimerRegistry, TimerRegistry>();
        services.AddSingleton<IPersistentStateFactory, PersistentStateFactory>();
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddScoped<GrainContextSlot>();
        services.AddScoped(provider => provider.GetRequiredService<GrainContextSlot>().Context!);
        services.AddSingleton<SiloLifecycle>();
        services.AddSingleton<ISiloLifecycle>(provider => provider.GetRequiredService<SiloLifecycle>());
        services.AddSingleton<SiloStatusOracle>();
        services.AddSingleton<ISiloStatusOracle>(provider => provider.GetRequiredService<SiloStatusOracle>());
        services.AddSingleton<IClusterMembershipService, ClusterMembershipService>();
        services.AddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        services.AddHostedService<Silo>();
    }

    private static SiloNode MakeNode(IServiceProvider provider)
    {
        var cluster = provider.GetRequiredService<ICluster>();
        var address = provider.GetRequiredService<ISiloAddressSource>().Address;
        return new SiloNode(
            address, provider, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<SiloMessagingOptions>>(),
            provider.GetRequiredService<IOptions<GrainCollectionOptions>>(),
            provider.GetRequiredService<ILogger<SiloNode>>())
        {
            Directory = cluster.Directory,
            Placement = new PlacementDesk(address, cluster.Membership, cluster.Directory, provider),
            Link = cluster.Link,
        };
    }
}

/// <summary>The address of this life of this silo.</summary>
internal interface ISiloAddressSource
{
    SiloAddress Address { get; }
}

internal sealed class SiloAddressSource(IOptions<EndpointOptions> endpoint) : ISiloAddressSource
{
    public SiloAddress Address { get; } = SiloAddress.New(
        endpoint.Value.AdvertisedIPAddress, endpoint.Value.SiloPort, SiloAddress.AllocateNewGeneration());
}

internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext GrainContext => RuntimeContext.Current!;
}
