using System.Globalization;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Files;

/// <summary>How an exported file is compressed.</summary>
/// <remarks>Snappy and LZ4 are for the pages of Parquet only.</remarks>
public enum FileCompression { None, Gzip, Zstd, Snappy, Lz4 }

/// <summary>The form of an exported file.</summary>
public abstract record FileFormat
{
    private FileFormat() { }

    /// <summary>Comma-separated values.</summary>
    public sealed record Csv(
        string Delimiter = ",", bool Header = true, string NullText = "",
        FileCompression Compression = FileCompression.None) : FileFormat
    {
        public string Quote { get; init; } = "\"";
        public string Escape { get; init; } = "\"";

        /// <summary>As <c>%d.%m.%Y</c>; null: ISO.</summary>
        public string? DateFormat { get; init; }
        public string? TimestampFormat { get; init; }
    }

    /// <summary>One JSON object a line, or one array of objects.</summary>
    public sealed record Json(bool IsArray = false, FileCompression Compression = FileCompression.None) : FileFormat
    {
        public string? DateFormat { get; init; }
        public string? TimestampFormat { get; init; }
    }

    /// <summary>Parquet.</summary>
    public sealed record Parquet(
        FileCompression Compression = FileCompression.Zstd, long RowGroupRows = 122_880) : FileFormat;

    /// <summary>The compression that a file name asks for: <c>.gz</c>, <c>.zst</c>.</summary>
    public static FileCompression CompressionOf(string fileName) =>
        fileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? FileCompression.Gzip
        : fileName.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? FileCompression.Zstd
        : FileCompression.None;

    /// <summary>The options of COPY.</summary>
    public string Options() => this switch
    {
        Csv csv => $"FORMAT csv, DELIMITER {Sql.Text(csv.Delimiter)}, HEADER {Word(csv.Header)}, "
            + $"NULLSTR {Sql.Text(csv.NullText)}, QUOTE {Sql.Text(csv.Quote)}, ESCAPE {Sql.Text(csv.Escape)}, "
            + $"COMPRESSION {Word(csv.Compression)}"
            + Moments(csv.DateFormat, csv.TimestampFormat),
        Json json => $"FORMAT json, ARRAY {Word(json.IsArray)}, COMPRESSION {Word(json.Compression)}"
            + Moments(json.DateFormat, json.TimestampFormat),
        Parquet { Compression: FileCompression.None } parquet =>
        $"FORMAT parquet, COMPRESSION uncompressed, {Groups(parquet)}",
        Parquet parquet => $"FORMAT parquet, COMPRESSION {Word(parquet.Compression)}, {Groups(parquet)}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Moments(string? date, string? timestamp) =>
        (date is null ? "" : $", DATEFORMAT {Sql.Text(date)}")
        + (timestamp is null ? "" : $", TIMESTAMPFORMAT {Sql.Text(timestamp)}");

    private static string Groups(Parquet parquet) => $"ROW_GROUP_SIZE {Sql.Number(parquet.RowGroupRows)}";

    private static string Word(object word) => Convert.ToString(word, CultureInfo.InvariantCulture)!.ToLowerInvariant();
}
