using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansEtl.Runtime.Tests.Clusters;
using OrleansEtl.Servers;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

/// <summary>Two silos that reach each other only through proxies.</summary>
[Trait("category", "runtime-only")]
public sealed class TcpSiloTests : IAsyncLifetime
{
    private readonly string _key = Signals.NewKey();
    private readonly IPEndPoint _gatewayOfFirst = TcpGiven.FreeEndpoint();
    private readonly IPEndPoint _gatewayOfSecond = TcpGiven.FreeEndpoint();
    private readonly FakeTable _table = new(TimeProvider.System);
    private readonly List<TcpProxy> _proxies = [];
    private IHost _first = null!;
    private IHost _second = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await Member(_gatewayOfFirst);
        _second = await Member(_gatewayOfSecond);
    }

    public async ValueTask DisposeAsync()
    {
        await _second.StopAsync();
        await _first.StopAsync();
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
    }

    [Fact]
    public async Task Calls_between_two_silos_arrive_in_order()
    {
        var grain = await _first.GrainOn(_second, _key);
        var calls = Enumerable.Range(0, 2_000).Select(_ => grain.Add(1)).ToArray();
        Assert.Equal(Enumerable.Range(1, 2_000), await Task.WhenAll(calls));
    }

    [Fact]
    public async Task An_answer_finds_its_way_to_a_client_of_the_other_silo()
    {
        using var client = await TcpGiven.Client([_gatewayOfFirst]);
        var grain = await client.GrainOn(_second, _key);
        for (var i = 1; i <= 20; i++) Assert.Equal(i, await grain.Add(1));
        await client.StopAsync();
    }

    [Fact]
    public async Task A_grain_calls_an_observer_of_a_client_of_the_other_silo()
    {
        using var client = await TcpGiven.Client([_gatewayOfFirst]);
        var heard = new Heard();
        var observer = client.Services.GetRequiredService<IGrainFactory>().CreateObjectReference<IFarObserver>(heard);
        await (await client.GrainOn(_second, _key)).Tell(observer, 5);
        Assert.Equal(Enumerable.Range(0, 5), heard.Numbers);
        await client.StopAsync();
    }

    [Fact]
    public async Task A_broken_connection_fails_calls_in_flight_at_once_and_later_ones_take_a_new_one()
    {
        var grain = await _first.GrainOn(_second, _key);
        var hanging = grain.Hang(default);
        await Signals.Wait($"{grain.GetPrimaryKeyString()} hangs");
        var watch = Stopwatch.StartNew();
        _proxies.ForEach(proxy => proxy.Cut());
        await Assert.ThrowsAsync<SiloUnavailableException>(() => hanging.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"It took {watch.Elapsed}.");
        Signals.Set($"{grain.GetPrimaryKeyString()} may go");
        _proxies.ForEach(proxy => proxy.Mend());
        Assert.True(await Link(_first).Probe(_second.Address(), TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task A_client_s_call_fails_at_once_when_the_silo_behind_its_gateway_is_lost()
    {
        using var client = await TcpGiven.Client([_gatewayOfFirst]);
        var grain = await client.GrainOn(_second, _key);
        var hanging = grain.Hang(default);
        await Signals.Wait($"{grain.GetPrimaryKeyString()} hangs");
        var watch = Stopwatch.StartNew();
        _proxies.ForEach(proxy => proxy.Cut());
        await Assert.ThrowsAsync<SiloUnavailableException>(() => hanging.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"It took {watch.Elapsed}.");
        Signals.Set($"{grain.GetPrimaryKeyString()} may go");
        _proxies.ForEach(proxy => proxy.Mend());
        await client.StopAsync();
    }

    [Fact]
    public async Task A_client_cancels_a_call_that_its_gateway_sent_on()
    {
        using var client = await TcpGiven.Client([_gatewayOfFirst]);
        var grain = await client.GrainOn(_second, _key);
        using var cancellation = new CancellationTokenSource();
        var hanging = grain.Hang(cancellation.Token);
        await Signals.Wait($"{grain.GetPrimaryKeyString()} hangs");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        await Signals.Wait($"{grain.GetPrimaryKeyString()} was cancelled");
        await client.StopAsync();
    }

    [Fact]
    public async Task Whoever_is_not_that_very_life_of_a_silo_does_not_answer_a_probe()
    {
        var second = _second.Address();
        var earlier = SiloAddress.New(second.Endpoint, second.Generation - 1);
        Assert.True(await Link(_first).Probe(second, TimeSpan.FromSeconds(5)));
        Assert.False(await Link(_first).Probe(earlier, TimeSpan.FromSeconds(5)));
        var nobody = SiloAddress.New(TcpGiven.FreeEndpoint(), 1);
        var watch = Stopwatch.StartNew();
        Assert.False(await Link(_first).Probe(nobody, TimeSpan.FromSeconds(5)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task What_cannot_pass_does_not_answer_a_probe_and_its_loss_is_told()
    {
        var link = Link(_first);
        Assert.True(await link.Probe(_second.Address(), TimeSpan.FromSeconds(5)));
        _proxies.ForEach(proxy => proxy.Hang());
        Assert.False(await link.Probe(_second.Address(), TimeSpan.FromMilliseconds(100)));
        var lost = new TaskCompletionSource<SiloAddress>();
        link.Lost += silo => lost.TrySetResult(silo);
        _proxies.ForEach(proxy => proxy.Cut());
        Assert.Equal(_second.Address(), await lost.Task.WaitAsync(TimeSpan.FromSeconds(5)));
        _proxies.ForEach(proxy => proxy.Mend());
    }

    private async Task<IHost> Member(IPEndPoint gateway)
    {
        var port = FreePorts.Next();
        var proxy = TcpProxy.To(port);
        _proxies.Add(proxy);
        return await TcpGiven.Member(_table, gateway, new IPEndPoint(IPAddress.Loopback, proxy.Port), port);
    }

    private static ISiloTransport Link(IHost silo) => silo.Services.GetRequiredService<ISiloTransport>();
}

internal sealed class Heard : IFarObserver
{
    public List<int> Numbers { get; } = [];

    public Task Hear(int number)
    {
        Numbers.Add(number);
        return Task.CompletedTask;
    }
}
