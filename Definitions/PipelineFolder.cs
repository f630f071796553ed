using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>How much of a folder is read.</summary>
/// <param name="FilesMax">Pipelines that one team keeps in one folder.</param>
/// <param name="BytesMax">Of all files together.</param>
/// <param name="EntriesMax">Files and folders that are looked at, since somebody may name <c>/</c>.</param>
public sealed record FolderBounds(int FilesMax, long BytesMax, int EntriesMax)
{
    public static readonly FolderBounds Default = new(FilesMax: 1_000, BytesMax: 64L << 20, EntriesMax: 50_000);
}

/// <param name="Files">In the order of their paths, without doubles.</param>
public sealed record FoundFiles(ImmutableArray<string> Files, ImmutableArray<Fault> Faults);

/// <summary>
/// The pipeline files of folders: every <c>.yaml</c> and <c>.yml</c> below them, since a file that was passed over because of a slip in
/// it would not be missed. Not among them are tests (<c>NAME.test.yaml</c>), folders named <c>environments</c>
/// and <c>templates</c>, and what is hidden.
/// A link is never followed: what it leads to within the folder is found there, and one that leads out is a fault.
/// </summary>
public sealed class PipelineFolder
{
    public const string Environments = "environments";
    public const string Templates = "templates";
    public static readonly ImmutableArray<string> TestEndings = [".test.yaml", ".test.yml"];

    private readonly FolderBounds _bounds;
    private readonly Func<string, bool> _wanted;
    private readonly SortedSet<string> _files = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Fault>.Builder _faults = ImmutableArray.CreateBuilder<Fault>();
    private int _entries;
    private long _bytes;

    private PipelineFolder(FolderBounds bounds, Func<string, bool> wanted) => (_bounds, _wanted) = (bounds, wanted);

    /// <param name="paths">Files, which are taken as they are, and folders.</param>
    public static FoundFiles Pipelines(IEnumerable<string> paths, FolderBounds bounds) => Find(paths, bounds, IsPipeline);

    /// <inheritdoc cref="Pipelines"/>
    public static FoundFiles Tests(IEnumerable<string> paths, FolderBounds bounds) => Find(paths, bounds, IsTest);

    public static bool IsTest(string file) => TestEndings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal));

    private static bool IsPipeline(string file) => IsYaml(file) && !IsTest(file);

    private static bool IsYaml(string file) => Path.GetExtension(file) is ".yaml" or ".yml";

    private static FoundFiles Find(IEnumerable<string> paths, FolderBounds bounds, Func<string, bool> wanted)
    {
        var found = new PipelineFolder(bounds, wanted);
        foreach (var path in paths) found.Add(path);
        return new FoundFiles([.. found._files], found._faults.ToImmutable());
    }

    private void Add(string path)
    {
        try
        {
            if (Directory.Exists(path)) Walk(new DirectoryInfo(path), path, Path.GetFullPath(path));
            else if (File.Exists(path)) _files.Add(path);
            else Fault(FaultKind.NotFound, "ETL6110", $"There is no file or folder `{path}`.", "Check the path.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fault(FaultKind.Invalid, "ETL6110", $"`{path}` cannot be read: {e.Message}", null);
        }
    }

    /// <param name="given">As somebody named the folder.</param>
    private void Walk(DirectoryInfo folder, string given, string root)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (IsFull()) return;
            _entries++;
            if (entry.Name[0] == '.') continue;
            var isFolder = entry is DirectoryInfo;
            if (isFolder ? entry.Name is Environments or Templates : !_wanted(entry.Name)) continue;
            if (entry.LinkTarget is not null) Link(entry, root);
            else if (entry is DirectoryInfo inner) Walk(inner, Path.Combine(given, inner.Name), root);
            else Take((FileInfo)entry, given);
        }
    }

    private void Take(FileInfo file, string given)
    {
        _bytes += file.Length;
        _files.Add(given == "." ? file.Name : Path.Combine(given, file.Name));
    }

    private bool IsFull()
    {
        var met = _files.Count > _bounds.FilesMax ? $"more than {_bounds.FilesMax} files"
            : _bytes > _bounds.BytesMax ? $"more than {_bounds.BytesMax} bytes in files"
            : _entries >= _bounds.EntriesMax ? $"more than {_bounds.EntriesMax} files and folders"
            : null;
        if (met is not null && _faults.All(fault => fault.Code != "ETL6111"))
            Fault(FaultKind.Invalid, "ETL6111", $"The folders have {met}.", "Name a folder that holds pipelines alone.");
        return met is not null;
    }

    private void Link(FileSystemInfo link, string root)
    {
        var target = link.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        if (target is not null && Path.Exists(target) && target.StartsWith(root.TrimEnd('/') + '/', StringComparison.Ordinal)) return;
        Fault(FaultKind.Denied, "ETL6112", $"`{link.FullName}` is a link that leads out of the folder, to `{target}`.",
            "Put the file itself there, or name it beside the folder.");
    }

    private void Fault(FaultKind kind, string code, string message, string? hint) => _faults.Add(new Fault(kind, code, message, null, hint));
}
