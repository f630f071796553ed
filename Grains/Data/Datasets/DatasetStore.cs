using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Datasets;

/// <summary>
/// Dataset versions as folders below one root. A version's files are written once, below the key of the attempt that
/// makes them, flushed, and never renamed or changed. The store does not know which versions are published: that is a
/// row which the caller writes in its own transaction. Readers come with the <see cref="DatasetVersion"/> of such a row
/// and so see whole versions only.
/// </summary>
public sealed class DatasetStore
{
    /// <summary>How often one attempt may start over before somebody has to look.</summary>
    private const int StartsMax = 10_000;

    private readonly LocalCache? _cache;

    /// <param name="cache">Where copies of files are read from; null: the files themselves are read.</param>
    public DatasetStore(string root, LocalCache? cache = null)
    {
        _cache = cache;
        if (!Path.IsPathFullyQualified(root))
            throw new ArgumentException($"'{root}' is not an absolute path.", nameof(root));
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
    }

    public string Root { get; }

    /// <summary>
    /// A new, empty folder for a writer. Each call gives another one: a writer that comes back from the dead, or an
    /// attempt that was dispatched twice, never shares a folder and never removes what an earlier one finished.
    /// </summary>
    public Staging Stage(StagingKey key)
    {
        RefuseLinks(key.Location);
        for (var start = 0; start < StartsMax; start++)
        {
            var location = $"{key.Location}/{start}";
            if (!TryCreate(Below(key.Location)) || Path.Exists(Below(location)) || !CreateExclusively(Below(location)))
                continue;
            return new Staging(this, key, location);
        }

        throw new FaultException(new Fault(
            FaultKind.Exhausted, DataCodes.StagingExhausted, $"Staging {key}: started {StartsMax} times already."));
    }

    /// <summary>The files of a version, in reading order, checked to be there in their recorded size.</summary>
    /// <exception cref="FaultException">The version is damaged.</exception>
    public ImmutableArray<string> Files(DatasetVersion version)
    {
        var folder = FolderOf(version);
        var paths = ImmutableArray.CreateBuilder<string>(version.Files.Length);
        var bytes = 0L;
        foreach (var name in version.Files)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (!StagingKey.IsName(name) || !file.Exists || file.LinkTarget is not null)
                throw Damaged(version, $"the file {name} is missing");
            bytes += file.Length;
            paths.Add(file.FullName);
        }

        if (bytes == version.Bytes) return paths.ToImmutable();
        long BytesOf(string name) => new FileInfo(Path.Combine(folder, name)).Length;
        var wrong = Manifest.Read(folder)?.Files.FirstOrDefault(file => BytesOf(file.Name) != file.Bytes);
        throw Damaged(version, wrong is null
            ? $"its files have {bytes} bytes; recorded are {version.Bytes}"
            : $"the file {wrong.Name} has {BytesOf(wrong.Name)} bytes; recorded are {wrong.Bytes}");
    }

    /// <summary>The files of a version, to be read: from the cache, where there is one.</summary>
    /// <exception cref="FaultException">The version is damaged.</exception>
    public DatasetReading Open(DatasetVersion version, CancellationToken cancellation = default)
    {
        var files = Files(version);
        if (_cache is null || Manifest.Read(FolderOf(version)) is not { } manifest
            || Manifest.HashOf(manifest.Files) != version.ContentHash || manifest.Files.Length != files.Length)
            return new DatasetReading(files, null, []);
        var links = ImmutableArray.CreateBuilder<string>();
        try
        {
            var local = files.Zip(manifest.Files, (shared, file) =>
            {
                var link = _cache.Take(
                    file, shared, name => Damaged(version, $"the file {name} is not what was written"), cancellation);
                if (link is not null) links.Add(link);
                return link ?? shared;
            }).ToImmutableArray();
            return new DatasetReading(local, _cache, links.ToImmutable());
        }
        catch
        {
            foreach (var link in links) _cache.GiveBack(link);
            throw;
        }
    }

    /// <summary>A SELECT of all rows of a version.</summary>
    public string Select(DatasetVersion version) =>
        $"SELECT * FROM read_parquet({Sql.Files(Files(version))}, hive_partitioning = false)";

    /// <summary>The manifest in a version's folder; null when it cannot be read.</summary>
    public Manifest? ReadManifest(DatasetVersion version) => Manifest.Read(FolderOf(version));

    /// <summary>Hashes every file anew and compares; null when all is well, else the first damage.</summary>
    public Fault? Verify(DatasetVersion version)
    {
        try
        {
            var files = Files(version).Select(ManifestFile.Of);
            return Manifest.HashOf(files) == version.ContentHash
                ? null
                : Damaged(version, "its content is not what was written").Fault;
        }
        catch (FaultException damaged)
        {
            return damaged.Fault;
        }
    }

    /// <summary>
    /// Removes what nobody needs. The caller decides by its own records, never by age: <paramref name="needs"/> is
    /// asked for each staged folder and must say true for every attempt that may still write and every folder that a
    /// published version lies in. Stops after
    /// <paramref name="foldersMax"/> folders. Running it twice, or in two processes, is harmless.
    /// </summary>
    /// <returns>The folders that this pass removed.</returns>
    public int Sweep(Func<StagedFolder, bool> needs, int foldersMax, CancellationToken cancellation = default)
    {
        var removed = 0;
        foreach (var staged in Staged())
        {
            cancellation.ThrowIfCancellationRequested();
            if (removed == foldersMax) break;
            if (needs(staged)) continue;
            Remove(staged);
            removed++;
        }

        return removed;
    }

    /// <summary>Every staged folder, published or not.</summary>
    public IEnumerable<StagedFolder> Staged()
    {
        foreach (var owner in NamesIn(Root))
            foreach (var part in NamesIn(Path.Combine(Root, owner)))
                foreach (var attempt in NamesIn(Path.Combine(Root, owner, part)))
                    foreach (var start in NamesIn(Path.Combine(Root, owner, part, attempt)))
                        yield return Folder(StagingKey.Of(owner, part, attempt), start);
    }

    /// <summary>The numbers of the attempts that an owner's part has folders of.</summary>
    internal IEnumerable<int> AttemptsOf(string owner, string part) =>
        from name in NamesIn(Below($"{owner}/{part}"))
        where int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _)
        select int.Parse(name, System.Globalization.CultureInfo.InvariantCulture);

    private static StagedFolder Folder(StagingKey key, string start) => new(key, $"{key.Location}/{start}");

    internal string Below(string location) => Path.Combine([Root, .. location.Split('/')]);

    /// <summary>A link below the root could lead a writer out of it.</summary>
    internal void RefuseLinks(string location)
    {
        var current = Root;
        foreach (var name in location.Split('/'))
        {
            current = Path.Combine(current, name);
            if (!StagingKey.IsName(name) || new DirectoryInfo(current).LinkTarget is not null)
                throw new FaultException(new Fault(
                    FaultKind.Denied, DataCodes.DatasetDamaged,
                    $"The dataset store's folder {current} is a link, or not one of its own."));
        }
    }

    private string FolderOf(DatasetVersion version)
    {
        RefuseLinks(version.Location);
        return Below(version.Location);
    }

    private static FaultException Damaged(DatasetVersion version, string what) => new(new Fault(
        FaultKind.NotFound, DataCodes.DatasetDamaged, $"Dataset {version.Ref}: {what}.",
        Hint: "Run the step that made it again (etl rerun RUN --from STEP)."));

    /// <summary>Asked anew by each start: a sweeper may have removed the folder, or one above it, because it was
    /// empty, also while it is being made.</summary>
    private static bool TryCreate(string folder)
    {
        try
        {
            return Directory.CreateDirectory(folder).Exists;
        }
        catch (IOException e) when (e is DirectoryNotFoundException || e.HResult == FileExists && !File.Exists(folder))
        {
            return false; // it was there a moment ago, or what it was to be in
        }
    }

    /// <summary>EEXIST, as the exceptions of .NET hand it on.</summary>
    private const int FileExists = 17;

    private static bool CreateExclusively(string folder)
    {
        if (OperatingSystem.IsWindows()) return Directory.CreateDirectory(folder).Exists;
        const int ownerAll = 0x1FF;
        return Posix.MakeFolder(folder, ownerAll) == 0;
    }

    private static IEnumerable<string> NamesIn(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        try
        {
            return new DirectoryInfo(folder).EnumerateDirectories()
                .Where(child => child.LinkTarget is null && StagingKey.IsName(child.Name))
                .Select(child => child.Name).Order(StringComparer.Ordinal).ToArray();
        }
        catch (Exception gone) when (gone is DirectoryNotFoundException or FileNotFoundException)
        {
            return []; // Another sweeper was first.
        }
    }

    private static string Parent(string folder) => Path.GetDirectoryName(folder)!;

    private void Remove(StagedFolder staged)
    {
        var folder = Below(staged.Location);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception gone) when (gone is DirectoryNotFoundException or FileNotFoundException)
        {
            // Another sweeper was first.
        }

        // The folders above, once they are empty. A writer that has just made one of them tries again (see Stage).
        for (var above = Parent(folder); above.Length > Root.Length; above = Parent(above))
        {
            try
            {
                Directory.Delete(above, recursive: false);
            }
            catch (IOException)
            {
                return;
            }
        }
    }
}

/// <summary>A folder that a writer made: below a key, once for each start.</summary>
/// <param name="Location">Below the store's root; a version made there has a <see cref="DatasetVersion.Location"/>
/// below it.</param>
public sealed record StagedFolder(StagingKey Key, string Location)
{
    /// <summary>Whether a published version lies in this folder.</summary>
    public bool Holds(DatasetVersion version) => version.Location.StartsWith(Location + "/", StringComparison.Ordinal);
}
