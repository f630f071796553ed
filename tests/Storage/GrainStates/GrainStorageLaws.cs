using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansEtl.Storage.Tests;

/// <summary>What Orleans expects of a provider of grain states.</summary>
public abstract class GrainStorageLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private static readonly GrainId Grain = GrainId.Create("limits", "default");

    private StoreGrainStorage Provider => new(Home.Another().GrainStates, new Json(), Guid.NewGuid);

    private async Task<GrainState<Names>> Reads(GrainId grain, string name = "state")
    {
        var state = new GrainState<Names>();
        await Provider.ReadStateAsync(name, grain, state);
        return state;
    }

    private async Task<GrainState<Names>> Writes(GrainState<Names> state, params string[] names)
    {
        state.State = new Names { All = [.. names] };
        await Provider.WriteStateAsync("state", Grain, state);
        return state;
    }

    [Fact]
    public async Task A_state_without_a_record_is_new_and_empty()
    {
        var state = await Reads(Grain);
        Assert.Empty(state.State.All);
        Assert.Equal((false, null), (state.RecordExists, state.ETag));
    }

    [Fact]
    public async Task What_was_written_is_read_with_its_etag()
    {
        var written = await Writes(await Reads(Grain), "a", "b");
        var read = await Reads(Grain);
        Assert.Equal(["a", "b"], read.State.All);
        Assert.True(written.RecordExists && read.RecordExists);
        Assert.Equal(written.ETag, read.ETag);
    }

    [Fact]
    public async Task A_writer_that_knows_an_older_etag_is_refused_and_its_state_is_left_alone()
    {
        var mine = await Writes(await Reads(Grain), "a");
        var theirs = await Reads(Grain);
        await Writes(theirs, "b");
        var etag = mine.ETag;
        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() => Writes(mine, "c"));
        Assert.Equal((theirs.ETag, etag), (refused.StoredEtag, refused.CurrentEtag));
        Assert.Equal((etag, true), (mine.ETag, mine.RecordExists));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Provider.ClearStateAsync("state", Grain, mine));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Writes(new GrainState<Names>(), "d"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Writes(new GrainState<Names>(new Names(), "rubbish"), "e"));
        Assert.Equal(["b"], (await Reads(Grain)).State.All);
    }

    [Fact]
    public async Task A_cleared_state_is_as_if_it_had_never_been_written()
    {
        var state = await Writes(await Reads(Grain), "a");
        var old = await Reads(Grain);
        await Provider.ClearStateAsync("state", Grain, state);
        Assert.Empty(state.State.All);
        Assert.Equal((false, null), (state.RecordExists, state.ETag));
        Assert.False((await Reads(Grain)).RecordExists);
        await Writes(state, "b");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Writes(old, "c"));
    }

    [Fact]
    public async Task States_of_other_grains_and_names_are_other_states()
    {
        await Writes(await Reads(Grain), "a");
        Assert.False((await Reads(Grain, "state2")).RecordExists);
        Assert.False((await Reads(GrainId.Create("limits2", "default"))).RecordExists);
        Assert.False((await Reads(GrainId.Create("limits", "Default"))).RecordExists);
    }

    private sealed class Names
    {
        public List<string> All { get; set; } = [];
    }

    private sealed class Json : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));
        public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input);
    }
}

public sealed class Grain_storage_in_memory : GrainStorageLaws<MemoryHome>;
public sealed class Grain_storage_in_sqlite : GrainStorageLaws<EmbeddedHome>;
public sealed class Grain_storage_in_postgres : GrainStorageLaws<PostgresHome>;
