using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

/// <summary>A folder of one test, and an engine that may reach nothing else.</summary>
public sealed class Place : IDisposable
{
    private readonly Lazy<DuckEngine> _engine;

    public Place(long memoryBytes = 512L << 20, Func<DuckOptions, DuckOptions>? with = null)
    {
        Root = Directory.CreateTempSubdirectory("etl-data-").FullName;
        Data = Directory.CreateDirectory(Path.Combine(Root, "data")).FullName;
        var options = new DuckOptions(Path.Combine(Root, "spill"), ImmutableArray.Create(Data)) { MemoryBytes = memoryBytes, Threads = 2 };
        _engine = new Lazy<DuckEngine>(() => new DuckEngine(with is null ? options : with(options)));
    }

    public string Root { get; }

    public string Data { get; }

    public DuckEngine Engine => _engine.Value;

    public string At(string relative) => Path.Combine(Data, relative);

    public DuckSession Session() => Engine.Rent(TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();

    public void Dispose()
    {
        if (_engine.IsValueCreated) _engine.Value.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}
