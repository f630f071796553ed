using System.Net;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansEtl.Servers;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

[Trait("category", "runtime-only")]
public sealed class TcpLimitTests
{
    private const int BodyBytesMax = 200_000;

    private readonly string _key = Signals.NewKey();
    private readonly IPEndPoint _gateway = TcpGiven.FreeEndpoint();

    [Fact]
    public async Task A_message_that_is_too_large_fails_its_call_and_no_other()
    {
        using var silo = await TcpGiven.Silo(_gateway, null, Limit);
        using var client = await TcpGiven.Client(
            [_gateway], null, orleans => orleans.Configure<ClientMessagingOptions>(Limit));
        var grain = client.Grain(_key);
        var running = Enumerable.Range(0, 100).Select(_ => grain.Add(1)).ToArray();
        var tooLarge = await Assert.ThrowsAnyAsync<OrleansMessageRejectionException>(
            () => grain.LengthOf(new byte[BodyBytesMax + 1]));
        Assert.Contains("MaxMessageBodySize", tooLarge.Message);
        Assert.Equal(Enumerable.Range(1, 100), await Task.WhenAll(running));
        Assert.Equal(BodyBytesMax - 1000, await grain.LengthOf(new byte[BodyBytesMax - 1000]));
    }

    [Fact]
    public async Task A_result_that_is_too_large_fails_its_call_and_no_other()
    {
        using var silo = await TcpGiven.Silo(_gateway, null, Limit);
        using var client = await TcpGiven.Client([_gateway]);
        var error = await Assert.ThrowsAnyAsync<OrleansException>(() => client.Grain(_key).Make(BodyBytesMax + 1));
        Assert.Contains("MaxMessageBodySize", error.Message);
        Assert.Equal(1, await client.Grain(_key).Add(1));
    }

    [Fact]
    public async Task A_receiver_that_takes_less_than_the_sender_sends_says_so_and_the_connection_lives_on()
    {
        using var silo = await TcpGiven.Silo(_gateway, null, Limit);
        using var client = await TcpGiven.Client([_gateway]);
        var grain = client.Grain(_key);
        var error = await Assert.ThrowsAnyAsync<OrleansException>(
            () => grain.LengthOf(new byte[BodyBytesMax * 3]).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("MaxMessageBodySize", error.Message);
        Assert.Equal(1, await grain.Add(1));
    }

    [Fact]
    public async Task A_grain_id_that_is_too_long_fails_its_call_and_no_other()
    {
        using var silo = await TcpGiven.Silo(_gateway);
        using var client = await TcpGiven.Client([_gateway], null, orleans =>
            orleans.Configure<ClientMessagingOptions>(options => options.MaxMessageHeaderSize = 1000));
        var error = await Assert.ThrowsAnyAsync<OrleansMessageRejectionException>(
            () => client.Grain(new string('k', 2000)).Add(1));
        Assert.Contains("MaxMessageHeaderSize", error.Message);
        Assert.Equal(1, await client.Grain(_key).Add(1));
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_stops_its_senders_before_memory_does()
    {
        using var silo = await TcpGiven.Silo(_gateway);
        await using var proxy = TcpProxy.To(_gateway.Port);
        using var client = await TcpGiven.Client([new(IPAddress.Loopback, proxy.Port)]);
        var grain = client.Grain(_key);
        await grain.Add(1);
        proxy.Hang();
        // What waits is bounded at 128 MiB; the system's own buffers and those of the proxy hold some more.
        var calls = Enumerable.Range(0, 300).Select(_ => grain.LengthOf(new byte[1024 * 1024])).ToArray();
        await Assert.ThrowsAnyAsync<OrleansMessageRejectionException>(() => calls[^1]);
        proxy.Mend();
        await Task.WhenAll(calls).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.InRange(calls.Count(call => call.IsCompletedSuccessfully), 120, 160);
    }

    private static void Limit(ISiloBuilder silo) => silo.Configure<SiloMessagingOptions>(Limit);

    private static void Limit(MessagingOptions options) => options.MaxMessageBodySize = BodyBytesMax;
}
