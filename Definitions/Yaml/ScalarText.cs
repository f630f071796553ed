using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OrleansEtl.Definitions;

/// <summary>Texts as YAML scalars: without quotes where nobody could misread them, quoted otherwise, as a block for several
/// lines.</summary>
internal static partial class ScalarText
{
    [GeneratedRegex(@"^[A-Za-z_/.][A-Za-z0-9_/.*()=<>-]*( [A-Za-z0-9_/.*()=<>-]+)*$|^\d{4}-\d{2}-\d{2}$|^\d+(ms|s|m|h|d)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    [GeneratedRegex(@"^[\x21-\x7E\u00A1-\u2027\u2030-\uD7FF][\x20-\x7E\u00A1-\u2027\u2030-\uD7FF\n]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Block();

    /// <summary>The same in every place: in a mapping, a list, braces or brackets.</summary>
    public static string Of(string text) =>
        text.Length <= 120 && Plain().IsMatch(text) && CoreSchema.IsText(text) && !text.StartsWith("...", StringComparison.Ordinal)
            ? text
            : Quoted(text);

    public static string Key(string name) => Of(name);

    /// <summary>Whether the text has several lines and all of them can be shown as they are.</summary>
    public static bool IsBlock(string text) =>
        text.Contains('\n') && Block().IsMatch(text) && !text.EndsWith("\n\n", StringComparison.Ordinal)
        && !text.Split('\n').Any(l => l.Length > 0 && (l[^1] == ' ' || l.AsSpan().Trim(' ').Length == 0));

    public static string Quoted(string text)
    {
        var quoted = new StringBuilder(new SpecValue.Text(text).ToJson());
        // Line ends of other alphabets and marks that nobody sees would not survive as they are.
        foreach (var c in "\u007f\u0085\u00a0\u2028\u2029\ufeff")
            quoted.Replace(c.ToString(), $"\\u{((int)c).ToString("x4", CultureInfo.InvariantCulture)}");
        return quoted.ToString();
    }
}
