using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Messaging.Tcp;

namespace Orleans
{
    /// <summary>Decides whether a client that could not be connected tries again; waits if it likes.</summary>
    public interface IClientConnectionRetryFilter
    {
        /// <summary>True = try again now.</summary>
        Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken);
    }
}

namespace Orleans.Hosting
{
    /// <summary>How a client finds and keeps its gateways.</summary>
    public static class ClientConnectionExtensions
    {
        /// <summary>The gateways are these.</summary>
        public static IClientBuilder UseStaticClustering(this IClientBuilder builder, params IPEndPoint[] endpoints)
        {
            builder.Services.Configure<StaticGatewayListProviderOptions>(options =>
                options.Gateways.AddRange(endpoints.Select(e => new Uri($"gwy.tcp://{e}/0"))));
            builder.Services.AddSingleton<IGatewayListProvider, StaticGateways>();
            return builder;
        }

        /// <summary>Asked after every attempt to connect that failed.</summary>
        public static IClientBuilder UseConnectionRetryFilter(
            this IClientBuilder builder, IClientConnectionRetryFilter filter)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(filter));
            return builder;
        }

        /// <inheritdoc cref="UseConnectionRetryFilter(IClientBuilder, IClientConnectionRetryFilter)"/>
        public static IClientBuilder UseConnectionRetryFilter(
            this IClientBuilder builder, Func<Exception, CancellationToken, Task<bool>> filter) =>
            builder.UseConnectionRetryFilter(new RetryFilterOf(filter));

        /// <inheritdoc cref="UseConnectionRetryFilter(IClientBuilder, IClientConnectionRetryFilter)"/>
        public static IClientBuilder UseConnectionRetryFilter<TFilter>(this IClientBuilder builder)
            where TFilter : class, IClientConnectionRetryFilter
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<IClientConnectionRetryFilter, TFilter>());
            return builder;
        }
    }

    internal sealed class RetryFilterOf(Func<Exception, CancellationToken, Task<bool>> filter)
        : IClientConnectionRetryFilter
    {
        public Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken) =>
            filter(exception, cancellationToken);
    }

    /// <summary>Some attempts with growing pauses, as long as it looks as if the cluster were only starting.</summary>
    internal sealed class PatientRetryFilter(TimeProvider time) : IClientConnectionRetryFilter
    {
        private const int AttemptsMax = 15;
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.5);
        private int _attempts;

        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            if (exception is SiloUnavailableException
                or not (OrleansMessageRejectionException or ConnectionFailedException)) return false;
            if (++_attempts >= AttemptsMax) return false;
            await Task.Delay(Pause * _attempts, time, cancellationToken);
            return true;
        }
    }

    /// <summary>The clustering of a client whose gateways are in the services.</summary>
    internal sealed record GatewayClientJoin : ClusterJoin
    {
        public override ICluster Join(IServiceProvider services) =>
            services.GetService<IGatewayListProvider>() is null
                ? throw new OrleansConfigurationException(
                    "No clustering is configured; call UseStaticClustering or UseLocalhostClustering on the client "
                    + "builder.")
                : ClientLink.Of(services);
    }

    /// <summary>The clustering of one silo for itself, with a gateway for other processes.</summary>
    internal sealed record LoneClusterJoin(IPEndPoint Primary) : ClusterJoin
    {
        public override ICluster Join(IServiceProvider services)
        {
            var own = services.GetRequiredService<ISiloAddressSource>().Address.Endpoint;
            return own.Equals(Primary)
                ? new LoneCluster(TcpLink.Of(services))
                : throw new OrleansConfigurationException(
                    $"Development clustering is for one silo at {Primary}; this one is at {own}. "
                    + "For several silos configure a membership table.");
        }
    }
}
