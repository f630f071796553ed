using System.Reflection;

namespace OrleansEtl.House.Tests;

/// <summary>The files of this repository as the tests see them: sources only, nothing that a build made.</summary>
internal static class Repository
{
    private static readonly HashSet<string> NotOurs = ["bin", "obj", ".build", ".cache", ".git", ".etl", "artifacts", "node_modules", "out"];

    public static string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!));

    public static IReadOnlyList<string> Files(string pattern, string under = "") =>
        [.. Walk(Path.Combine(Root, under)).Where(f => Path.GetFileName(f) is var n && Matches(n, pattern)).Order(StringComparer.Ordinal)];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static bool Matches(string name, string pattern) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name);

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(d => !NotOurs.Contains(Path.GetFileName(d))).SelectMany(Walk));
}
