using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansEtl.Data.Datasets;

/// <summary>What a dataset version's folder says of itself, for those who come without the store's database.</summary>
/// <param name="Format">The manifest's own version.</param>
/// <param name="ContentHash">Names the bytes of all files, in their order.</param>
public sealed record Manifest(
    int Format,
    string Name,
    string Version,
    long Rows,
    long Bytes,
    string ContentHash,
    ImmutableArray<ManifestColumn> Columns,
    ImmutableArray<ManifestFile> Files,
    ImmutableArray<string> Inputs)
{
    public const string FileName = "manifest.json";
    public const int FormatNow = 1;

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest);

    internal static Manifest? Read(string folder)
    {
        try
        {
            var json = File.ReadAllBytes(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize(json, ManifestJson.Default.Manifest);
        }
        catch (Exception broken) when (broken is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static string HashOf(IEnumerable<ManifestFile> files) =>
        Named(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(
            files.Select(file => $"{file.Bytes} {file.Hash}\n")))));

    internal static string HashOf(string file)
    {
        using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return Named(SHA256.HashData(stream));
    }

    internal static string Named(byte[] hash) => $"sha256:{Convert.ToHexStringLower(hash)}";
}

/// <summary>A column and what the files' own statistics say of it. Null: unknown, never zero.</summary>
/// <param name="Min">The least value as text, exact; null also where the files keep only a prefix.</param>
public sealed record ManifestColumn(string Name, string Type, long? Nulls, string? Min, string? Max, long? Distinct);

/// <summary>A file of a dataset version.</summary>
public sealed record ManifestFile(string Name, long Bytes, string Hash)
{
    internal static ManifestFile Of(string path) =>
        new(Path.GetFileName(path), new FileInfo(path).Length, Manifest.HashOf(path));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
