using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Sources;

/// <summary>How a CSV file is written. What is null is found out.</summary>
internal sealed record CsvDialect(
    string? Delimiter,
    string Quote,
    string Escape,
    bool? Header,
    long Skip,
    string? Comment,
    string Encoding,
    string Compression,
    ImmutableArray<string> NullValues,
    string? DateFormat,
    string? TimestampFormat,
    string? DecimalSeparator)
{
    public bool IsGzip(string file) =>
        Compression == "gzip" || (Compression == "auto" && file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase));

    /// <summary>The options that mean the same to the scan and to the sniffer.</summary>
    public string Common()
    {
        var options = new List<string>
        {
            $"quote={Sql.Text(Quote)}", $"escape={Sql.Text(Escape)}", $"encoding={Sql.Text(Encoding)}",
                $"compression={Sql.Text(Compression)}",
            $"nullstr={Sql.Texts(NullValues)}",
        };
        if (Comment is not null) options.Add($"comment={Sql.Text(Comment)}");
        if (DateFormat is not null) options.Add($"dateformat={Sql.Text(DateFormat)}");
        if (TimestampFormat is not null) options.Add($"timestampformat={Sql.Text(TimestampFormat)}");
        if (DecimalSeparator is not null) options.Add($"decimal_separator={Sql.Text(DecimalSeparator)}");
        return string.Join(", ", options);
    }
}

/// <summary>Files that are written alike: one call of the engine's reader.</summary>
/// <param name="Columns">All columns of the files, in their order, with the types to read them as.</param>
/// <param name="Skip">Lines before the first record or header.</param>
internal sealed record CsvFiles(ImmutableArray<string> Files, ImmutableArray<Column> Columns, bool Header, long Skip);
