using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Data.Logs;

/// <summary>Reads the files of a run side by side, as one log in the order of time.</summary>
public static class LogReading
{
    private const int TextCharactersMax = 200;

    /// <param name="step">The first of the steps that ran as one query with the one that the filter names.</param>
    /// <param name="hasEnded">Whether the run had ended before.</param>
    /// <exception cref="FaultException">ETL6600: the cursor. ETL6601: a file. ETL6602: the text.</exception>
    public static LogPage Read(this LogStore store, LogFilter filter, StepId? step, bool hasEnded)
    {
        if (filter.Text is { Length: > TextCharactersMax }) throw TooLong(filter.Text);
        var offsets = Offsets(filter.Cursor);
        var files = store.Files(filter.Run)
            .Where(file => (step is null || file.Step == step) && (filter.Attempt is null || file.Attempt == filter.Attempt))
            .Where(file => file.Bytes > offsets.GetValueOrDefault(file.Name));
        var readers = files.Select(file => new LogFileReader(file, offsets.GetValueOrDefault(file.Name))).ToArray();
        var next = new PriorityQueue<LogFileReader, (DateTimeOffset, int)>();
        for (var i = 0; i < readers.Length; i++)
            if (readers[i].Read()) next.Enqueue(readers[i], (readers[i].Line.At, i));

        var (lines, bytes, lookedAt) = (ImmutableArray.CreateBuilder<LogLine>(), 0, 0);
        while (lines.Count < filter.Limit && bytes < store.Bounds.PageBytesMax && lookedAt < store.Bounds.LookedAtBytesMax
            && next.TryDequeue(out var reader, out var place))
        {
            lookedAt += reader.Bytes;
            if (Wants(filter, reader.Line))
            {
                lines.Add(reader.Line);
                bytes += reader.Bytes;
            }
            if (reader.Read()) next.Enqueue(reader, (reader.Line.At, place.Item2));
        }
        foreach (var reader in readers) offsets[reader.Name] = reader.Offset;
        return new LogPage(lines.ToImmutable(), Cursor(offsets), next.Count == 0, hasEnded);
    }

    private static bool Wants(LogFilter filter, LogLine line) =>
        line.Level >= filter.Level
        && (filter.Since is not { } since || line.At >= since)
        && (filter.Step is not { } step || line.Steps.Contains(step))
        && (filter.Text is not { } text || Has(line, text));

    private static bool Has(LogLine line, string text) =>
        line.Message.Contains(text, StringComparison.OrdinalIgnoreCase)
        || line.Fields.Any(field => field.Value.ToPlainText().Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where each file is read on: <c>orders.1.0@2210,load.1.0@97</c>. The names are only compared with those that are
    /// there.</summary>
    private static string Cursor(Dictionary<string, long> offsets) => string.Join(',', offsets.Where(file => file.Value > 0)
        .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Key}@{file.Value}")));

    private static Dictionary<string, long> Offsets(string? cursor)
    {
        var offsets = new Dictionary<string, long>();
        foreach (var part in cursor?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var at = part.IndexOf('@', StringComparison.Ordinal);
            if (at < 0 || !long.TryParse(part.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                || !offsets.TryAdd(part[..at], offset))
                throw new FaultException(new Fault(
                    FaultKind.Invalid, DataCodes.LogCursorInvalid, $"Log: found the cursor '{Excerpt.Of(Printable.Of(cursor!), 100)}'; "
                    + "expected one that a page gave.", Hint: "Read from the beginning, without a cursor."));
        }
        return offsets;
    }

    private static FaultException TooLong(string text) => new(new Fault(
        FaultKind.Invalid, DataCodes.LogTextInvalid, $"Log: what is looked for has {text.Length} characters; at most {TextCharactersMax} can be."));
}
