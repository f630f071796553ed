namespace OrleansEtl.Data;

/// <summary>The name that somebody probably meant.</summary>
internal static class Nearest
{
    /// <summary>The nearest of the names, when at most a third of its letters differ; ties go to the first.</summary>
    public static string? To(string name, IEnumerable<string> names) => names
        .Select(candidate => (candidate, distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
        .Where(pair => pair.distance <= Math.Max(1, Math.Max(name.Length, pair.candidate.Length) / 3))
        .OrderBy(pair => pair.distance)
        .Select(pair => pair.candidate)
        .FirstOrDefault();

    /// <summary>"Did you mean 'x'?", or null.</summary>
    public static string? Hint(string name, IEnumerable<string> names) =>
        To(name, names) is { } near ? $"Did you mean '{near}'?" : null;

    /// <summary>Insertions, deletions, replacements and swaps of neighbours.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[3][];
        for (var i = 0; i < 3; i++) rows[i] = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) rows[1][j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var (before, last, row) = (rows[0], rows[1], rows[2]);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (rows[0], rows[1], rows[2]) = (last, row, before);
        }

        return rows[1][b.Length];
    }
}
