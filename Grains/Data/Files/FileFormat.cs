using System.Globalization;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Files;

/// <summary>How an exported file is compressed.</summary>
public enum FileCompression { None, Gzip, Zstd }

/// <summary>The form of an exported file.</summary>
public abstract record FileFormat
{
    private FileFormat() { }

    /// <summary>Comma-separated values.</summary>
    public sealed record Csv(
        string Delimiter = ",", bool Header = true, string NullText = "", FileCompression Compression = FileCompression.None) : FileFormat;

    /// <summary>One JSON object a line, or one array of objects.</summary>
    public sealed record Json(bool IsArray = false, FileCompression Compression = FileCompression.None) : FileFormat;

    /// <summary>Parquet.</summary>
    public sealed record Parquet(FileCompression Compression = FileCompression.Zstd) : FileFormat;

    /// <summary>The compression that a file name asks for: <c>.gz</c>, <c>.zst</c>.</summary>
    public static FileCompression CompressionOf(string fileName) =>
        fileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? FileCompression.Gzip
        : fileName.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? FileCompression.Zstd
        : FileCompression.None;

    internal string Options() => this switch
    {
        Csv csv => $"FORMAT csv, DELIMITER {Sql.Text(csv.Delimiter)}, HEADER {Word(csv.Header)}, NULLSTR {Sql.Text(csv.NullText)}, "
            + $"COMPRESSION {Word(csv.Compression)}",
        Json json => $"FORMAT json, ARRAY {Word(json.IsArray)}, COMPRESSION {Word(json.Compression)}",
        Parquet parquet => $"FORMAT parquet, COMPRESSION {(parquet.Compression == FileCompression.None ? "uncompressed" : Word(parquet.Compression))}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Word(object word) => Convert.ToString(word, CultureInfo.InvariantCulture)!.ToLowerInvariant();
}
