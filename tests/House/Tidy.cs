using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansEtl.House.Tests;

/// <summary>Style as tests, so that nobody needs to talk about it.</summary>
public class Tidy
{
    private const int FileLinesMax = 400;
    private const int LineLengthMax = 160;
    private const int FunctionLinesMax = 60;

    private static readonly string[] NamesThatSayNothing = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Impl"];

    [Fact]
    public void No_file_is_longer_than_400_lines() => Law.Holds(
        from file in Repository.Files("*.cs")
        let lines = File.ReadLines(file).Count()
        where lines > FileLinesMax
        select $"{Repository.Relative(file)}: {lines} lines");

    [Fact]
    public void No_line_of_a_room_is_too_long_to_read() => Law.Holds(
        Lines(line => line.Length > LineLengthMax).Where(breach => !breach.StartsWith("tests/", StringComparison.Ordinal)));

    [Fact]
    public void No_line_ends_in_white_space_or_holds_a_tab() => Law.Holds(Lines(line => line != line.TrimEnd() || line.Contains('\t')));

    [Fact]
    public void Nothing_is_left_to_do() => Law.Holds(Lines(line =>
        line.Contains("TO" + "DO", StringComparison.Ordinal) || line.Contains("FIX" + "ME", StringComparison.Ordinal)
        || line.Contains("NotImplemented" + "Exception", StringComparison.Ordinal)));

    [Fact]
    public void No_function_is_longer_than_60_lines() => Law.Holds(
        from file in Repository.Files("*.cs")
        from function in Parse(file).DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
        let body = (SyntaxNode?)function.Body ?? function.ExpressionBody
        where body is not null && Lines(body) > FunctionLinesMax
        select $"{Repository.Relative(file)}:{Line(function)}: {Lines(body)} lines");

    [Fact]
    public void No_type_has_a_name_that_says_nothing() => Law.Holds(
        from file in Repository.Files("*.cs")
        where !Repository.Relative(file).StartsWith("Runtime/") // these names are Orleans' own
        from type in Parse(file).DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        where NamesThatSayNothing.Any(n => type.Identifier.Text.EndsWith(n, StringComparison.Ordinal))
        select $"{Repository.Relative(file)}: {type.Identifier.Text}");

    [Fact]
    public void No_warning_is_switched_off_in_a_source_file() => Law.Holds(
        Lines(line => line.TrimStart().StartsWith("#pragma" + " warning", StringComparison.Ordinal)));

    private static IEnumerable<string> Lines(Func<string, bool> isWrong) =>
        from file in Repository.Files("*.cs")
        from line in File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1))
        where isWrong(line.Text)
        select $"{Repository.Relative(file)}:{line.Number}: {line.Text.Trim()}";

    private static SyntaxNode Parse(string file) => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot();

    private static int Lines(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static int Line(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}
