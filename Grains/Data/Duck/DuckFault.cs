using System.Collections.Immutable;
using System.Text.Json;

namespace OrleansEtl.Data.Duck;

/// <summary>An error of DuckDB, sorted by what can be done about it.</summary>
/// <param name="Position">Offset in characters into the SQL that was given, when it is known.</param>
/// <param name="Name">The name that was not found, when that was the error.</param>
/// <param name="Candidates">The nearest names that exist.</param>
public sealed record DuckFault(
    FaultKind Kind,
    string Code,
    string Message,
    int? Position,
    string? Name,
    ImmutableArray<string> Candidates)
{
    /// <summary>As a fault of the vocabulary; <paramref name="place"/> (a step, a file) is put before the
    /// message.</summary>
    public Fault ToFault(string? place = null) => new(
        Kind, Code, place is null ? Message : $"{place}: {Message}",
        Hint: Candidates.IsEmpty
            ? Advice(Code)
            : $"Did you mean {string.Join(" or ", Candidates.Select(name => $"'{name}'"))}?");

    /// <summary>Reads an error text of the library: JSON, since the engine is opened so, after an optional word or
    /// two.</summary>
    internal static DuckFault Parse(string? text)
    {
        text ??= "DuckDB gave no reason.";
        var brace = text.IndexOf('{');
        if (brace < 0 || !TryParse(text.AsMemory(brace), out var document)) return Sort("", text, null, null, []);
        using (document)
        {
            var root = document.RootElement;
            string? Read(string key) => root.TryGetProperty(key, out var value) ? value.GetString() : null;
            var position = int.TryParse(Read("position"), out var offset) ? offset : (int?)null;
            var candidates = (Read("candidates") ?? "")
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return Sort(
                Read("exception_type") ?? "", Read("exception_message") ?? text, position, Read("name"),
                [.. candidates.Take(3)]);
        }
    }

    private static bool TryParse(ReadOnlyMemory<char> json, out JsonDocument document)
    {
        try
        {
            document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            document = null!;
            return false;
        }
    }

    private static DuckFault Sort(
        string type, string message, int? position, string? name, ImmutableArray<string> candidates)
    {
        var (kind, code) = type switch
        {
            "Out of Memory" => message.Contains("max_temp_directory_size", StringComparison.Ordinal)
                    && message.Contains("offload", StringComparison.Ordinal)
                ? (FaultKind.Exhausted, DataCodes.DiskExhausted) : (FaultKind.Exhausted, DataCodes.MemoryExhausted),
            "IO" or "HTTP" or "Network" or "Connection" => SortInputOutput(message),
            "Permission" or "Settings" or "Missing Extension" or "Extension Autoloading"
                => (FaultKind.Denied, DataCodes.OutOfBounds),
            "Conversion" or "Out of Range" or "Divide by Zero" or "Mismatch Type" or "Decimal" or "Object Size"
                => (FaultKind.Invalid, DataCodes.ValueInvalid),
            "INTERRUPT" => (FaultKind.Cancelled, DataCodes.Stopped),
            "INTERNAL" or "FATAL" or "Serialization" or "NullPointer" or "Scheduler" or "Executor" or "Optimizer" or ""
                => (FaultKind.Bug, DataCodes.EngineBug),
            "TransactionContext" => (FaultKind.Unavailable, DataCodes.InputOutput),
            "Invalid Input" when FileFaults.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase))
                => (FaultKind.Invalid, DataCodes.ValueInvalid),
            _ => (FaultKind.Invalid, DataCodes.SqlInvalid),
        };
        return new DuckFault(kind, code, Clean(message), position, name, candidates);
    }

    /// <summary>What DuckDB says of a file whose content is not what it should be; it has no type of error for
    /// that.</summary>
    private static readonly string[] FileFaults =
    [
        "CSV Error", "magic bytes", "Malformed JSON", "corrupt", "not a parquet file", "Parquet file", "gzip", "zstd",
        "Invalid unicode",
    ];

    private static (FaultKind, string) SortInputOutput(string message)
    {
        bool Says(string text) => message.Contains(text, StringComparison.OrdinalIgnoreCase);
        if (Says("No space left") || Says("File too large") || Says("quota exceeded"))
            return (FaultKind.Exhausted, DataCodes.DiskExhausted);
        if (Says("No such file") || Says("No files found")) return (FaultKind.NotFound, DataCodes.FileMissing);
        if (Says("Permission denied")) return (FaultKind.Denied, DataCodes.OutOfBounds);
        if (FileFaults.Any(Says)) return (FaultKind.Invalid, DataCodes.ValueInvalid);
        return (FaultKind.Unavailable, DataCodes.InputOutput);
    }

    /// <summary>One paragraph: without the echo of the statement, the list of candidates and advice meant for DuckDB's
    /// shell.</summary>
    private static string Clean(string message)
    {
        string[] noise =
        [
            "Candidate ", "Did you mean", "LINE ", "\t", "^", "Possible solutions", "* ", "See also", "By default",
            "You can adjust", "This limit was set", "This error signals",
        ];
        var kept = message.Split('\n')
            .TakeWhile(line => !line.StartsWith("Stack Trace", StringComparison.Ordinal))
            .Where(line => line.Trim().Length > 0)
            .Where(line => !noise.Any(word => line.StartsWith(word, StringComparison.Ordinal)))
            .Select(line => line.Trim());
        var text = string.Join(" ", kept).Trim();
        if (text.Length == 0) text = message.Trim();
        return Excerpt.Of(text, MessageCharactersMax);
    }

    /// <summary>A message may quote the data; a fault is kept in the journal and so stays small.</summary>
    private const int MessageCharactersMax = 2000;

    private static string? Advice(string code) => code switch
    {
        DataCodes.MemoryExhausted => "Give the engine more memory or let the step read less at a time.",
        DataCodes.DiskExhausted => "Free space on the disk, or allow a larger spill folder.",
        _ => null,
    };
}

/// <summary>DuckDB refused or failed. Being stopped on request is not this but an <see
/// cref="OperationCanceledException"/>.</summary>
public sealed class DuckException(DuckFault fault) : Exception($"{fault.Code} {fault.Message}")
{
    public DuckFault Fault { get; } = fault;
}
