using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>The gateways that were configured.</summary>
internal sealed class StaticGateways(IOptions<StaticGatewayListProviderOptions> options) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => Timeout.InfiniteTimeSpan;

    public bool IsUpdatable => false;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>([.. options.Value.Gateways]);
}
