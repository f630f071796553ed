using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansEtl.Data.Logs;

/// <summary>
/// Logs as files of JSON lines below one root: <c>RUN/STEP.ATTEMPT.START.jsonl</c>, where STEP is the first step of those that run
/// as one query. Every attempt makes a file of its own and writes to no other, also one that was frozen and wakes up, or that was
/// dispatched twice; nothing is ever renamed.
/// </summary>
public sealed partial class LogStore
{
    /// <summary>How often one attempt may start over before nothing is kept of it.</summary>
    private const int StartsMax = 100;

    private readonly TimeProvider _clock;

    public LogStore(string root, LogBounds bounds, TimeProvider clock)
    {
        if (!Path.IsPathFullyQualified(root)) throw new ArgumentException($"'{root}' is not an absolute path.", nameof(root));
        (Root, Bounds, _clock) = (Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)), bounds, clock);
    }

    public string Root { get; }

    public LogBounds Bounds { get; }

    /// <summary>A log to write to. Its file is made when something is first written.</summary>
    /// <exception cref="FaultException">An id is none, and could lead out of the folder.</exception>
    public AttemptLog Open(RunId run, StepId step, Attempt attempt, string? correlation = null) =>
        RunId.TryParse(run.Value, out _) && StepId.IsValid(step.Value) && attempt.Number > 0
            ? new AttemptLog(this, run, step, attempt, correlation, _clock)
            : throw new FaultException(new Fault(
                FaultKind.Invalid, DataCodes.StagingKeyInvalid,
                $"Log: found '{Printable.Of($"{run}/{step}/{attempt}")}'; expected the ids of a run and a step, and an attempt from 1."));

    /// <summary>The files of a run, by name; none where there is no log.</summary>
    /// <exception cref="FaultException">ETL6601: they cannot be read.</exception>
    public ImmutableArray<LogFile> Files(RunId run)
    {
        if (!RunId.TryParse(run.Value, out _)) return [];
        var folder = new DirectoryInfo(FolderOf(run));
        try
        {
            if (!folder.Exists || folder.LinkTarget is not null) return [];
            return [.. folder.EnumerateFiles("*.jsonl").Where(file => file.LinkTarget is null).Select(FileOf).OfType<LogFile>()
                .OrderBy(file => file.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return []; // just swept
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(folder.FullName, e);
        }
    }

    /// <summary>All runs that have a log.</summary>
    public IEnumerable<RunId> Runs()
    {
        if (!Directory.Exists(Root)) yield break;
        foreach (var folder in new DirectoryInfo(Root).EnumerateDirectories())
            if (folder.LinkTarget is null && RunId.TryParse(folder.Name, out var run)) yield return run;
    }

    /// <summary>Removes all that a run has said. Doing it twice, or in two processes, is harmless; so is an attempt that still
    /// writes: it finds its file gone, and makes no other.</summary>
    public void Remove(RunId run)
    {
        try
        {
            Directory.Delete(FolderOf(run), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another sweeper was first.
        }
    }

    /// <summary>Makes the file of an attempt; null where none can be made.</summary>
    internal string? Make(RunId run, StepId step, Attempt attempt)
    {
        var folder = Directory.CreateDirectory(FolderOf(run));
        if (folder.LinkTarget is not null) return null;
        for (var start = 0; start < StartsMax; start++)
        {
            var path = Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{step}.{attempt.Number}.{start}.jsonl"));
            if (File.Exists(path)) continue;
            try
            {
                using var made = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
                return path;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process dispatched the same attempt.
            }
        }

        return null;
    }

    /// <summary>The bytes of all files of a run.</summary>
    internal long BytesOf(RunId run) => new DirectoryInfo(FolderOf(run)).EnumerateFiles().Sum(file => file.Length);

    internal static FaultException Unreadable(string what, Exception why) => new(new Fault(
        FaultKind.Unavailable, DataCodes.LogUnreadable, $"The log {what} cannot be read: {why.Message}"));

    private string FolderOf(RunId run) => Path.Combine(Root, run.Value);

    private static LogFile? FileOf(FileInfo file) => FileForm().Match(file.Name) is { Success: true } match
        && int.TryParse(match.Groups["attempt"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            ? new LogFile(file.FullName, file.Name[..^".jsonl".Length], new StepId(match.Groups["step"].Value), new Attempt(attempt), file.Length)
            : null;

    [GeneratedRegex(@"\A(?<step>[A-Za-z][A-Za-z0-9_-]{0,62})\.(?<attempt>[0-9]{1,9})\.[0-9]{1,3}\.jsonl\z", RegexOptions.CultureInvariant)]
    private static partial Regex FileForm();
}

/// <summary>What one attempt has said.</summary>
/// <param name="Name">Tells it from the others of its run.</param>
/// <param name="Step">The first of the steps that ran as one query.</param>
/// <param name="Bytes">By now.</param>
public sealed record LogFile(string Path, string Name, StepId Step, Attempt Attempt, long Bytes);
