using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Datasets;

/// <summary>The files of a version while somebody reads them: copies on a local disk as far as there is a cache, else the
/// shared ones. Dispose it when no query reads them any more.</summary>
public sealed class DatasetReading : IDisposable
{
    private readonly LocalCache? _cache;
    private readonly ImmutableArray<string> _links;
    private int _disposed;

    internal DatasetReading(ImmutableArray<string> files, LocalCache? cache, ImmutableArray<string> links) =>
        (Files, _cache, _links) = (files, cache, links);

    /// <summary>In reading order.</summary>
    public ImmutableArray<string> Files { get; }

    /// <summary>A SELECT of all rows.</summary>
    public string Select => SelectOf(Files);

    /// <summary>A SELECT of all rows of Parquet files that all have the same columns.</summary>
    public static string SelectOf(ImmutableArray<string> files) => $"SELECT * FROM read_parquet({Sql.Files(files)}, hive_partitioning = false)";

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        foreach (var link in _links) _cache!.GiveBack(link);
    }
}
