using System.Globalization;

namespace OrleansEtl.Data.Duck;

/// <summary>The only way by which names and values enter SQL text.</summary>
public static class Sql
{
    /// <summary><c>order id</c> → <c>"order id"</c>. Always quoted: no list of keywords can go out of date.</summary>
    public static string Name(string name) =>
        name.Contains('\0') ? throw new ArgumentException("A name cannot hold the character 0.", nameof(name))
        : $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>Names, separated by commas.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Name));

    /// <summary><c>it's</c> → <c>'it''s'</c>.</summary>
    public static string Text(string text) =>
        text.Contains('\0')
            ? $"({string.Join(" || chr(0) || ", text.Split('\0').Select(Text))})"
            : $"'{text.Replace("'", "''")}'";

    /// <summary>A list of texts: <c>['a', 'b']</c>.</summary>
    public static string Texts(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Text))}]";

    /// <summary>A file's path as a text in which DuckDB sees no pattern.</summary>
    public static string File(string path) =>
        Text(path.AsSpan().ContainsAny('*', '?', '[')
            ? path.Replace("[", "[[]").Replace("*", "[*]").Replace("?", "[?]")
            : path);

    /// <summary>A list of files, each of them a name and no pattern.</summary>
    public static string Files(IEnumerable<string> paths) => $"[{string.Join(", ", paths.Select(File))}]";

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A double, exactly.</summary>
    public static string Number(double number) => double.IsFinite(number)
        ? $"{number.ToString("E16", CultureInfo.InvariantCulture)}::DOUBLE"
        : $"'{number.ToString(CultureInfo.InvariantCulture)}'::DOUBLE";

    /// <summary>A subquery in parentheses; line breaks keep a trailing line comment from swallowing what
    /// follows.</summary>
    public static string Nested(string select) => $"(\n{select.TrimEnd().TrimEnd(';')}\n)";
}
