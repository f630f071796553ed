using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Orleans.Hosting;

/// <summary>Configures a silo.</summary>
public interface ISiloBuilder
{
    /// <summary>The services of the host.</summary>
    IServiceCollection Services { get; }

    /// <summary>The configuration of the host.</summary>
    IConfiguration Configuration { get; }
}

/// <summary>Configures a client.</summary>
public interface IClientBuilder
{
    /// <summary>The services of the host.</summary>
    IServiceCollection Services { get; }

    /// <summary>The configuration of the host.</summary>
    IConfiguration Configuration { get; }
}

internal sealed record SiloBuilder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder;

internal sealed record ClientBuilder(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder;

/// <summary>Runs once when the silo has started.</summary>
public interface IStartupTask
{
    /// <summary>Does it; an exception fails the start.</summary>
    Task Execute(CancellationToken cancellationToken);
}

/// <summary>What is configured on a silo.</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Sets options.</summary>
    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    /// <summary>Sets options from configuration.</summary>
    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, IConfiguration configuration)
        where TOptions : class
    {
        builder.Services.AddOptions<TOptions>().Bind(configuration);
        return builder;
    }

    /// <summary>Adds services.</summary>
    public static ISiloBuilder ConfigureServices(
        this ISiloBuilder builder, Action<IServiceCollection> configureDelegate)
    {
        configureDelegate(builder.Services);
        return builder;
    }

    /// <summary>Sets logging.</summary>
    public static ISiloBuilder ConfigureLogging(this ISiloBuilder builder, Action<ILoggingBuilder> configureLogging)
    {
        builder.Services.AddLogging(configureLogging);
        return builder;
    }

    /// <summary>A cluster in this process; the primary silo's port names it.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder, int siloPort = EndpointOptionsDefaults.SiloPort,
        int gatewayPort = EndpointOptionsDefaults.GatewayPort, IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev", string clusterId = "dev")
    {
        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });
        builder.Services.PostConfigure<ClusterOptions>(options => FillIds(options, serviceId, clusterId));
        builder.Services.Replace(ServiceDescriptor.Singleton<ClusterJoin>(
            new LocalClusterJoin(siloPort, gatewayPort, primarySiloEndpoint?.Port ?? siloPort)));
        return builder;
    }

    /// <summary>A cluster of this silo alone; clients of other processes use its gateway.</summary>
    public static ISiloBuilder UseDevelopmentClustering(this ISiloBuilder builder, IPEndPoint primarySiloEndpoint) =>
        builder.ConfigureServices(services => services.Replace(
            ServiceDescriptor.Singleton<ClusterJoin>(new LoneClusterJoin(primarySiloEndpoint))));

    /// <summary>Ports and address of this silo.</summary>
    public static ISiloBuilder ConfigureEndpoints(
        this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort,
        bool listenOnAnyHostAddress = false) =>
        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = advertisedIP;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
            if (!listenOnAnyHostAddress) return;
            options.SiloListeningEndpoint = new(IPAddress.Any, siloPort);
            if (gatewayPort != 0) options.GatewayListeningEndpoint = new(IPAddress.Any, gatewayPort);
        });

    /// <summary>A filter of requests that arrive.</summary>
    public static ISiloBuilder AddIncomingGrainCallFilter(this ISiloBuilder builder, IIncomingGrainCallFilter filter) =>
        builder.ConfigureServices(services => services.AddSingleton(filter));

    /// <inheritdoc cref="AddIncomingGrainCallFilter(ISiloBuilder, IIncomingGrainCallFilter)"/>
    public static ISiloBuilder AddIncomingGrainCallFilter(
        this ISiloBuilder builder, IncomingGrainCallFilterDelegate filter) =>
        builder.AddIncomingGrainCallFilter(new IncomingFilterOf(filter));

    /// <inheritdoc cref="AddIncomingGrainCallFilter(ISiloBuilder, IIncomingGrainCallFilter)"/>
    public static ISiloBuilder AddIncomingGrainCallFilter<TImplementation>(this ISiloBuilder builder)
        where TImplementation : class, IIncomingGrainCallFilter =>
        builder.ConfigureServices(services => services.AddSingleton<IIncomingGrainCallFilter, TImplementation>());

    /// <summary>A filter of requests that leave.</summary>
    public static ISiloBuilder AddOutgoingGrainCallFilter(this ISiloBuilder builder, IOutgoingGrainCallFilter filter) =>
        builder.ConfigureServices(services => services.AddSingleton(filter));

    /// <inheritdoc cref="AddOutgoingGrainCallFilter(ISiloBuilder, IOutgoingGrainCallFilter)"/>
    public static ISiloBuilder AddOutgoingGrainCallFilter(
        this ISiloBuilder builder, OutgoingGrainCallFilterDelegate filter) =>
        builder.AddOutgoingGrainCallFilter(new OutgoingFilterOf(filter));

    /// <inheritdoc cref="AddOutgoingGrainCallFilter(ISiloBuilder, IOutgoingGrainCallFilter)"/>
    public static ISiloBuilder AddOutgoingGrainCallFilter<TImplementation>(this ISiloBuilder builder)
        where TImplementation : class, IOutgoingGrainCallFilter =>
        builder.ConfigureServices(services => services.AddSingleton<IOutgoingGrainCallFilter, TImplementation>());

    /// <summary>Runs when the silo has reached the stage.</summary>
    public static ISiloBuilder AddStartupTask<TStartup>(
        this ISiloBuilder builder, int stage = ServiceLifecycleStage.Active) where TStartup : class, IStartupTask =>
        builder.AddStartupTask(
            (services, stop) => ActivatorUtilities.GetServiceOrCreateInstance<TStartup>(services).Execute(stop), stage);

    /// <inheritdoc cref="AddStartupTask{TStartup}(ISiloBuilder, int)"/>
    public static ISiloBuilder AddStartupTask(
        this ISiloBuilder builder, IStartupTask startupTask, int stage = ServiceLifecycleStage.Active) =>
        builder.AddStartupTask((_, stop) => startupTask.Execute(stop), stage);

    /// <inheritdoc cref="AddStartupTask{TStartup}(ISiloBuilder, int)"/>
    public static ISiloBuilder AddStartupTask(
        this ISiloBuilder builder, Func<IServiceProvider, CancellationToken, Task> startupTask,
        int stage = ServiceLifecycleStage.Active) =>
        builder.ConfigureServices(services => services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            provider => new StartupStep(provider, startupTask, stage)));

    /// <summary>An extension that grains have without saying so.</summary>
    public static ISiloBuilder AddGrainExtension<TExtensionInterface, TExtension>(this ISiloBuilder builder)
        where TExtensionInterface : class, IGrainExtension
        where TExtension : class, TExtensionInterface =>
        builder.ConfigureServices(services =>
            services.AddKeyedScoped<IGrainExtension, TExtension>(typeof(TExtensionInterface)));

    /// <summary>A director for a placement strategy.</summary>
    public static ISiloBuilder AddPlacementDirector<TStrategy, TDirector>(this ISiloBuilder builder)
        where TStrategy : PlacementStrategy, new()
        where TDirector : class, IPlacementDirector =>
        builder.ConfigureServices(services => services.AddPlacementDirector<TStrategy, TDirector>());

    /// <inheritdoc cref="AddPlacementDirector{TStrategy, TDirector}(ISiloBuilder)"/>
    public static void AddPlacementDirector<TStrategy, TDirector>(this IServiceCollection services)
        where TStrategy : PlacementStrategy, new()
        where TDirector : class, IPlacementDirector =>
        services.AddKeyedSingleton<IPlacementDirector, TDirector>(typeof(TStrategy));

    // The names apply over blank ids only: with default arguments the ids stay those of the options.
    private static void FillIds(ClusterOptions options, string serviceId, string clusterId)
    {
        if (string.IsNullOrWhiteSpace(options.ServiceId)) options.ServiceId = serviceId;
        if (string.IsNullOrWhiteSpace(options.ClusterId)) options.ClusterId = clusterId;
    }

    private sealed class StartupStep(
        IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> task, int stage)
        : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) =>
            lifecycle.Subscribe(nameof(StartupStep), stage, stop => task(services, stop));
    }
}

internal static class EndpointOptionsDefaults
{
    public const int SiloPort = 11111;
    public const int GatewayPort = 30000;
}

/// <summary>What is configured on a client.</summary>
public static class ClientBuilderExtensions
{
    /// <summary>Sets options.</summary>
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    /// <summary>Sets options from configuration.</summary>
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, IConfiguration configuration)
        where TOptions : class
    {
        builder.Services.AddOptions<TOptions>().Bind(configuration);
        return builder;
    }

    /// <summary>Adds services.</summary>
    public static IClientBuilder ConfigureServices(
        this IClientBuilder builder, Action<IServiceCollection> configureDelegate)
    {
        configureDelegate(builder.Services);
        return builder;
    }

    /// <summary>The cluster in this process that has a gateway at that port.</summary>
    public static IClientBuilder UseLocalhostClustering(
        this IClientBuilder builder, int gatewayPort = EndpointOptionsDefaults.GatewayPort, string serviceId = "dev",
        string clusterId = "dev")
    {
        builder.Services.Replace(ServiceDescriptor.Singleton<ClusterJoin>(new LocalClientJoin(gatewayPort)));
        return builder;
    }

    /// <summary>A filter of calls to observers.</summary>
    public static IClientBuilder AddIncomingGrainCallFilter(
        this IClientBuilder builder, IIncomingGrainCallFilter filter) =>
        builder.ConfigureServices(services => services.AddSingleton(filter));

    /// <summary>A filter of requests that leave.</summary>
    public static IClientBuilder AddOutgoingGrainCallFilter(
        this IClientBuilder builder, IOutgoingGrainCallFilter filter) =>
        builder.ConfigureServices(services => services.AddSingleton(filter));

    /// <inheritdoc cref="AddOutgoingGrainCallFilter(IClientBuilder, IOutgoingGrainCallFilter)"/>
    public static IClientBuilder AddOutgoingGrainCallFilter(
        this IClientBuilder builder, OutgoingGrainCallFilterDelegate filter) =>
        builder.AddOutgoingGrainCallFilter(new OutgoingFilterOf(filter));
}
