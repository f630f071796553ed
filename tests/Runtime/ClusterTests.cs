using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface IPlacedGrain : IGrainWithStringKey
{
    Task<SiloAddress> Where();
    Task<List<string>> Echo(List<string> list);
    Task<int> Write(int add);
    Task<IPlacedGrain> Other(string key);
    Task<SiloAddress> WhereOf(IPlacedGrain other);
    Task Hang(string started);
    Task Fail();
}

public abstract class PlacedGrain(ILocalSiloDetails silo, IPersistentState<Mixed> state) : Grain, IPlacedGrain
{
    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);

    public Task<List<string>> Echo(List<string> list)
    {
        list.Add("seen");
        return Task.FromResult(list);
    }

    public async Task<int> Write(int add)
    {
        state.State = new Mixed("sum", (state.RecordExists ? state.State.B : 0) + add);
        await state.WriteStateAsync();
        return state.State.B;
    }

    public Task<IPlacedGrain> Other(string key) =>
        Task.FromResult(GrainFactory.GetGrain<IPlacedGrain>(key, typeof(SpreadGrain).FullName));

    public Task<SiloAddress> WhereOf(IPlacedGrain other) => other.Where();

    public async Task Hang(string started)
    {
        Signals.Set(started);
        await new TaskCompletionSource().Task;
    }

    public Task Fail() => throw new SpoiledException("spoiled", 3);
}

[RandomPlacement]
public sealed class SpreadGrain(
    ILocalSiloDetails silo, [PersistentState("placed", "kept")] IPersistentState<Mixed> state)
    : PlacedGrain(silo, state);

[PreferLocalPlacement]
public sealed class LocalGrain(
    ILocalSiloDetails silo, [PersistentState("placed", "kept")] IPersistentState<Mixed> state)
    : PlacedGrain(silo, state);

[HashBasedPlacement]
public sealed class HashedGrain(
    ILocalSiloDetails silo, [PersistentState("placed", "kept")] IPersistentState<Mixed> state)
    : PlacedGrain(silo, state);

[NamedSiloPlacement]
public sealed class NamedGrain(
    ILocalSiloDetails silo, [PersistentState("placed", "kept")] IPersistentState<Mixed> state)
    : PlacedGrain(silo, state);

[GenerateSerializer, Alias("tests.NamedSiloPlacement")]
public sealed class NamedSiloPlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class NamedSiloPlacementAttribute() : PlacementAttribute(new NamedSiloPlacement());

/// <summary>Puts a grain on the silo whose name its key begins with.</summary>
public sealed class NamedSiloDirector(IServiceProvider services) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var oracle = services.GetRequiredService<ISiloStatusOracle>();
        var name = target.GrainIdentity.Key.ToString()!.Split(':')[0];
        return Task.FromResult(context.GetCompatibleSilos(target)
            .First(silo => oracle.TryGetSiloName(silo, out var known) && known == name));
    }
}

/// <summary>A store that outlives every silo of the process.</summary>
public sealed class KeptStorage : Orleans.Storage.IGrainStorage
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Mixed> Rows = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!Rows.TryGetValue(grainId.ToString(), out var row)) return Task.CompletedTask;
        grainState.State = (T)(object)row;
        grainState.RecordExists = true;
        grainState.ETag = "1";
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Rows[grainId.ToString()] = (Mixed)(object)grainState.State!;
        grainState.RecordExists = true;
        grainState.ETag = "1";
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
}

public class ClusterTests : IAsyncLifetime
{
    private readonly string _key = Signals.NewKey();
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await Start(3, silo =>
    {
        silo.AddPlacementDirector<NamedSiloPlacement, NamedSiloDirector>();
        silo.Services.AddKeyedSingleton<Orleans.Storage.IGrainStorage>("kept", (_, _) => new KeptStorage());
    });

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual Task<InProcessTestCluster> Start(short silos, Action<ISiloBuilder> configure) =>
        SharedCluster.Start(silos, configure);

    [Fact]
    public async Task Activations_spread_and_each_grain_is_at_one_place_for_all()
    {
        var places = new HashSet<SiloAddress>();
        for (var i = 0; i < 60; i++)
        {
            var place = await Grain<SpreadGrain>(_key + i).Where();
            places.Add(place);
            foreach (var silo in _cluster.Silos)
            {
                var grain = Inside(silo.SiloAddress).GetGrain<IPlacedGrain>(_key + i, typeof(SpreadGrain).FullName);
                Assert.Equal(place, await grain.Where());
            }
        }

        Assert.Equal(3, places.Count);
    }

    [Fact]
    public async Task Grains_stay_where_their_strategy_puts_them()
    {
        foreach (var silo in _cluster.Silos)
        {
            var local = Inside(silo.SiloAddress).GetGrain<IPlacedGrain>(_key + silo.Name, typeof(LocalGrain).FullName);
            Assert.Equal(silo.SiloAddress, await local.Where());
            Assert.Equal(silo.SiloAddress, await Grain<NamedGrain>($"{silo.Name}:{_key}").Where());
        }

        await Grain<HashedGrain>(_key).Where();
    }

    [Fact]
    public async Task A_placement_hint_is_followed()
    {
        var wished = _cluster.Silos[2].SiloAddress;
        RequestContext.Set(IPlacementDirector.PlacementHintKey, wished);
        Assert.Equal(wished, await Grain<SpreadGrain>(_key).Where());
        RequestContext.Clear();
    }

    [Fact]
    public async Task What_goes_between_silos_is_a_copy()
    {
        var (here, there) = await OnTwoSilos();
        var list = new List<string> { "a" };
        var inside = Inside(here);
        var back = await inside.GetGrain<IPlacedGrain>(there, typeof(SpreadGrain).FullName).Echo(list);
        Assert.Equal(["a"], list);
        Assert.Equal(["a", "seen"], back);
    }

    [Fact]
    public async Task References_travel_between_silos()
    {
        var grain = Grain<SpreadGrain>(_key);
        var other = await grain.Other(_key + "other");
        Assert.Equal(await other.Where(), await grain.WhereOf(other));
        Assert.Equal(_key + "other", other.GetPrimaryKeyString());
    }

    [Fact]
    public async Task Grains_of_a_killed_silo_come_back_on_another_with_what_they_wrote()
    {
        var grains = Enumerable.Range(0, 30).Select(i => Grain<SpreadGrain>(_key + i)).ToArray();
        foreach (var grain in grains) await grain.Write(5);
        var victim = _cluster.Silos[1];
        var lost = (await Task.WhenAll(grains.Select(g => g.Where()))).Count(victim.SiloAddress.Equals);
        Assert.True(lost > 0);
        await _cluster.KillSiloAsync(victim);
        await _cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        foreach (var grain in grains)
        {
            Assert.NotEqual(victim.SiloAddress, await grain.Where());
            Assert.Equal(6, await grain.Write(1));
        }
    }

    [Fact]
    public async Task A_stopped_silo_lets_its_grains_go_and_a_started_one_takes_part()
    {
        await _cluster.StopSiloAsync(_cluster.Silos[0]);
        var added = await _cluster.StartAdditionalSiloAsync();
        Assert.Equal(added.SiloAddress, await Grain<NamedGrain>($"{added.Name}:{_key}").Where());
        Assert.Equal(3, (await _cluster.Client!.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Count);
    }

    [Fact]
    public async Task A_call_in_flight_to_a_silo_that_dies_does_not_wait_for_ever()
    {
        var (here, there) = await OnTwoSilos();
        var inside = Inside(here);
        var grain = inside.GetGrain<IPlacedGrain>(there, typeof(SpreadGrain).FullName);
        var place = await grain.Where();
        var call = grain.Hang(_key);
        await Signals.Wait(_key);
        await _cluster.KillSiloAsync(_cluster.Silos.First(s => s.SiloAddress.Equals(place)));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call.WaitAsync(TimeSpan.FromSeconds(25)));
    }

    [Fact]
    public async Task The_management_grain_counts_and_finds_activations()
    {
        var management = _cluster.Client!.GetGrain<IManagementGrain>(0);
        var grain = Grain<SpreadGrain>(_key);
        var place = await grain.Where();
        Assert.Equal(place, await management.GetActivationAddress(grain));
        Assert.Null(await management.GetActivationAddress(Grain<SpreadGrain>(_key + "absent")));
        var statistics = await management.GetSimpleGrainStatistics();
        Assert.Equal(1, statistics.Where(s => s.GrainType.Contains(nameof(SpreadGrain))).Sum(s => s.ActivationCount));
        var detailed = await management.GetDetailedGrainStatistics();
        Assert.Contains(detailed, d => d.GrainId.Equals(grain.GetGrainId()) && d.SiloAddress.Equals(place));
        Assert.True(await management.GetTotalActivationCount() >= 1);
        Assert.Equal(1, await management.GetGrainActivationCount((GrainReference)grain));
        var hosts = await management.GetDetailedHosts(onlyActive: true);
        Assert.Equal(_cluster.Silos.Select(s => s.Name).Order(), hosts.Select(host => host.SiloName).Order());
        var pulses = await management.GetRuntimeStatistics([place]);
        Assert.True(Assert.Single(pulses).ActivationCount >= 1);
    }

    [Fact]
    public async Task An_exception_with_a_serializer_comes_from_another_silo_as_it_was()
    {
        var error = await Assert.ThrowsAsync<SpoiledException>(() => Grain<SpreadGrain>(_key).Fail());
        Assert.Equal(3, error.Grade);
    }

    private IPlacedGrain Grain<TClass>(string key) =>
        _cluster.Client!.GetGrain<IPlacedGrain>(key, typeof(TClass).FullName);

    private IGrainFactory Inside(SiloAddress silo) =>
        _cluster.GetSiloServiceProvider(silo).GetRequiredService<IGrainFactory>();

    private async Task<(SiloAddress Here, string ThereKey)> OnTwoSilos()
    {
        var here = _cluster.Silos[0].SiloAddress;
        for (var i = 0; ; i++)
        {
            if (!here.Equals(await Grain<SpreadGrain>(_key + "t" + i).Where())) return (here, _key + "t" + i);
        }
    }
}
