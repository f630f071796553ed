using System.Diagnostics.CodeAnalysis;

namespace OrleansEtl.Storage;

/// <summary>Text of people in a database whose text cannot hold a zero character.</summary>
internal static class PostgresText
{
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("\\\0");

    [return: NotNullIfNotNull(nameof(text))]
    public static string? Stored(string? text) =>
        text is null || !text.AsSpan().ContainsAny(Special) ? text : text.Replace("\\", @"\\").Replace("\0", @"\0");

    [return: NotNullIfNotNull(nameof(stored))]
    public static string? Said(string? stored)
    {
        if (stored is null || !stored.Contains('\\')) return stored;
        var text = new System.Text.StringBuilder(stored.Length);
        for (var i = 0; i < stored.Length; i++)
            text.Append(stored[i] != '\\' ? stored[i] : stored[++i] == '0' ? '\0' : '\\');
        return text.ToString();
    }
}
