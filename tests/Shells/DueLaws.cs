using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Grains whose stored state falls due are woken, wherever they were before.</summary>
public sealed class DueLaws
{
    private static readonly ShellOptions Quick = new() { DueEvery = TimeSpan.FromMilliseconds(10), DueAgain = TimeSpan.FromMilliseconds(20) };

    private static async Task<InProcessTestCluster> Silos(MemoryStore store, WakeBook book, short count = 1)
    {
        var builder = new InProcessTestClusterBuilder(count);
        builder.ConfigureSilo((_, silo) => silo
            .AddStoreGrainStorage("due", store.GrainStates, Guid.NewGuid)
            .ConfigureServices(services => services
                .AddSingleton(TimeProvider.System).AddSingleton(Quick).AddSingleton(book).AddDueSweep(store.GrainStates)));
        var silos = builder.Build();
        await silos.DeployAsync();
        return silos;
    }

    [Fact]
    public async Task A_grain_is_woken_when_its_time_has_come_though_its_silo_is_gone()
    {
        var (store, book) = (new MemoryStore(), new WakeBook());
        await using (var first = await Silos(store, book))
        {
            await first.Client!.GetGrain<IAlarm>("a").Set(DateTimeOffset.UtcNow.AddMilliseconds(200));
            await first.Client!.GetGrain<IAlarm>("never").Set(null);
            await first.Client!.GetGrain<IAlarm>("later").Set(DateTimeOffset.UtcNow.AddDays(1));
            await first.StopAllSilosAsync();
        }
        await using var second = await Silos(store, book, 2);
        await book.Until(wakes => wakes.GetValueOrDefault("a") > 0);
        Assert.Equal(["a"], book.Wakes.Keys);
        Assert.Empty(await store.GrainStates.Due(DateTimeOffset.UtcNow, null, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_that_fails_is_woken_again_and_holds_up_no_other()
    {
        var (store, book) = (new MemoryStore(), new WakeBook { Fails = "a" });
        await using var silos = await Silos(store, book);
        await silos.Client!.GetGrain<IAlarm>("a").Set(DateTimeOffset.UtcNow);
        await book.Until(wakes => wakes.GetValueOrDefault("a") > 0);
        foreach (var i in Enumerable.Range(0, 1_000)) await silos.Client!.GetGrain<IAlarm>($"b{i}").Set(DateTimeOffset.UtcNow);
        await book.Until(wakes => wakes.Count == 1_001);
        book.Fails = null;
        var tried = book.Wakes["a"];
        await book.Until(wakes => wakes["a"] > tried);
        await silos.Client!.GetGrain<IAlarm>("a").Set(null); // its turn comes after those of the wakes
        Assert.Empty(await store.GrainStates.Due(DateTimeOffset.UtcNow, null, 10, TestContext.Current.CancellationToken));
    }
}

[Alias("etl.tests.IAlarm")]
public interface IAlarm : IDueGrain
{
    [Alias("Set")]
    Task Set(DateTimeOffset? at);
}

[GenerateSerializer, Alias("etl.tests.AlarmState")]
public sealed class AlarmState : IDueState
{
    [Id(0)] public DateTimeOffset? DueAt { get; set; }
}

public sealed class Alarm([PersistentState("alarm", "due")] IPersistentState<AlarmState> state, WakeBook book) : Grain, IAlarm
{
    public Task Set(DateTimeOffset? at)
    {
        state.State.DueAt = at;
        return state.WriteStateAsync();
    }

    public async Task Wake()
    {
        var fails = book.Fails == this.GetPrimaryKeyString();
        if (!fails) await Set(null);
        book.Note(this.GetPrimaryKeyString());
        if (fails) throw new InvalidOperationException("as the test says");
    }
}

/// <summary>Which grains were woken how often.</summary>
public sealed class WakeBook
{
    private readonly SemaphoreSlim _noted = new(0);

    public ConcurrentDictionary<string, int> Wakes { get; } = [];
    public string? Fails { get; set; }

    public void Note(string grain)
    {
        Wakes.AddOrUpdate(grain, 1, (_, times) => times + 1);
        _noted.Release();
    }

    public async Task Until(Func<ConcurrentDictionary<string, int>, bool> holds)
    {
        while (!holds(Wakes)) Assert.True(await _noted.WaitAsync(TimeSpan.FromMinutes(2)));
    }
}
