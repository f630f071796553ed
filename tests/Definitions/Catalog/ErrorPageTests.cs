using System.Text.RegularExpressions;

namespace OrleansEtl.Definitions.Tests.Catalog;

public partial class ErrorPageTests
{
    [GeneratedRegex("\"(ETL[0-9]{4})\"")]
    private static partial Regex Literal();

    /// <summary>Every code that the sources of the program can give, with a file that does.</summary>
    private static Dictionary<string, string> Used() => Directory.EnumerateFiles(Files.Root, "*.cs", SearchOption.AllDirectories)
        .Where(f => Path.GetRelativePath(Files.Root, f).Split('/') is var parts
            && parts[0] != "tests" && !parts.Contains("bin") && !parts.Contains("obj"))
        .SelectMany(f => Literal().Matches(File.ReadAllText(f)).Select(m =>
            (Code: m.Groups[1].Value, File: Path.GetRelativePath(Files.Root, f))))
        .GroupBy(u => u.Code).ToDictionary(g => g.Key, g => g.First().File);

    [Fact]
    public void Every_code_that_is_given_has_a_page() =>
        Assert.Empty(Used().Where(u => ErrorPages.Find(u.Key) is null).Select(u => $"{u.Key} of {u.Value}").Order());

    [Fact]
    public void Every_page_is_about_a_code_that_is_given()
    {
        var used = Used();
        Assert.Empty(ErrorPages.Codes.Where(c => !used.ContainsKey(c)));
    }

    [Fact]
    public void A_page_says_what_it_means_why_it_comes_and_what_to_do()
    {
        Assert.True(ErrorPages.Codes.Length > 50);
        foreach (var code in ErrorPages.Codes)
        {
            var page = ErrorPages.Find(code)!;
            Assert.StartsWith($"# {code} {page.Title}\n\n", page.Markdown);
            Assert.True(page.Title.Length is > 5 and < 80, code);
            Assert.Contains("\n## Cause\n\n", page.Markdown);
            Assert.Contains("\n## Remedy\n\n", page.Markdown);
        }
    }

    [Theory]
    [InlineData("ETL1007", "Unknown field")]
    [InlineData("etl1007", "Unknown field")]
    [InlineData("1007", "Unknown field")]
    [InlineData("ETL9999", null)]
    [InlineData("", null)]
    [InlineData("../x", null)]
    public void A_page_is_found_by_its_code(string written, string? title) => Assert.Equal(title, ErrorPages.Find(written)?.Title);
}
