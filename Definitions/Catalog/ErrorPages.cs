using System.Collections.Immutable;
using System.Reflection;

namespace OrleansEtl.Definitions;

/// <summary>The page of a code: what it means, why it comes, what to do.</summary>
/// <param name="Title">The first line, without the code.</param>
/// <param name="Markdown">The whole page.</param>
public sealed record ErrorPage(string Code, string Title, string Markdown);

/// <summary>All pages, one for each code; they are the files of <c>Codes/</c>.</summary>
public static class ErrorPages
{
    private const string Folder = "Codes.";

    private static readonly Assembly Home = typeof(ErrorPages).Assembly;

    /// <summary>Every code that has a page, in order.</summary>
    public static ImmutableArray<string> Codes { get; } =
    [
        .. Home.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal))
            .Select(n => Path.GetFileNameWithoutExtension(n[Folder.Length..])).Order(StringComparer.Ordinal),
    ];

    /// <summary>The page of a code, also written <c>etl1007</c> or <c>1007</c>; null when there is none.</summary>
    public static ErrorPage? Find(string code)
    {
        var name = code.Trim().ToUpperInvariant();
        if (!name.StartsWith("ETL", StringComparison.Ordinal)) name = "ETL" + name;
        using var stream = Home.GetManifestResourceStream($"{Folder}{name}.md");
        if (stream is null) return null;
        var markdown = new StreamReader(stream).ReadToEnd();
        var first = markdown.Split('\n')[0];
        return new ErrorPage(name, first[(first.IndexOf(' ', 2) + 1)..].Trim(), markdown);
    }
}
