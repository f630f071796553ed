using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansEtl.House.Tests;

/// <summary>Clocks, chance and the console belong to hosts; everybody else is given them. The compiler says so too, by
/// BannedSymbols.txt; this looks at the text and so cannot be switched off in a project.</summary>
public class Bans
{
    /// <summary>Hosts, which hand clocks and chance to the others.</summary>
    private static readonly string[] Hosts = ["Client/Cli/", "Client/Cluster/EtlClient.cs", "Silo/", "Runtime/", "benchmarks/", "tests/"];

    private static readonly string[] OfHosts =
    [
        "DateTime.Now", "DateTime.UtcNow", "DateTime.Today", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "Random.Shared", "Guid.NewGuid",
        "Guid.CreateVersion7", "Thread.Sleep", "Console.Write", "Console.WriteLine", "Console.Out", "Console.Error",
        "RandomNumberGenerator.GetBytes", "RandomNumberGenerator.Fill", "RandomNumberGenerator.GetInt32",
    ];

    [Fact]
    public void Only_hosts_have_a_clock_chance_or_a_console() => Law.Holds(
        from file in Repository.Files("*.cs")
        where !Hosts.Any(h => Repository.Relative(file).StartsWith(h, StringComparison.Ordinal))
        from use in Uses(file)
        select use);

    [Fact]
    public void Every_ban_of_the_compiler_has_its_replacement_beside_it() => Law.Holds(
        Repository.Read("BannedSymbols.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.Split(';') is not [_, { Length: > 10 }]));

    [Fact]
    public void No_test_sleeps() => Law.Holds(
        from file in Repository.Files("*.cs", "tests")
        from use in Uses(file)
        where use.EndsWith("Thread.Sleep", StringComparison.Ordinal)
        select use);

    private static IEnumerable<string> Uses(string file)
    {
        var root = CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot();
        var members = root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            .Where(m => OfHosts.Any(ban => m.ToString() is var text && (text == ban || text.EndsWith("." + ban, StringComparison.Ordinal))))
            .Select(m => (Node: (SyntaxNode)m, Text: m.ToString()));
        var creations = root.DescendantNodes().OfType<ObjectCreationExpressionSyntax>()
            .Where(c => c.Type.ToString() is "Random" or "System.Random")
            .Select(c => (Node: (SyntaxNode)c, Text: "new Random"));
        return members.Concat(creations).Select(u =>
            $"{Repository.Relative(file)}:{u.Node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {u.Text}");
    }
}
