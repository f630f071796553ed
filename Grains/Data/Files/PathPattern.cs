using System.Text;
using System.Text.RegularExpressions;

namespace OrleansEtl.Data.Files;

/// <summary>
/// Patterns of paths. Hidden files are found only by a pattern that begins with a dot, so a half-written export is
/// nobody's input; <c>**</c> does not go through links, so it always ends.
/// </summary>
internal static class PathPattern
{
    public static bool Is(string path) => path.AsSpan().ContainsAny('*', '?', '[');

    /// <summary>The folder before the first pattern.</summary>
    public static string FixedFolder(string path) => Split(path).Folder;

    public static IEnumerable<string> Find(string path, int filesMax)
    {
        var (folder, patterns) = Split(path);
        return Walk(folder, patterns).Take(filesMax);
    }

    private static (string Folder, string[] Patterns) Split(string path)
    {
        var parts = path.Split('/');
        var first = Array.FindIndex(parts, Is);
        var folder = string.Join('/', parts[..first]);
        return (folder.Length == 0 ? "/" : folder, parts[first..]);
    }

    private static IEnumerable<string> Walk(string folder, ReadOnlyMemory<string> patterns)
    {
        var pattern = patterns.Span[0];
        var rest = patterns[1..];
        if (pattern == "**")
        {
            if (rest.IsEmpty) rest = new[] { "*" };
            foreach (var file in Walk(folder, rest)) yield return file;
            foreach (var child in Folders(folder).Where(child => !IsLink(child) && !IsHidden(child)))
                foreach (var file in Walk(child, patterns)) yield return file;
            yield break;
        }

        var name = Matcher(pattern);
        bool Matches(string entry) => (!IsHidden(entry) || pattern[0] == '.') && name.IsMatch(Path.GetFileName(entry));
        if (rest.IsEmpty)
        {
            foreach (var file in Files(folder).Where(Matches)) yield return file;
            yield break;
        }

        foreach (var child in Folders(folder).Where(Matches))
            foreach (var file in Walk(child, rest)) yield return file;
    }

    private static bool IsHidden(string entry) => Path.GetFileName(entry.AsSpan()) is ['.', ..];

    private static bool IsLink(string folder) => new DirectoryInfo(folder).LinkTarget is not null;

    private static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [];

    private static IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [];

    /// <summary>One name; linear in its length whatever the pattern.</summary>
    private static Regex Matcher(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            var close = pattern[i] == '[' ? pattern.IndexOf(']', Math.Min(i + 2, pattern.Length)) : -1;
            if (close > 0)
            {
                var set = pattern[(i + 1)..close];
                var negated = set[0] is '!' or '^';
                var members = (negated ? set[1..] : set).Replace(@"\", @"\\").Replace("[", @"\[").Replace("]", @"\]");
                regex.Append(negated ? "[^" : "[").Append(members).Append(']');
                i = close;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => ".*", '?' => ".", var c => Regex.Escape(c.ToString()) });
            }
        }

        const RegexOptions linear =
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;
        return new Regex(regex.Append(@"\z").ToString(), linear);
    }
}
