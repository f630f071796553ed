using System.Text.RegularExpressions;

namespace OrleansEtl.Steps;

/// <summary>
/// Tells whether a query is one plain SELECT over one relation, so that it reads every row of it exactly once. Only
/// such a query may be fused with the steps before it. It errs on the safe side: what it does not recognise costs a
/// temporary file, never a wrong count.
/// </summary>
internal static partial class PlainSelect
{
    private static readonly HashSet<string> Barred = new(StringComparer.OrdinalIgnoreCase)
    {
        "with", "join", "union", "intersect", "except", "limit", "offset", "fetch", "sample", "tablesample", "using",
        "exists", "values", "pivot", "unpivot", "lateral", "table", "recursive", "any", "all", "positional",
    };

    private static readonly HashSet<string> Clauses = new(StringComparer.OrdinalIgnoreCase)
    {
        "where", "group", "having", "qualify", "order", "window",
    };

    /// <summary>What gives another value each time it is asked. A condition made of these alone names no column, and the
    /// engine asks it before the rows of the earlier steps are counted.</summary>
    private static readonly HashSet<string> Volatile = new(StringComparer.OrdinalIgnoreCase)
    {
        "random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7",
    };

    [GeneratedRegex("""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|\S""",
        RegexOptions.Singleline)]
    private static partial Regex Token();

    public static bool Is(string query)
    {
        var tokens = Token().Matches(query).Select(match => match.Value)
            .Where(token => !token.StartsWith("--", StringComparison.Ordinal)
            && !token.StartsWith("/*", StringComparison.Ordinal)).ToList();
        if (tokens.Count > 0 && tokens[^1] == ";") tokens.RemoveAt(tokens.Count - 1);
        if (tokens.Any(Barred.Contains) || tokens.Any(Volatile.Contains) || Count(tokens, "select") != 1 || Count(tokens, "from") != 1
            || !Is(tokens[0], "select")) return false;

        // Behind FROM: a name, perhaps another one as its alias, then a clause or the end. Anything else may be a list
        // of relations.
        var rest = tokens.Skip(tokens.FindIndex(token => Is(token, "from")) + 1).ToList();
        if (rest.Count == 0 || !IsName(rest[0])) return false;
        var after = rest.Skip(1).SkipWhile(token => Is(token, "as")).ToList();
        if (after.Count > 0 && IsName(after[0]) && !Clauses.Contains(after[0])) after.RemoveAt(0);
        return after.Count == 0 || Clauses.Contains(after[0]);
    }

    /// <summary>Whether an expression gives another value each time, so that its step reads a file instead of being fused.</summary>
    public static bool IsVolatile(string expression) => Token().Matches(expression).Any(match => Volatile.Contains(match.Value));

    private static int Count(List<string> tokens, string word) => tokens.Count(token => Is(token, word));
    private static bool Is(string token, string word) => string.Equals(token, word, StringComparison.OrdinalIgnoreCase);
    private static bool IsName(string token) => token[0] == '"' || token[0] == '_' || char.IsAsciiLetter(token[0]);
}
