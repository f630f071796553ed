namespace OrleansEtl;

/// <summary>Finds the word that somebody probably meant.</summary>
public static class Spelling
{
    /// <summary>Words longer than this are not compared: nobody mistypes a name of that length by two letters.</summary>
    public const int LengthMax = 100;

    /// <summary>The nearest of the candidates, or null when none is near: at most two letters apart (added, dropped, changed
    /// or swapped), and fewer in short words. Case does not count.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LengthMax) return null;
        var limit = Math.Min(2, word.Length / 3);
        string? nearest = null;
        foreach (var candidate in candidates)
        {
            if (candidate.Length is 0 or > LengthMax || Math.Abs(candidate.Length - word.Length) > limit) continue;
            var distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance > limit) continue;
            nearest = candidate;
            limit = distance - 1;
            if (limit < 0) break;
        }
        return nearest;
    }

    /// <summary>Damerau and Levenshtein's distance, in the form where no letter is moved twice.</summary>
    public static int Distance(string a, string b)
    {
        var (before, last, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++) last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last, row) = (last, row, before);
        }
        return last[b.Length];
    }
}
