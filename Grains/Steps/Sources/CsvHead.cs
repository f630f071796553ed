using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;

namespace OrleansEtl.Steps.Sources;

/// <summary>The first record of a CSV file, read before the engine sees the file: it tells the names of the columns,
/// and a file of a million columns is refused at once instead of after minutes.</summary>
/// <param name="LinesBefore">Lines to skip before the record: as asked for, comments, and empty ones.</param>
/// <param name="Record">Its text without the line break; null: the file holds nothing.</param>
internal sealed record CsvHead(long LinesBefore, string? Record)
{
    private const string Delimiters = ",;\t|";

    /// <summary>Null when the file is compressed in a way that only the engine can read.</summary>
    public static CsvHead? Read(string file, CsvDialect dialect, int bytesMax)
    {
        using var stream = File.OpenRead(file);
        if (dialect.Compression == "zstd"
            || (dialect.Compression == "auto" && file.EndsWith(".zst", StringComparison.OrdinalIgnoreCase)))
            return null;
        using Stream plain = dialect.IsGzip(file) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var reader = new StreamReader(
            plain, Encoding(dialect.Encoding), detectEncodingFromByteOrderMarks: true, 1 << 16);
        try
        {
            return Read(reader, file, dialect, bytesMax);
        }
        catch (InvalidDataException e)
        {
            throw StepFaults.BadFile(file, $"is not gzip: {e.Message}");
        }
    }

    private static CsvHead Read(StreamReader reader, string file, CsvDialect dialect, int charactersMax)
    {
        var before = 0L;
        while (true)
        {
            var (text, ended) = NextRecord(reader, dialect, charactersMax, quoted: before >= dialect.Skip);
            if (text.Length > charactersMax)
                throw new FaultException(new Fault(
                    FaultKind.Invalid, StepCodes.FileInvalid,
                    $"{file}: its first record has more than {charactersMax} characters.",
                    Hint: "Are the delimiter and the quote right?"));
            // The engine passes over comments by itself and does not count them among the lines that it skips.
            var isComment = dialect.Comment is { } comment && text.StartsWith(comment, StringComparison.Ordinal);
            if (before >= dialect.Skip && text.Length > 0 && !isComment) return new CsvHead(before, text);
            if (ended) return new CsvHead(before, null);
            if (!isComment) before++;
        }
    }

    /// <summary>One line, or as many as a quoted value spans.</summary>
    private static (string Text, bool Ended) NextRecord(
        StreamReader reader, CsvDialect dialect, int charactersMax, bool quoted)
    {
        var text = new StringBuilder();
        var quote = quoted && dialect.Quote.Length == 1 ? dialect.Quote[0] : '\0';
        var inside = false;
        while (true)
        {
            var c = reader.Read();
            if (c < 0) return (text.ToString(), true);
            if (quote != '\0' && c == quote) inside = !inside;
            if (!inside && c is '\n' or '\r')
            {
                if (c == '\r' && reader.Peek() == '\n') reader.Read();
                return (text.ToString(), false);
            }

            if (text.Append((char)c).Length > charactersMax) return (text.ToString(), false);
        }
    }

    /// <summary>The values of the record. A doubled quote within quotes stands for one.</summary>
    public ImmutableArray<string> Split(string delimiter, string quote)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        var (value, inside) = (new StringBuilder(), false);
        var (text, q) = (Record ?? "", quote.Length == 1 ? quote[0] : '\0');
        for (var i = 0; i < text.Length; i++)
        {
            if (q != '\0' && text[i] == q)
            {
                if (inside && i + 1 < text.Length && text[i + 1] == q) value.Append(text[i++]);
                else inside = !inside;
            }
            else if (!inside && string.CompareOrdinal(text, i, delimiter, 0, delimiter.Length) == 0)
            {
                values.Add(value.ToString());
                value.Clear();
                i += delimiter.Length - 1;
            }
            else
            {
                value.Append(text[i]);
            }
        }

        values.Add(value.ToString());
        return values.ToImmutable();
    }

    /// <summary>The most values that any usual delimiter would give.</summary>
    public int ValuesMax(string? delimiter, string quote) =>
        delimiter is not null ? Count(delimiter, quote) : Delimiters.Max(d => Count(d.ToString(), quote));

    private int Count(string delimiter, string quote)
    {
        var (count, inside) = (1, false);
        var text = Record.AsSpan();
        for (var i = 0; i < text.Length; i++)
        {
            if (quote.Length == 1 && text[i] == quote[0]) inside = !inside;
            else if (!inside && text[i] == delimiter[0] && text[i..].StartsWith(delimiter, StringComparison.Ordinal))
                (count, i) = (count + 1, i + delimiter.Length - 1);
        }

        return count;
    }

    /// <summary>The delimiter under which the record holds all these names, or else that many values; a comma when none
    /// does.</summary>
    public string GuessDelimiter(ImmutableArray<string> names, string quote)
    {
        var splits = Delimiters.Select(d => (Delimiter: d.ToString(), Values: Split(d.ToString(), quote))).ToList();
        var byName = splits.Find(split =>
            names.All(name => split.Values.Contains(name, StringComparer.OrdinalIgnoreCase)));
        if (byName.Delimiter is not null) return byName.Delimiter;
        return splits.Find(split => split.Values.Length == names.Length && names.Length > 1).Delimiter ?? ",";
    }

    private static Encoding Encoding(string name) => name switch
    {
        "latin-1" => System.Text.Encoding.Latin1,
        "utf-16" => System.Text.Encoding.Unicode,
        _ => System.Text.Encoding.UTF8,
    };
}
