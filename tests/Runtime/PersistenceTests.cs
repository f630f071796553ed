using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

[GenerateSerializer, Alias("tests.Notes")]
public sealed class Notes
{
    [Id(0)] public List<string> Lines { get; set; } = [];
}

public interface INotesGrain : IGrainWithStringKey
{
    Task<(int AtActivation, bool Exists, string? Etag)> Loaded();
    Task<List<string>> Write(string line);
    Task<List<string>> Read();
    Task ChangeWithoutWriting(string line);
    Task ReadAgain();
    Task Clear();
    Task End();
    Task<bool> WriteSwallowingConflict(string line);
}

public class NotesGrain : Grain, INotesGrain
{
    private readonly IPersistentState<Notes> _notes;
    private int _atActivation = -1;

    public NotesGrain([PersistentState("notes", "named")] IPersistentState<Notes> notes) => _notes = notes;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _atActivation = _notes.State.Lines.Count;
        return Task.CompletedTask;
    }

    public Task<(int AtActivation, bool Exists, string? Etag)> Loaded() =>
        Task.FromResult((_atActivation, _notes.RecordExists, _notes.Etag));

    public async Task<List<string>> Write(string line)
    {
        _notes.State.Lines.Add(line);
        await _notes.WriteStateAsync();
        return _notes.State.Lines;
    }

    public Task<List<string>> Read() => Task.FromResult(_notes.State.Lines);

    public Task ChangeWithoutWriting(string line)
    {
        _notes.State.Lines.Add(line);
        return Task.CompletedTask;
    }

    public Task ReadAgain() => _notes.ReadStateAsync();

    public Task Clear() => _notes.ClearStateAsync();

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<bool> WriteSwallowingConflict(string line)
    {
        try
        {
            await Write(line);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }
}

public sealed class TrickyNotesGrain([PersistentState("notes", "tricky")] IPersistentState<Notes> notes)
    : NotesGrain(notes), ITrickyNotesGrain;

public interface ITrickyNotesGrain : INotesGrain;

public sealed class HomelessGrain([PersistentState("notes", "nowhere")] IPersistentState<Notes> notes)
    : NotesGrain(notes), IHomelessGrain;

public interface IHomelessGrain : INotesGrain;

public interface IClassicGrain : IGrainWithStringKey
{
    Task<int> Add(string line);
    Task End();
}

public sealed class ClassicGrain : Grain<Notes>, IClassicGrain
{
    public async Task<int> Add(string line)
    {
        State.Lines.Add(line);
        await WriteStateAsync();
        return State.Lines.Count;
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

/// <summary>A store that another writer gets into, or that breaks, when its key says so.</summary>
public sealed class TrickyStorage(string name) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly ConcurrentDictionary<string, (object State, int Version)> _rows = new();

    public static string? NameThatStarted { get; private set; }

    public static ConcurrentDictionary<string, bool> Conflicts { get; } = new();

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        name, ServiceLifecycleStage.ApplicationServices, _ =>
        {
            NameThatStarted = name;
            return Task.CompletedTask;
        });

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_rows.TryGetValue(grainId.ToString(), out var row))
        {
            grainState.State = (T)row.State;
            grainState.ETag = row.Version.ToString();
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = grainId.Key.ToString();
        if (key.StartsWith("breaks", StringComparison.Ordinal)) throw new IOException("disk full");
        if (Conflicts.TryRemove(key, out _)) throw new InconsistentStateException("late", "2", grainState.ETag);
        var version = int.Parse(grainState.ETag ?? "0") + 1;
        _rows[grainId.ToString()] = (grainState.State!, version);
        grainState.ETag = version.ToString();
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _rows.TryRemove(grainId.ToString(), out _);
        grainState.ETag = null!;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }
}

public sealed class PersistenceTests(SharedCluster shared)
{
    private readonly string _key = Signals.NewKey();

    private INotesGrain Grain => shared.Silo.GetGrain<INotesGrain>(_key, typeof(NotesGrain).FullName);

    [Fact]
    public async Task A_state_without_a_record_is_a_new_one()
    {
        var (atActivation, exists, etag) = await Grain.Loaded();
        Assert.Equal((0, false, null), (atActivation, exists, etag));
    }

    [Fact]
    public async Task What_was_written_is_there_when_the_next_activation_begins()
    {
        await Grain.Write("one");
        await Grain.ChangeWithoutWriting("lost");
        await Grain.End();
        var (atActivation, exists, etag) = await Grain.Loaded();
        Assert.Equal((1, true), (atActivation, exists));
        Assert.NotNull(etag);
        Assert.Equal(["one"], await Grain.Read());
    }

    [Fact]
    public async Task Reading_again_throws_away_what_was_not_written()
    {
        await Grain.Write("one");
        await Grain.ChangeWithoutWriting("two");
        await Grain.ReadAgain();
        Assert.Equal(["one"], await Grain.Read());
    }

    [Fact]
    public async Task A_cleared_state_has_no_record_and_can_be_written_again()
    {
        await Grain.Write("one");
        await Grain.Clear();
        Assert.False((await Grain.Loaded()).Exists);
        Assert.Empty(await Grain.Read());
        await Grain.Write("two");
        await Grain.End();
        Assert.Equal(["two"], await Grain.Read());
    }

    [Fact]
    public async Task Grain_of_state_keeps_its_state_in_the_default_provider()
    {
        var grain = shared.Silo.GetGrain<IClassicGrain>(_key);
        Assert.Equal(1, await grain.Add("one"));
        await grain.End();
        Assert.Equal(2, await grain.Add("two"));
    }

    [Fact]
    public async Task An_unknown_provider_fails_the_activation()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => shared.Silo.GetGrain<IHomelessGrain>(_key).Read());
        Assert.Contains("nowhere", error.ToString(), StringComparison.Ordinal);
    }
}

public sealed class StorageProviderTests : IAsyncLifetime
{
    private readonly string _key = Signals.NewKey();
    private Orleans.TestingHost.InProcessTestCluster _cluster = null!;

    private ITrickyNotesGrain Grain => Grains.GetGrain<ITrickyNotesGrain>(_key);

    private IGrainFactory Grains => _cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();

    public async ValueTask InitializeAsync() => _cluster = await SharedCluster.Start(1, silo =>
        silo.Services.AddGrainStorage("tricky", (_, name) => new TrickyStorage(name)));

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_provider_takes_part_in_the_life_of_the_silo_and_is_found_by_name()
    {
        Assert.Equal("tricky", TrickyStorage.NameThatStarted);
        await Grain.Write("one");
        await Grain.End();
        Assert.Equal(["one"], await Grain.Read());
    }

    [Fact]
    public async Task A_conflict_that_escapes_ends_the_activation_and_the_next_reads_anew()
    {
        await Grain.Write("one");
        TrickyStorage.Conflicts[_key] = true;
        await Assert.ThrowsAsync<InconsistentStateException>(() => Grain.Write("two"));
        Assert.True((await Grain.Loaded()).AtActivation > 0);
    }

    [Fact]
    public async Task A_conflict_that_is_caught_changes_nothing()
    {
        await Grain.Write("one");
        TrickyStorage.Conflicts[_key] = true;
        Assert.False(await Grain.WriteSwallowingConflict("two"));
        Assert.Equal(0, (await Grain.Loaded()).AtActivation);
    }

    [Fact]
    public async Task A_failure_of_the_store_arrives_inside_an_OrleansException()
    {
        var grain = Grains.GetGrain<ITrickyNotesGrain>("breaks" + _key);
        var error = await Assert.ThrowsAsync<OrleansException>(() => grain.Write("one"));
        Assert.IsType<IOException>(error.InnerException);
    }
}
