using System.Security.Cryptography;
using System.Text;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Files;

/// <summary>What an export gave.</summary>
public readonly record struct ExportedFile(string Path, long Rows, long Bytes);

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
            File.Move(staged, target, overwrite: true);
            Durable.FlushFolder(folder);
            return new ExportedFile(target, rows, bytes);
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

    private static Fault InputOutput(string path, Exception failed)
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
