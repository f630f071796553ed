using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;

namespace OrleansEtl.Storage.Tests;

[Alias("etl.tests.ITally")]
public interface ITally : IGrainWithStringKey
{
    [Alias("Add")]
    Task<int> Add(int amount);
}

[GenerateSerializer, Alias("etl.tests.TallyState")]
public sealed class TallyState
{
    [Id(0)] public int Sum { get; set; }
}

public sealed class Tally([PersistentState("tally", "etl")] IPersistentState<TallyState> state) : Grain, ITally
{
    public async Task<int> Add(int amount)
    {
        state.State.Sum += amount;
        await state.WriteStateAsync();
        return state.State.Sum;
    }
}

/// <summary>The provider as a silo uses it.</summary>
public sealed class InASilo : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private async Task With(Func<ITally, IGrainStates, Task> act)
    {
        await using var store = EmbeddedStore.Open(_folder.At("store.db"), TimeProvider.System);
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.AddStoreGrainStorage("etl", store.GrainStates, Guid.NewGuid));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        await act(cluster.Client!.GetGrain<ITally>("apples"), store.GrainStates);
        await cluster.StopAllSilosAsync();
    }

    [Fact]
    public async Task The_state_of_a_grain_outlives_its_silo()
    {
        await With(async (tally, _) => Assert.Equal(3, await tally.Add(3)));
        await With(async (tally, _) => Assert.Equal(7, await tally.Add(4)));
    }

    [Fact]
    public Task A_grain_whose_state_somebody_else_wrote_reads_it_again() => With(async (tally, states) =>
    {
        await tally.Add(3);
        var key = new StateKey(tally.GetGrainId().ToString(), "tally");
        var stored = (await states.Read(key, default))!;
        await states.Write(new StateWrite(Guid.NewGuid(), key, stored.Version, stored.Value), default);
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => tally.Add(4));
        Assert.Equal(7, await tally.Add(4));
    });
}
