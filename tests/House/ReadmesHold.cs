using System.Text.RegularExpressions;
using OrleansEtl.Cli;
using OrleansEtl.Cli.Commands;
using OrleansEtl.Cli.Output;
using OrleansEtl.Definitions;
using OrleansEtl.Steps;

namespace OrleansEtl.House.Tests;

/// <summary>What the documents say can be done, can be done.</summary>
public partial class ReadmesHold
{
    [GeneratedRegex("^```(?<language>\\w*)\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("`\\./etl (?<arguments>[^`]+)`")]
    private static partial Regex InlineCommand();

    [GeneratedRegex(@"\]\((?<target>[^)#:]+)\)")]
    private static partial Regex Link();

    private static IEnumerable<string> Documents => Repository.Files("*.md").Where(f => !Repository.Relative(f).StartsWith("Definitions/Codes/"));

    [Fact]
    public void Every_command_of_the_documents_is_one() => Law.Holds(
        from file in Documents
        from command in Fence().Matches(File.ReadAllText(file)).Where(f => f.Groups["language"].Value is "sh" or "bash")
            .SelectMany(f => f.Groups["text"].Value.Split('\n')).Where(l => l.StartsWith("./etl ")).Select(l => l["./etl ".Length..])
            .Concat(InlineCommand().Matches(File.ReadAllText(file)).Select(m => m.Groups["arguments"].Value))
        where command != "…"
        let parsed = EtlCommand.Make(Nowhere()).Parse(Arguments(command))
        where parsed.Errors.Count > 0
        select $"{Repository.Relative(file)}: etl {command}: {parsed.Errors[0].Message}");

    /// <summary>As a shell parts them: by spaces outside of quotes.</summary>
    private static string[] Arguments(string command) => [.. Argument().Matches(command).Select(one => Quotes().Replace(one.Value, "${text}"))];

    [GeneratedRegex("""(?:'[^']*'|"[^"]*"|[^\s'"])+""")]
    private static partial Regex Argument();

    [GeneratedRegex("'(?<text>[^']*)'|\"(?<text>[^\"]*)\"")]
    private static partial Regex Quotes();

    [Fact]
    public void Every_pipeline_of_the_documents_is_valid() => Law.Holds(
        from file in Documents
        from fence in Fence().Matches(File.ReadAllText(file))
        where fence.Groups["language"].Value == "yaml" && fence.Groups["text"].Value.StartsWith("pipeline:")
        let read = PipelineYaml.Read(fence.Groups["text"].Value, Repository.Relative(file), StepCatalog.Specs)
        from wrong in PipelineFile.Check(read, StepCatalog.Specs).Diagnostics
        select wrong.ToString());

    [Fact]
    public void Every_sample_is_valid() => Law.Holds(
        from file in Repository.Files("*.yaml", "samples")
        where !Repository.Relative(file).StartsWith("samples/own-kinds/", StringComparison.Ordinal) // tests/OwnKinds knows its kind
        where !PipelineFolder.IsTest(file)
        from wrong in (PipelineFile.CheckTemplate(file, StepCatalog.Specs) ?? PipelineFile.Check(file, StepCatalog.Specs)).Diagnostics
        select wrong.ToString());

    [Fact]
    public void Every_link_leads_somewhere() => Law.Holds(
        from file in Documents
        from Match link in Link().Matches(File.ReadAllText(file))
        let target = Path.Combine(Path.GetDirectoryName(file)!, link.Groups["target"].Value)
        where !Path.Exists(target)
        select $"{Repository.Relative(file)}: {link.Groups["target"].Value}");

    [Fact]
    public void Every_code_that_is_used_has_a_page() => Law.Holds(
        from file in Repository.Files("*.cs").Where(f => !Repository.Relative(f).StartsWith("tests/"))
        from Match code in CodeInText().Matches(File.ReadAllText(file))
        where ErrorPages.Find(code.Groups["code"].Value) is null
        select $"{Repository.Relative(file)}: {code.Groups["code"].Value} has no page in Definitions/Codes");

    [GeneratedRegex("\"(?<code>ETL[0-9]{4})\"")]
    private static partial Regex CodeInText();

    private static Surroundings Nowhere() => new(
        new Terminal(TextWriter.Null, TextWriter.Null, false, false, false, () => 80), TimeProvider.System,
        _ => throw new InvalidOperationException("nothing is opened here"),
        (_, _) => throw new InvalidOperationException("nothing is connected here"));
}
