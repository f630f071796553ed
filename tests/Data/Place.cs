using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

/// <summary>A folder of one test, and an engine that may reach nothing else.</summary>
public class Place : IDisposable
{
    private readonly Lazy<DuckEngine> _engine;

    private readonly bool _owned;

    public Place(long memoryBytes = 512L << 20, Func<DuckOptions, DuckOptions>? with = null)
        : this(Directory.CreateTempSubdirectory("etl-data-").FullName, memoryBytes, with) => _owned = true;

    private Place(string root, long memoryBytes, Func<DuckOptions, DuckOptions>? with)
    {
        Root = root;
        Data = Directory.CreateDirectory(Path.Combine(Root, "data")).FullName;
        Store = new DatasetStore(Path.Combine(Root, "store"));
        var options = new DuckOptions(Path.Combine(Root, "spill"), [Data, Store.Root]) { MemoryBytes = memoryBytes, Threads = 2 };
        _engine = new Lazy<DuckEngine>(() => new DuckEngine(with is null ? options : with(options)));
    }

    public static Place In(string root) => new(root, 512L << 20, null);

    public string Root { get; }

    public string Data { get; }

    public DatasetStore Store { get; }

    public DuckEngine Engine => _engine.Value;

    public string At(string relative) => Path.Combine(Data, relative);

    public DuckSession Session() => Engine.Rent(TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();

    public void Dispose()
    {
        if (_engine.IsValueCreated) _engine.Value.Dispose();
        if (_owned) Directory.Delete(Root, recursive: true);
    }
}

/// <summary>One engine for all tests of a class, where they leave nothing behind.</summary>
public sealed class SharedPlace() : Place(512L << 20);
