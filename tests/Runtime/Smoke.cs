using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Concurrency;
using Orleans.Hosting;
using Orleans.Runtime;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> Add(int amount);
    Task Fail(string text);
    Task<List<int>> Echo(List<int> list);
}

public sealed class CounterGrain : Grain, ICounterGrain
{
    private int _sum;
    public Task<int> Add(int amount) => Task.FromResult(_sum += amount);
    public async Task Fail(string text) { await Task.Yield(); throw new InvalidOperationException(text); }
    public Task<List<int>> Echo(List<int> list) => Task.FromResult(list);
}

public class Smoke
{
    [Fact]
    public async Task A_grain_answers()
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using var host = builder.Build();
        await host.StartAsync();
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ICounterGrain>("a");
        Assert.Equal(3, await grain.Add(3));
        Assert.Equal(7, await grain.Add(4));
        var list = new List<int> { 1 };
        var back = await grain.Echo(list);
        Assert.NotSame(list, back);
        Assert.Equal(list, back);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Fail("no"));
        Assert.Equal("no", error.Message);
        await host.StopAsync();
    }
}
