using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Runtime;

namespace OrleansEtl.Client;

/// <summary>The way to a cluster.</summary>
/// <example>
/// <code>
/// await using var etl = await EtlClient.Connect(new EtlClientOptions { Gateways = ["silo-1:30000", "silo-2:30000"], Secret = secret });
/// var begun = await etl.Start(new StartRequest(pipeline, []), cancellation);
/// </code>
/// </example>
public static class EtlClient
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Connects; the client reconnects by itself for as long as it lives.</summary>
    /// <exception cref="FaultException">ETL4611: no gateway answers, or none knows the secret or trusts the certificate. ETL4612: an address cannot be
    /// read.</exception>
    public static async Task<ClusterEtl> Connect(EtlClientOptions options, CancellationToken cancellation = default)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(ClusterSecurity.Settings(options.Secret, options.Tls));
        builder.Services.AddLogging().AddSingleton<IHostLifetime, NoSignals>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("etl", "etl"));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = options.CallTimeout);
            client.Services.AddSingleton<IGatewayListProvider>(new NamedGateways(options.Gateways));
            client.UseConnectionRetryFilter(TryAgainFor(options.ConnectPatience));
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation);
        }
        catch (Exception e)
        {
            host.Dispose();
            if (e is not (OrleansException or TimeoutException)) throw;
            throw new FaultException(new Fault(FaultKind.Unavailable, "ETL4611",
                $"No silo answers at {string.Join(", ", options.Gateways)}: {e.Message}", null,
                "See that a silo runs there and that the secret is the cluster's (ETL_SECRET or --secret-file)."));
        }
        return Over(host.Services.GetRequiredService<IClusterClient>(), options.Retries, new Connection(host));
    }

    /// <summary>A client of a cluster that this process is connected to already: a silo, or a host with an Orleans client.</summary>
    public static ClusterEtl Over(IGrainFactory grains, RetrySettings? retries = null) => Over(grains, retries ?? new RetrySettings(), null);

    private static ClusterEtl Over(IGrainFactory grains, RetrySettings retries, IAsyncDisposable? owned)
    {
        var clock = TimeProvider.System;
        var calls = new PatientCalls(retries, clock, Chance, () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        return new ClusterEtl(grains, calls, clock, () => RandomNumberGenerator.GetBytes(10), owned);
    }

    private static double Chance() => RandomNumberGenerator.GetInt32(1_000_000) / 1e6;

    /// <summary>A cluster that is only starting answers soon.</summary>
    private static Func<Exception, CancellationToken, Task<bool>> TryAgainFor(TimeSpan patience)
    {
        var begun = TimeProvider.System.GetTimestamp();
        return async (_, cancellation) =>
        {
            if (TimeProvider.System.GetElapsedTime(begun) + Pause > patience) return false;
            await Task.Delay(Pause, TimeProvider.System, cancellation);
            return true;
        };
    }

    private sealed class Connection(IHost host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }
    }
}
