using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansEtl.Servers;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

[Trait("category", "runtime-only")]
public sealed class TcpReconnectTests
{
    private readonly string _key = Signals.NewKey();
    private readonly IPEndPoint _gateway = TcpGiven.FreeEndpoint();

    [Fact]
    public async Task A_client_that_is_cut_off_fails_its_calls_at_once_and_comes_back_by_itself()
    {
        using var silo = await TcpGiven.Silo(_gateway);
        await using var proxy = TcpProxy.To(_gateway.Port);
        using var client = await TcpGiven.Client([new(IPAddress.Loopback, proxy.Port)]);
        var grain = client.Grain(_key);
        var hanging = grain.Hang(default);
        await Signals.Wait($"{_key} hangs");
        proxy.Cut();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => hanging.WaitAsync(TimeSpan.FromSeconds(1)));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => client.Grain("other").Add(1));
        proxy.Mend();
        Assert.Equal(1, await Eventually(() => client.Grain(_key + "again").Add(1)));
        Signals.Set($"{_key} may go");
    }

    [Fact]
    public async Task A_connection_that_is_cut_in_the_middle_of_a_message_fails_that_call_and_a_new_one_takes_the_next()
    {
        using var silo = await TcpGiven.Silo(_gateway);
        await using var proxy = TcpProxy.To(_gateway.Port);
        using var client = await TcpGiven.Client([new(IPAddress.Loopback, proxy.Port)]);
        await client.Grain(_key).Add(1);
        proxy.Hang();
        var call = client.Grain(_key).LengthOf(new byte[30_000_000]);
        proxy.Cut();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call.WaitAsync(TimeSpan.FromSeconds(1)));
        proxy.Mend();
        Assert.Equal(2, await Eventually(() => client.Grain(_key).Add(1)));
    }

    [Fact]
    public async Task A_client_takes_the_gateways_that_are_there_and_new_ones_of_the_list()
    {
        using var silo = await TcpGiven.Silo(_gateway);
        using var client = await TcpGiven.Client([TcpGiven.FreeEndpoint(), _gateway]);
        for (var i = 0; i < 20; i++) Assert.Equal(1, await client.Grain(_key + i).Add(1));
    }

    [Fact]
    public async Task A_client_that_finds_no_gateway_open_asks_whether_to_try_again()
    {
        var asked = new List<Exception>();
        await Assert.ThrowsAsync<ConnectionFailedException>(() => TcpGiven.Client([_gateway], null, orleans =>
            orleans.UseConnectionRetryFilter((error, _) =>
            {
                asked.Add(error);
                return Task.FromResult(asked.Count < 3);
            })));
        Assert.Equal(3, asked.Count);
        Assert.All(asked, error => Assert.IsType<ConnectionFailedException>(error));
    }

    [Fact]
    public async Task A_client_whose_list_has_no_gateway_does_not_start() =>
        await Assert.ThrowsAsync<SiloUnavailableException>(() => TcpGiven.Client([], null, orleans =>
            orleans.Services.AddSingleton<IGatewayListProvider>(new GivenList())));

    [Fact]
    public async Task A_client_follows_a_list_that_changes()
    {
        var (second, list) = (TcpGiven.FreeEndpoint(), new GivenList { Gateways = { _gateway } });
        using var silo = await TcpGiven.Silo(_gateway);
        using var client = await TcpGiven.Client([], null, orleans =>
        {
            orleans.Services.AddSingleton<IGatewayListProvider>(list);
            orleans.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromMilliseconds(100));
        });
        var first = await client.Grain(_key).Where();
        using var other = await TcpGiven.Silo(second);
        list.Gateways = [second];
        await silo.StopAsync();
        var now = await Eventually(() => client.Grain(_key).Where());
        Assert.NotEqual(first, now);
        Assert.Equal(other.Address(), now);
    }

    private static async Task<T> Eventually<T>(Func<Task<T>> call)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                return await call();
            }
            catch (OrleansMessageRejectionException) when (watch.Elapsed < TimeSpan.FromSeconds(10))
            {
                await Task.Delay(20);
            }
        }
    }

    private sealed class GivenList : IGatewayListProvider
    {
        public List<IPEndPoint> Gateways { get; set; } = [];

        public TimeSpan MaxStaleness => TimeSpan.Zero;

        public bool IsUpdatable => true;

        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public Task<IList<Uri>> GetGateways() =>
            Task.FromResult<IList<Uri>>([.. Gateways.Select(gateway => new Uri($"gwy.tcp://{gateway}/0"))]);
    }
}
