using System.IO.Compression;

namespace OrleansEtl.Steps.Sources;

/// <summary>The first character of a JSON file tells how its records are written.</summary>
internal static class JsonHead
{
    private const int CharactersMax = 1 << 16;

    /// <summary><c>array</c> or <c>ndjson</c>; null when the file holds nothing or is compressed in a way that only the
    /// engine reads.</summary>
    public static string? Format(string file)
    {
        if (file.EndsWith(".zst", StringComparison.OrdinalIgnoreCase)) return null;
        using var stream = File.OpenRead(file);
        using Stream plain = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var reader = new StreamReader(plain);
        try
        {
            for (var i = 0; i < CharactersMax && reader.Read() is >= 0 and var c; i++)
                if (!char.IsWhiteSpace((char)c)) return c == '[' ? "array" : "ndjson";
            return null;
        }
        catch (InvalidDataException e)
        {
            throw StepFaults.BadFile(file, $"is not gzip: {e.Message}");
        }
    }
}
