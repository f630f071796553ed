using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>An order as users write it: columns, each with an optional <c>desc</c>. NULLs come last in either
/// direction.</summary>
internal static partial class Ordering
{
    public const string Summary =
        "Columns that give the order, the first one first: 'placed_at' or 'placed_at desc'. NULLs come last.";

    [GeneratedRegex(@"^(?<column>.+?)(\s+(?<way>asc|desc))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    /// <summary><c>ORDER BY …</c>; empty when nothing is asked for.</summary>
    public static string By(StepInput input, ImmutableArray<string> columns, bool reversed = false) => columns.IsEmpty
        ? "" : $"ORDER BY {string.Join(", ", columns.Select(text => Item(input, text, reversed)))}";

    private static string Item(StepInput input, string text, bool reversed)
    {
        // A column may itself end in " desc": the name as a whole goes first.
        if (input.Columns.Any(column => column.Name == text)) return $"{Sql.Name(text)} {Way(reversed)} NULLS LAST";
        var match = Form().Match(text.Trim());
        var descends = match.Groups["way"].Value.Equals("desc", StringComparison.OrdinalIgnoreCase);
        return $"{input.Sql(match.Groups["column"].Value)} {Way(descends != reversed)} NULLS LAST";
    }

    private static string Way(bool descends) => descends ? "DESC" : "ASC";
}
