using System.Globalization;

namespace Orleans.Runtime;

/// <summary>How integer and Guid keys, alone or with an extension, are written inside a key.</summary>
public static class GrainIdKeyExtensions
{
    /// <summary>Upper-case hexadecimal without padding.</summary>
    public static IdSpan CreateIntegerKey(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    /// <summary>Integer, plus sign, extension.</summary>
    public static IdSpan CreateIntegerKey(long key, string? keyExtension) =>
        string.IsNullOrWhiteSpace(keyExtension)
            ? CreateIntegerKey(key)
            : IdSpan.Create($"{key.ToString("X", CultureInfo.InvariantCulture)}+{keyExtension}");

    /// <summary>Thirty-two hexadecimal digits.</summary>
    public static IdSpan CreateGuidKey(Guid key) => IdSpan.Create(key.ToString("N"));

    /// <summary>Guid, plus sign, extension.</summary>
    public static IdSpan CreateGuidKey(Guid key, string? keyExtension) =>
        string.IsNullOrWhiteSpace(keyExtension) ? CreateGuidKey(key) : IdSpan.Create($"{key:N}+{keyExtension}");

    /// <summary>Reads an integer key, or says no.</summary>
    public static bool TryGetIntegerKey(this GrainId grainId, out long key, out string? keyExt)
    {
        var number = Split(grainId, out keyExt);
        return long.TryParse(number, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out key);
    }

    /// <inheritdoc cref="TryGetIntegerKey(GrainId, out long, out string?)"/>
    public static bool TryGetIntegerKey(this GrainId grainId, out long key) =>
        TryGetIntegerKey(grainId, out key, out _);

    /// <summary>Reads a Guid key, or says no.</summary>
    public static bool TryGetGuidKey(this GrainId grainId, out Guid key, out string? keyExt) =>
        Guid.TryParseExact(Split(grainId, out keyExt), "N", out key);

    /// <inheritdoc cref="TryGetGuidKey(GrainId, out Guid, out string?)"/>
    public static bool TryGetGuidKey(this GrainId grainId, out Guid key) => TryGetGuidKey(grainId, out key, out _);

    /// <summary>Reads an integer key.</summary>
    public static long GetIntegerKey(this GrainId grainId, out string? keyExt) =>
        TryGetIntegerKey(grainId, out var key, out keyExt) ? key : throw NotOfKind(grainId, "an integer");

    /// <inheritdoc cref="GetIntegerKey(GrainId, out string?)"/>
    public static long GetIntegerKey(this GrainId grainId) => GetIntegerKey(grainId, out _);

    /// <summary>Reads a Guid key.</summary>
    public static Guid GetGuidKey(this GrainId grainId, out string? keyExt) =>
        TryGetGuidKey(grainId, out var key, out keyExt) ? key : throw NotOfKind(grainId, "a Guid");

    /// <inheritdoc cref="GetGuidKey(GrainId, out string?)"/>
    public static Guid GetGuidKey(this GrainId grainId) => GetGuidKey(grainId, out _);

    private static string Split(GrainId id, out string? extension)
    {
        var text = id.Key.ToString();
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        extension = plus < 0 ? null : text[(plus + 1)..];
        return plus < 0 ? text : text[..plus];
    }

    private static InvalidOperationException NotOfKind(GrainId id, string kind) =>
        new($"The key of grain {id} is not {kind}.");
}
