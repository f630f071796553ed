using Microsoft.Extensions.DependencyInjection;

namespace OrleansEtl.Client;

/// <summary>A cluster's client as a service.</summary>
public static class EtlClientServices
{
    /// <summary>Adds an <see cref="EtlConnection"/>, which connects when it is first asked and is closed with the services.</summary>
    public static IServiceCollection AddEtlClient(this IServiceCollection services, EtlClientOptions options) =>
        services.AddSingleton(_ => new EtlConnection(options));
}

/// <summary>One client for a whole program, connected when it is first needed.</summary>
public sealed class EtlConnection(EtlClientOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1);
    private ClusterEtl? _etl;

    /// <summary>The client. A connection that failed is tried again by the next who asks.</summary>
    /// <exception cref="FaultException">As for <see cref="EtlClient.Connect"/>.</exception>
    public async Task<ClusterEtl> Get(CancellationToken cancellation = default)
    {
        await _connecting.WaitAsync(cancellation);
        try
        {
            return _etl ??= await EtlClient.Connect(options, cancellation);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connecting.Dispose();
        if (_etl is not null) await _etl.DisposeAsync();
    }
}
