using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansEtl.Definitions;

/// <summary>What a scalar without quotes means, by the core schema of YAML 1.2: <c>no</c> is a text, <c>010</c> is ten, <c>1:30</c> is a
/// text, and a day is a text. Infinity and NaN stay texts too: no field can hold them.</summary>
internal static partial class CoreSchema
{
    [GeneratedRegex("^[-+]?[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Real();

    public static SpecValue Read(Node.Scalar scalar)
    {
        var text = scalar.Text;
        if (!scalar.IsPlain || text.Length > 400) return new SpecValue.Text(text);
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL": return new SpecValue.Null();
            case "true" or "True" or "TRUE": return new SpecValue.Flag(true);
            case "false" or "False" or "FALSE": return new SpecValue.Flag(false);
        }
        if (text.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) && hex >= 0)
            return new SpecValue.Integer(hex);
        if (text.StartsWith("0o", StringComparison.Ordinal) && Octal(text.AsSpan(2)) is { } octal) return new SpecValue.Integer(octal);
        if (Integer().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return new SpecValue.Integer(whole);
        if (Real().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            && double.IsFinite(real))
            return new SpecValue.Real(real);
        return new SpecValue.Text(text);
    }

    /// <summary>Whether a text means itself without quotes.</summary>
    public static bool IsText(string text) =>
        Read(new Node.Scalar(default, text, isPlain: true)) is SpecValue.Text;

    private static long? Octal(ReadOnlySpan<char> digits)
    {
        if (digits.Length is 0 or > 20) return null;
        var value = 0L;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7') return null;
            value = value * 8 + (digit - '0');
        }
        return value;
    }
}
