namespace OrleansEtl.Storage.Tests;

/// <summary>A place with a store in it. The laws are bound to homes; a new kind of store joins them with a home of its own.</summary>
public interface IHome : IAsyncDisposable
{
    IStore Store { get; }
    /// <summary>A second store on the same data, as another process would open it.</summary>
    IStore Another();
    FakeHost Host { get; }
}

/// <summary>A process table in which processes start and die at a word.</summary>
public sealed class FakeHost
{
    private readonly Dictionary<int, string> _starts = [];

    public Liveness Liveness => new("here", process => _starts.GetValueOrDefault(process));
    public void Lives(Driver driver) => _starts[driver.ProcessId] = driver.ProcessStart;
    public void Dies(Driver driver) => _starts.Remove(driver.ProcessId);
    public void NumberIsUsedAgain(Driver driver) => _starts[driver.ProcessId] = driver.ProcessStart + " later";
}

public sealed class MemoryHome : IHome
{
    private readonly MemoryStore _store;

    public MemoryHome() => _store = new MemoryStore(Host.Liveness);
    public IStore Store => _store;
    public FakeHost Host { get; } = new();
    public IStore Another() => _store.Another();
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class EmbeddedHome : IHome
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<EmbeddedStore> _stores = [];

    public EmbeddedHome() => Store = Another();
    public IStore Store { get; }
    public FakeHost Host { get; } = new();
    public string Path => _folder.At("store.db");

    public IStore Another()
    {
        var store = EmbeddedStore.Open(Path, TimeProvider.System, Host.Liveness);
        _stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _folder.Dispose();
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("etl-storage-");

    public string At(string name) => Path.Combine(_folder.FullName, name);
    public void Dispose() => _folder.Delete(recursive: true);
}
