using System.Text.RegularExpressions;

namespace OrleansEtl.Steps;

/// <summary>Type names as users write them. They enter SQL text, so only what a type can consist of is let through;
/// whether the type exists is DuckDB's to say.</summary>
internal static partial class SqlType
{
    [GeneratedRegex("""^[A-Za-z_][A-Za-z0-9_ ]*(\(.*\))?(\[[0-9]*\])*$""",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Form();

    public static string Checked(string type)
    {
        var text = type.Trim();
        var plain = Form().IsMatch(text) && !text.Contains("--", StringComparison.Ordinal)
            && !text.Contains("/*", StringComparison.Ordinal)
            && !text.Contains(';') && Balanced(text);
        return plain ? text : throw new FaultException(new Fault(
            FaultKind.Invalid, StepCodes.SqlInvalid, $"'{type}' is not a type.",
            Hint: "For example integer, double, date, decimal(18,2)."));
    }

    /// <summary>Whether every bracket closes within the text, quoted parts aside.</summary>
    private static bool Balanced(string text)
    {
        var (depth, quote) = (0, '\0');
        foreach (var c in text)
        {
            if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'') quote = c;
            else if (c == '(') depth++;
            else if (c == ')' && --depth < 0) return false;
        }

        return depth == 0 && quote == '\0';
    }
}
