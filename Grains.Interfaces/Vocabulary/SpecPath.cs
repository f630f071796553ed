using System.Globalization;

namespace OrleansEtl;

/// <summary>Names a place in a spec: <c>steps[2].with.columns[0]</c>. Names with other characters than letters, digits,
/// <c>_</c> and <c>-</c> stand in brackets and quotes.</summary>
public static class SpecPath
{
    public static string Step(int index) => Item("steps", index);

    public static string Item(string path, int index) => $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]";

    public static string Field(string path, string name)
    {
        var plain = name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        if (!plain) return $"{path}[\"{name.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"]";
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    /// <summary>The place that holds this one; null for a place at the top.</summary>
    public static string? Parent(string path)
    {
        var inText = false;
        for (var i = path.Length - 1; i > 0; i--)
        {
            if (path[i] == '"' && path[i - 1] != '\\') inText = !inText;
            if (!inText && path[i] is '.' or '[') return path[..i];
        }
        return null;
    }

    /// <summary>Whether the place is the other one or within it.</summary>
    public static bool IsWithin(string path, string outer) =>
        path.StartsWith(outer, StringComparison.Ordinal)
        && (path.Length == outer.Length || path[outer.Length] is '.' or '[');
}
