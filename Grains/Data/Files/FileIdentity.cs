using System.Globalization;

namespace OrleansEtl.Data.Files;

/// <summary>What tells a file that has been seen from others in its place.</summary>
public static class FileIdentity
{
    /// <summary>Null: the file is not any more what was seen.</summary>
    public static string? Of(SeenFile seen, CancellationToken cancellation)
    {
        if (!IsAsSeen(seen)) return null;
        if (seen.Size == 0) return "empty"; // and nothing that is no file, such as a pipe, is ever opened
        if (seen.Size > SeenFile.ReadMax) return string.Create(CultureInfo.InvariantCulture, $"size {seen.Size} of {seen.ModifiedAt.UtcTicks}");
        var hash = FileContent.Hash(seen.Path, cancellation);
        return IsAsSeen(seen) ? $"sha256 {hash}" : null;
    }

    private static bool IsAsSeen(SeenFile seen) =>
        new FileInfo(seen.Path) is { Exists: true } now && now.Length == seen.Size && new DateTimeOffset(now.LastWriteTimeUtc) == seen.ModifiedAt;
}
