using System.Globalization;
using System.Text;

namespace OrleansEtl;

/// <summary>Text of strangers that can be shown on a terminal: what would steer it is shown as a sign.</summary>
public static class Printable
{
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && Ascii.IsValid(text) && !text.Contains('\u007f')) return text;
        var shown = new StringBuilder(text.Length);
        foreach (var c in text) shown.Append(Sign(c));
        return shown.ToString();
    }

    private static string Sign(char c) => c switch
    {
        '\t' => "\t",
        < ' ' => ((char)('\u2400' + c)).ToString(),
        '\u007f' => "\u2421",
        _ when char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator =>
            string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        _ => c.ToString(),
    };
}
