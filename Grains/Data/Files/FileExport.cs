using System.Security.Cryptography;
using System.Text;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Files;

/// <summary>What an export gave.</summary>
public readonly record struct ExportedFile(string Path, long Rows, long Bytes);

/// <summary>A file that is written and flushed, and not yet in its place.</summary>
public sealed class StagedExport(string staged, ExportedFile file) : IDisposable
{
    private bool _placed;

    public long Rows => file.Rows;

    /// <summary>Puts it into its place, in one act.</summary>
    public ExportedFile Place()
    {
        try
        {
            File.Move(staged, file.Path, overwrite: true);
            _placed = true;
            Durable.FlushFolder(Path.GetDirectoryName(file.Path)!);
            return file;
        }
        catch (IOException failed)
        {
            throw new FaultException(FileExport.InputOutput(file.Path, failed));
        }
    }

    public void Dispose()
    {
        if (!_placed) File.Delete(staged);
    }
}

/// <summary>
/// Writes a file at a place outside the store so that others see all of it or nothing: beside the target under a hidden
/// name of this attempt, flushed, then renamed over the target in one act. What an earlier attempt of the same part
/// left there is removed first, so that a frozen one that wakes finds nothing to rename. Two attempts whose acts cross
/// leave one whole file: the later one's.
/// </summary>
public static class FileExport
{
    private const string Suffix = ".etl-part";

    /// <param name="target">An absolute path, as <see cref="PathRules"/> gave it.</param>
    public static ExportedFile Write(
        DuckSession session, string select, string target, FileFormat format, StagingKey key,
        CancellationToken cancellation = default)
    {
        using var staged = Stage(session, select, target, format, key, cancellation);
        return staged.Place();
    }

    /// <summary>Writes and flushes the file beside its target. Nobody sees it there before <see cref="StagedExport.Place"/>, so that
    /// what came out can be judged first; disposed without that, it is gone.</summary>
    /// <param name="target">An absolute path, as <see cref="PathRules"/> gave it.</param>
    public static StagedExport Stage(
        DuckSession session, string select, string target, FileFormat format, StagingKey key,
        CancellationToken cancellation = default)
    {
        var folder = Path.GetDirectoryName(target)!;
        if (Directory.Exists(target))
            throw new FaultException(new Fault(
                FaultKind.Invalid, DataCodes.PathWrongKind, $"{target} is a folder; expected a file's path."));
        MakeFolders(folder);
        var staged = Path.Combine(folder, $"{Beginning(target, key)}{key.Attempt}{Suffix}");
        RemoveLeftovers(folder, Beginning(target, key));
        try
        {
            var source = format is FileFormat.Parquet ? ParquetTypes.Storable(session, select, cancellation) : select;
            var rows = session.Execute(
                $"COPY {Sql.Nested(source)} TO {Sql.Text(staged)} ({format.Options()})", cancellation);
            var bytes = new FileInfo(staged).Length;
            Durable.Flush(staged);
            return new StagedExport(staged, new ExportedFile(target, rows, bytes));
        }
        catch (IOException failed)
        {
            File.Delete(staged);
            throw new FaultException(InputOutput(target, failed));
        }
        catch
        {
            File.Delete(staged);
            throw;
        }
    }

    /// <summary>Short, whatever the target's name; the same for all attempts of a part at this target, and for nobody
    /// else.</summary>
    private static string Beginning(string target, StagingKey key)
    {
        var whose = SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Owner}\n{key.Part}\n{Path.GetFileName(target)}"));
        return $".{Convert.ToHexStringLower(whose.AsSpan(0, 12))}-";
    }

    private static void MakeFolders(string folder)
    {
        var existing = folder;
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        try
        {
            Directory.CreateDirectory(folder);
            if (existing.Length < folder.Length) Durable.FlushFolders(Path.GetDirectoryName(folder)!, existing);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(InputOutput(folder, failed));
        }
    }

    private static void RemoveLeftovers(string folder, string beginning)
    {
        foreach (var leftover in Directory.EnumerateFiles(folder, $"{beginning}*{Suffix}")) File.Delete(leftover);
    }

    internal static Fault InputOutput(string path, Exception failed)
    {
        const int noSpace = 28, tooLarge = 27, overQuota = 122;
        var full = (failed.HResult & 0xFFFF) is noSpace or tooLarge or overQuota
            || failed.Message.Contains("No space", StringComparison.OrdinalIgnoreCase);
        if (full) return new Fault(FaultKind.Exhausted, DataCodes.DiskExhausted, $"{path}: the disk is full.");
        return failed is UnauthorizedAccessException
            ? new Fault(FaultKind.Denied, DataCodes.OutOfBounds, $"{path}: writing is not permitted.")
            : new Fault(FaultKind.Unavailable, DataCodes.InputOutput, $"{path}: {failed.Message}");
    }
}
