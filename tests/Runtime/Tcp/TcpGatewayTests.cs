using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

/// <summary>Gateways that die without a word, in processes of their own.</summary>
[Trait("category", "runtime-only")]
public sealed class TcpGatewayTests
{
    private readonly string _key = Signals.NewKey();

    [Fact]
    public async Task A_call_in_flight_fails_at_once_when_its_gateway_is_killed_and_others_take_over()
    {
        using var first = await ChildSilo.Start();
        using var second = await ChildSilo.Start();
        using var client = await TcpGiven.Client([first.Gateway, second.Gateway]);
        var grains = Enumerable.Range(0, 40).Select(i => client.Grain($"{_key}-{i}")).ToArray();
        // The client is connected as soon as one gateway is; this test needs both.
        SiloAddress[] places;
        do places = await Task.WhenAll(grains.Select(grain => grain.Where()));
        while (!places.Any(first.Is) || !places.Any(second.Is));
        var (dies, stays) = (places.First(first.Is), places.First(second.Is));

        var calls = grains.Select(grain => grain.Hang(default)).ToArray();
        // A hanging grain answers to nobody else: one more call behind each proves nothing, so ask their silos.
        foreach (var other in (SiloAddress[])[dies, stays]) await Idle(client, other);
        var watch = Stopwatch.StartNew();
        first.Kill();
        foreach (var (call, place) in calls.Zip(places))
        {
            if (!place.Equals(dies)) continue;
            await Assert.ThrowsAsync<SiloUnavailableException>(() => call.WaitAsync(TimeSpan.FromSeconds(5)));
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"It took {watch.Elapsed}.");
        Assert.All(calls.Zip(places), pair => Assert.Equal(pair.Second.Equals(dies), pair.First.IsCompleted));
        for (var i = 0; i < 20; i++) Assert.Equal(stays, await client.Grain($"{_key}+{i}").Where());
    }

    [Fact]
    public async Task A_gateway_that_is_frozen_is_left_within_seconds()
    {
        using var first = await ChildSilo.Start();
        using var second = await ChildSilo.Start();
        using var client = await TcpGiven.Client([first.Gateway, second.Gateway]);
        await GrainOn(client, first);
        await GrainOn(client, second);
        var frozen = await GrainOn(client, first); // among two gateways, as from now on
        first.Freeze();
        await Assert.ThrowsAsync<SiloUnavailableException>(async () =>
        {
            while (true) await frozen.Where().WaitAsync(TimeSpan.FromSeconds(15)); // it takes a moment to stop
        });
        for (var i = 0; i < 20; i++) Assert.True(second.Is(await client.Grain($"{_key}+{i}").Where()));
    }

    private async Task<IFarGrain> GrainOn(IHost client, ChildSilo silo)
    {
        for (var i = 0; ; i++)
        {
            var grain = client.Grain($"{_key}-{i}");
            if (silo.Is(await grain.Where())) return grain;
        }
    }

    // Letters of one connection are taken in order: when this is answered, those before it have arrived.
    private async Task Idle(IHost client, SiloAddress silo)
    {
        for (var i = 0; ; i++)
        {
            if (silo.Equals(await client.Grain($"{_key}:{i}").Where())) return;
        }
    }
}
