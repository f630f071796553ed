using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Datasets;

/// <summary>A writer's folder. Each port of a step writes below its own name and is sealed once.</summary>
public sealed class Staging
{
    private readonly DatasetStore _store;

    internal Staging(DatasetStore store, StagingKey key, string location) =>
        (_store, Key, Location) = (store, key, location);

    public StagingKey Key { get; }

    /// <summary>Below the store's root.</summary>
    public string Location { get; }

    /// <summary>Writes the rows of a SELECT as the Parquet file of a port.</summary>
    /// <returns>The rows written.</returns>
    public long Write(DuckSession session, string port, string select, CancellationToken cancellation = default)
    {
        var file = NewFile(port);
        return session.Execute(
            $"COPY {Sql.Nested(ParquetTypes.Storable(session, select, cancellation))} "
            + $"TO {Sql.Text(file)} (FORMAT parquet, COMPRESSION zstd)",
            cancellation);
    }

    /// <summary>The path at which a caller may write the next Parquet file of a port by itself.</summary>
    public string NewFile(string port)
    {
        var folder = Directory.CreateDirectory(PortFolder(port)).FullName;
        return Path.Combine(folder, $"part-{Directory.EnumerateFiles(folder, "part-*.parquet").Count():00000}.parquet");
    }

    /// <summary>Flushes a file from time to time until it is disposed: a long write leaves little for the seal to wait for.
    /// </summary>
    public static IDisposable FlushMeanwhile(string file) => new EarlyFlush(file);

    /// <summary>
    /// Makes a version of what a port has written: flushed, hashed and described by a manifest. Nobody sees it before
    /// the caller has recorded it.
    /// </summary>
    public DatasetVersion Seal(
        DuckSession session, string port, DatasetRef name, ImmutableArray<DatasetRef> inputs,
        CancellationToken cancellation = default)
    {
        var folder = PortFolder(port);
        var paths = Directory.EnumerateFiles(folder, "part-*.parquet").Order(StringComparer.Ordinal).ToImmutableArray();
        // The disk, the processor and the engine are busy with different things here.
        var flushed = Task.Run(() => { foreach (var path in paths) Durable.Flush(path); }, CancellationToken.None);
        var hashed = Task.Run(() => paths.Select(ManifestFile.Of).ToImmutableArray(), CancellationToken.None);
        var (rows, columns) = ParquetStatistics.Read(session, paths, cancellation);
        flushed.GetAwaiter().GetResult();
        var files = hashed.GetAwaiter().GetResult();
        var manifest = new Manifest(
            Manifest.FormatNow, name.Name, name.Version, rows, files.Sum(file => file.Bytes), Manifest.HashOf(files),
            columns, files, [.. inputs.Select(input => input.ToString())]);
        Durable.WriteNew(Path.Combine(folder, Manifest.FileName), manifest.ToJson());
        Durable.FlushFolders(folder, _store.Root);
        return new DatasetVersion(
            name, $"{Location}/{port}", [.. files.Select(file => file.Name)],
            [.. columns.Select(column => new Column(column.Name, column.Type))],
            rows, manifest.Bytes, manifest.ContentHash, inputs);
    }

    private string PortFolder(string port)
    {
        var location = $"{Location}/{port}";
        _store.RefuseLinks(location);
        return _store.Below(location);
    }
}
