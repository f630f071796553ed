using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Definitions.Testing;

/// <summary>Expected rows against those that came, in lines for people: <c>-</c> is missing, <c>+</c> came besides, <c>~</c> came
/// otherwise. None when they are the same. Only the columns that are expected are compared, each by its type: <c>5</c> is
/// <c>5.00</c>.</summary>
public static class RowDiff
{
    /// <summary>Lines of one step; nobody reads more.</summary>
    public const int LinesMax = 20;

    /// <param name="rows">Values as text, in the order of the columns.</param>
    public static ImmutableArray<string> Between(
        ImmutableArray<SpecValue.Map> expected, ImmutableArray<Column> columns, ImmutableArray<ImmutableArray<string?>> rows, bool isOrdered)
    {
        var names = expected.IsEmpty
            ? [.. columns.Select(column => column.Name)]
            : expected.SelectMany(row => row.Fields).Select(field => field.Name).Distinct().ToArray();
        var unknown = names.Where(name => columns.All(column => column.Name != name)).ToArray();
        if (unknown.Length > 0)
            return [$"- column {string.Join(", ", unknown)}: there are {string.Join(", ", columns.Select(column => column.Name))}"];
        var places = names.Select(name => columns.Index().First(column => column.Item.Name == name).Index).ToArray();
        var wanted = expected.Select(row => names.Select((name, i) => Canonical(Text(row[name]), columns[places[i]].Type)).ToArray()).ToList();
        var came = rows.Select(row => places.Select(place => Canonical(row[place], columns[place].Type)).ToArray()).ToList();
        var lines = isOrdered ? Ordered(names, wanted, came) : Unordered(names, wanted, came);
        return lines.Count <= LinesMax ? [.. lines] : [.. lines.Take(LinesMax), $"… and {lines.Count - LinesMax} more"];
    }

    private static List<string> Ordered(string[] names, List<string?[]> wanted, List<string?[]> came)
    {
        var lines = new List<string>();
        for (var i = 0; i < Math.Max(wanted.Count, came.Count); i++)
        {
            if (i >= came.Count) lines.Add($"- row {i + 1}: {Shown(names, wanted[i])}");
            else if (i >= wanted.Count) lines.Add($"+ row {i + 1}: {Shown(names, came[i])}");
            else if (!Enumerable.SequenceEqual(wanted[i], came[i])) lines.Add($"~ row {i + 1}: {Differing(names, wanted[i], came[i])}");
        }
        return lines;
    }

    /// <summary>What is left of both after equal rows were taken out is paired by the columns that agree.</summary>
    private static List<string> Unordered(string[] names, List<string?[]> wanted, List<string?[]> came)
    {
        const int pairedMax = 200;
        var left = came.ToList();
        var missing = wanted.Where(row => !Take(left, row)).ToList();
        var lines = new List<string>();
        foreach (var row in missing)
        {
            var nearest = left.Count <= pairedMax ? left.MaxBy(other => Agreeing(row, other)) : null;
            if (nearest is not null && names.Length > 1 && Agreeing(row, nearest) > 0)
            {
                left.Remove(nearest);
                lines.Add($"~ {Shown(names, row)}: {Differing(names, row, nearest)}");
            }
            else lines.Add($"- {Shown(names, row)}");
        }
        lines.AddRange(left.Select(row => $"+ {Shown(names, row)}"));
        return lines;
    }

    private static bool Take(List<string?[]> rows, string?[] row)
    {
        var at = rows.FindIndex(other => Enumerable.SequenceEqual(row, other));
        if (at >= 0) rows.RemoveAt(at);
        return at >= 0;
    }

    private static int Agreeing(string?[] one, string?[] other) => one.Zip(other).Count(pair => pair.First == pair.Second);

    private static string Differing(string[] names, string?[] wanted, string?[] came) => string.Join(", ",
        names.Select((name, i) => (name, i)).Where(at => wanted[at.i] != came[at.i])
            .Select(at => $"{at.name} expected {Shown(wanted[at.i])}, found {Shown(came[at.i])}"));

    private static string Shown(string[] names, string?[] row) =>
        "{ " + string.Join(", ", names.Select((name, i) => $"{name}: {Shown(row[i])}")) + " }";

    private static string Shown(string? text) => text is null ? "null" : Excerpt.Of(text, 60);

    private static string? Text(SpecValue? value) => value is null or SpecValue.Null ? null : value.ToPlainText();

    /// <summary>One text for all ways to write a value of the type.</summary>
    private static string? Canonical(string? text, string type)
    {
        if (text is null) return null;
        var head = type.Split('(')[0];
        if (head is "DOUBLE" or "FLOAT") return double.TryParse(text, CultureInfo.InvariantCulture, out var real)
            ? real.ToString("G12", CultureInfo.InvariantCulture) : text;
        if (head is "DECIMAL" || head.EndsWith("INT", StringComparison.Ordinal) || head == "INTEGER")
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number.ToString("0.############################", CultureInfo.InvariantCulture) : text;
        if (head.StartsWith("TIMESTAMP", StringComparison.Ordinal))
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) : text;
        return head == "BOOLEAN" ? text.ToLowerInvariant() : text;
    }
}
