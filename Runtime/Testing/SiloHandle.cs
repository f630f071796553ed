using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>One silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    /// <summary>The ids of its cluster.</summary>
    public ClusterOptions ClusterOptions { get; protected init; } = new();

    /// <summary>Its number.</summary>
    public short InstanceNumber { get; protected init; }

    /// <summary>Its name.</summary>
    public string Name { get; protected init; } = "";

    /// <summary>Its address.</summary>
    public SiloAddress SiloAddress { get; protected init; } = SiloAddress.Zero;

    /// <summary>Where clients connect.</summary>
    public SiloAddress GatewayAddress { get; protected init; } = SiloAddress.Zero;

    /// <summary>Whether it runs.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Stops it: lets its grains go, or not.</summary>
    public Task StopSiloAsync(bool stopGracefully) => StopSiloAsync(new CancellationToken(canceled: !stopGracefully));

    /// <summary>Stops it; when the token fires, at once.</summary>
    public abstract Task StopSiloAsync(CancellationToken ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A silo in this process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private bool _stopped;

    internal InProcessSiloHandle(IHost host, short number)
    {
        SiloHost = host;
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        InstanceNumber = number;
        Name = details.Name;
        SiloAddress = details.SiloAddress;
        GatewayAddress = details.GatewayAddress;
        ClusterOptions = host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
    }

    /// <summary>Its host.</summary>
    public IHost SiloHost { get; }

    /// <summary>Its services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <inheritdoc/>
    public override bool IsActive => !_stopped;

    /// <inheritdoc/>
    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (_stopped) return;
        _stopped = true;
        try
        {
            await SiloHost.StopAsync(ct);
        }
        catch (OperationCanceledException)
        {
            // As asked: the token was there to make it stop at once.
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(new CancellationToken(canceled: true));
        if (SiloHost is IAsyncDisposable host) await host.DisposeAsync();
        else SiloHost.Dispose();
        GC.SuppressFinalize(this);
    }
}
