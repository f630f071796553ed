using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Placement;
using Orleans.Runtime;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface IRestlessGrain : IGrainWithStringKey
{
    Task<long> Call(int number);
}

/// <summary>Ends itself all the time, and notices if it is in two places or turns at once.</summary>
[RandomPlacement]
public sealed class RestlessGrain : Grain, IRestlessGrain
{
    private static readonly ConcurrentDictionary<string, int> Alive = new();
    private static readonly ConcurrentDictionary<string, long> Sums = new();
    private int _inside;

    public static ConcurrentBag<string> Faults { get; } = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Alive.AddOrUpdate(IdentityString, 1, (_, n) => n + 1) != 1) Faults.Add($"{IdentityString} lives twice");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Alive.AddOrUpdate(IdentityString, 0, (_, n) => n - 1);
        return Task.CompletedTask;
    }

    public async Task<long> Call(int number)
    {
        if (Interlocked.Increment(ref _inside) != 1) Faults.Add($"{IdentityString} has two requests at once");
        var sum = Sums.GetValueOrDefault(IdentityString);
        if (number % 3 == 0) await Task.Yield();
        Sums[IdentityString] = sum + 1;
        if (number % 7 == 0) DeactivateOnIdle();
        Interlocked.Decrement(ref _inside);
        return sum + 1;
    }
}

[Trait("category", "runtime-only")]
public sealed class StressTests
{
    [Fact]
    public async Task No_call_is_lost_or_doubled_and_no_grain_lives_twice_while_activations_come_and_go()
    {
        // Grains that end all the time are hard to find: each miss is a hop.
        await using var cluster = await SharedCluster.Start(
            3, silo => silo.Configure<SiloMessagingOptions>(options => options.MaxForwardCount = 1000));
        IGrainFactory[] factories =
        [
            cluster.Client!,
            .. cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<IGrainFactory>()),
        ];
        var results = new ConcurrentDictionary<string, ConcurrentBag<long>>();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 250; i++)
            {
                var key = "restless-" + ((caller + i) % 8);
                var grain = factories[(caller + i) % factories.Length].GetGrain<IRestlessGrain>(key);
                var sum = await grain.Call(caller + i);
                results.GetOrAdd(key, static _ => []).Add(sum);
            }
        })));
        Assert.Empty(RestlessGrain.Faults);
        Assert.Equal(10_000, results.Values.Sum(bag => bag.Count));
        foreach (var sums in results.Values)
            Assert.Equal(Enumerable.Range(1, sums.Count).Select(n => (long)n), sums.Order());
    }
}
