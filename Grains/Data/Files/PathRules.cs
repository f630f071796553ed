using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace OrleansEtl.Data.Files;

/// <summary>A folder below which files may be read and written, and why.</summary>
public sealed record PathRoot(string Why, string Folder);

/// <summary>
/// Which files a pipeline may touch. A path counts as what it leads to: every component is followed through its links
/// first, of patterns' finds too, and only then compared with the roots. The engine's allowed folders are the second
/// wall, behind this one.
/// </summary>
public sealed partial class PathRules
{
    /// <summary>The beginning that stands for the data cache's folder.</summary>
    public const string CachePrefix = "cache:";

    /// <summary>More files than this in one step is more likely a mistake than a wish.</summary>
    public const int FilesMax = 100_000;

    private const int LinksMax = 40;
    private readonly string _folder;
    private readonly string _cache;
    private readonly string _setting;
    private readonly ImmutableArray<string> _kept;

    /// <param name="pipelineFolder">Where relative paths start.</param>
    /// <param name="cacheFolder">What <c>cache:</c> stands for.</param>
    /// <param name="setting">The name of the setting that allows more, for the message.</param>
    /// <param name="kept">Files and folders that no pipeline writes, since the system keeps its own there.</param>
    public PathRules(
        string pipelineFolder, string cacheFolder, IEnumerable<PathRoot> more, string setting = "paths.allow",
        ImmutableArray<string> kept = default)
    {
        _kept = kept.IsDefault ? [] : [.. kept.Select(path => RealPath(Path.GetFullPath(path)))];
        (_folder, _cache, _setting) = (pipelineFolder, cacheFolder, setting);
        Roots =
        [
            .. new[] { new PathRoot("the pipeline's folder", pipelineFolder), new("the data cache", cacheFolder) }
                .Concat(more)
                .Select(root => root with { Folder = RealPath(Path.GetFullPath(root.Folder)) })
                .DistinctBy(root => root.Folder),
        ];
    }

    /// <summary>The allowed folders, links followed: what the engine has to be opened with.</summary>
    public ImmutableArray<PathRoot> Roots { get; }

    /// <summary>The files that a path or pattern (<c>*</c>, <c>?</c>, <c>[abc]</c>, <c>**</c>) names, sorted, at least
    /// one.</summary>
    /// <param name="place">Where the path stands in the spec.</param>
    public ImmutableArray<string> Read(string path, string? place = null)
    {
        var whole = Absolute(path, place);
        if (!PathPattern.Is(whole)) return [ReadOne(path, whole, place)];
        CheckInside(path, PathPattern.FixedFolder(whole), place);
        var found = PathPattern.Find(whole, FilesMax + 1).Select(file => Plain(path, Inside(path, file, place), place))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToImmutableArray();
        if (found.IsEmpty) throw Fault(FaultKind.NotFound, DataCodes.FileMissing, place, $"no file matches '{path}'.");
        if (found.Length > FilesMax)
            throw Fault(
                FaultKind.Exhausted, DataCodes.PathTooMany, place, $"'{path}' matches more than {FilesMax} files.");
        return found;
    }

    /// <summary>What is there now of what a path or pattern names, which may be nothing. Links that lead out of the allowed folders are
    /// left out, so that one of them does not hide the other files; pipes, sockets and devices are not seen at all.</summary>
    /// <param name="path">Of a folder: all files in it.</param>
    /// <param name="filesMax">One more is given where there are more.</param>
    public FileSight Look(string path, int filesMax)
    {
        var whole = Absolute(path, null);
        if (!PathPattern.Is(whole)) whole = Directory.Exists(whole) ? $"{whole.TrimEnd('/')}/*" : whole;
        var folder = PathPattern.Is(whole) ? PathPattern.FixedFolder(whole) : Path.GetDirectoryName(whole)!;
        CheckInside(path, folder, null);
        if (!Directory.Exists(folder))
            throw Fault(FaultKind.NotFound, DataCodes.FileMissing, null, $"the folder {folder} of '{path}' is not there.");
        IEnumerable<string> named = PathPattern.Is(whole) ? PathPattern.Find(whole, FilesMax) : [whole];
        var (seen, leftOut) = (new SortedDictionary<string, SeenFile>(StringComparer.Ordinal), 0);
        foreach (var file in named)
        {
            var real = RealPath(file);
            if (!IsAllowed(real)) leftOut++;
            else if (FileType.NotPlain(real) is null && new FileInfo(real) is { Exists: true } info && seen.Count <= filesMax)
                seen[real] = new SeenFile(real, info.Length, new DateTimeOffset(info.LastWriteTimeUtc));
        }
        return new FileSight([.. seen.Values], leftOut);
    }

    /// <summary>The absolute path at which a file may be written; the file and its folders need not exist
    /// yet.</summary>
    public string Write(string path, string? place = null)
    {
        var whole = Absolute(path, place);
        if (PathPattern.Is(whole))
            throw Fault(
                FaultKind.Invalid, DataCodes.PathInvalid, place,
                $"found the pattern '{path}'; expected the path of one file.");
        var real = Inside(path, whole, place);
        if (_kept.Any(kept => IsBelow(real, kept)))
            throw Fault(
                FaultKind.Denied, DataCodes.PathOutside, place,
                $"'{path}' leads to {real}, where runs and datasets are kept; no step writes there.");
        if (path.EndsWith('/') || Directory.Exists(real))
            throw Fault(
                FaultKind.Invalid, DataCodes.PathWrongKind, place,
                $"'{path}' is a folder; expected the path of a file.");
        return real;
    }

    private string ReadOne(string path, string whole, string? place)
    {
        var real = Inside(path, whole, place);
        if (File.Exists(real)) return Plain(path, real, place);
        if (Directory.Exists(real))
            throw Fault(
                FaultKind.Invalid, DataCodes.PathWrongKind, place, $"'{path}' is a folder; expected a file.",
                $"Write '{path.TrimEnd('/')}/*'.");
        var folder = Path.GetDirectoryName(real)!;
        var names = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Take(FilesMax) : [];
        throw Fault(
            FaultKind.NotFound, DataCodes.FileMissing, place, $"the file '{path}' ({real}) is not there.",
            Nearest.Hint(Path.GetFileName(real), names.Select(file => Path.GetFileName(file))));
    }

    /// <summary>Nothing is opened that would keep a step waiting where no timeout reaches it.</summary>
    private static string Plain(string path, string real, string? place) => FileType.NotPlain(real) is not { } other ? real
        : throw Fault(
            FaultKind.Invalid, DataCodes.PathWrongKind, place,
            $"'{path}' leads to {real}, which is no plain file but {other}; expected a plain file.",
            "Let what comes out of it be written into a file first, or name other files.");

    private string Absolute(string path, string? place)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw Fault(
                FaultKind.Invalid, DataCodes.PathInvalid, place,
                "found an empty path, or one with a character 0; expected a file's path.");
        if (path.StartsWith(CachePrefix, StringComparison.Ordinal))
            return Path.GetFullPath(path[CachePrefix.Length..].TrimStart('/'), _cache);
        if (Url().IsMatch(path))
            throw Fault(
                FaultKind.Denied, DataCodes.PathIsUrl, place, $"found the URL '{path}'; expected a file's path.",
                "Put the file into one of the allowed folders first.");
        return Path.GetFullPath(path, _folder);
    }

    private string Inside(string path, string whole, string? place)
    {
        var real = RealPath(whole);
        CheckInside(path, real, place);
        return real;
    }

    private void CheckInside(string path, string folder, string? place)
    {
        var real = RealPath(folder);
        if (IsAllowed(real)) return;
        var allowed = string.Join(", ", Roots.Select(root => $"{root.Why} ({root.Folder})"));
        throw Fault(
            FaultKind.Denied, DataCodes.PathOutside, place, $"'{path}' leads to {real}; allowed are {allowed}.",
            $"The setting {_setting} allows more folders.");
    }

    /// <summary>Whether what a path leads to now may be read, and can be: no pipe, socket or device.</summary>
    public bool Allows(string path) => RealPath(path) is var real && IsAllowed(real) && FileType.NotPlain(real) is null;

    private bool IsAllowed(string real) => Roots.Any(root => IsBelow(real, root.Folder));

    private static bool IsBelow(string path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal)
        && (path.Length == root.Length || root.EndsWith('/') || path[root.Length] == Path.DirectorySeparatorChar);

    /// <summary>Follows the links of every component, also where the last ones do not exist.</summary>
    public static string RealPath(string path)
    {
        var links = 0;
        var real = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path, real).Reverse());
        while (rest.TryPop(out var name))
        {
            if (name == ".") continue;
            if (name == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > LinksMax)
                throw Fault(
                    FaultKind.Denied, DataCodes.PathOutside, null, $"{path}: more than {LinksMax} links in a row.");
            if (Path.IsPathRooted(target)) real = Path.GetPathRoot(target)!;
            foreach (var part in Parts(target, Path.GetPathRoot(target)!).Reverse()) rest.Push(part);
        }

        return real;
    }

    private static IEnumerable<string> Parts(string path, string root) =>
        path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    private static FaultException Fault(
        FaultKind kind, string code, string? place, string message, string? hint = null) =>
        new(new Fault(kind, code, message, place, hint));

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*:", RegexOptions.CultureInvariant)]
    private static partial Regex Url();
}
