using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OrleansEtl.Storage;

/// <summary>Text of people in a database whose text cannot hold a zero character, nor half of a character of two halves: no text may
/// keep a run from being stored.</summary>
internal static class PostgresText
{
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("\\\0");

    [return: NotNullIfNotNull(nameof(text))]
    public static string? Stored(string? text) =>
        text is null || IsPlain(text) ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace("\\", @"\\").Replace("\0", @"\0");

    private static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAny(Special) && !text.ContainsAnyInRange('\ud800', '\udfff');

    [return: NotNullIfNotNull(nameof(stored))]
    public static string? Said(string? stored)
    {
        if (stored is null || !stored.Contains('\\')) return stored;
        var text = new StringBuilder(stored.Length);
        for (var i = 0; i < stored.Length; i++)
            text.Append(stored[i] != '\\' ? stored[i] : stored[++i] == '0' ? '\0' : '\\');
        return text.ToString();
    }
}
