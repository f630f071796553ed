using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Definitions;
using OrleansEtl.Steps;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl explain KIND|CODE</c></summary>
internal static class Explain
{
    private static readonly Argument<string> Topic = new("KIND|CODE")
    {
        Description = "A kind of step, such as transform.join, or an error's code, such as ETL1007",
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("explain", "Explain a kind of step or an error") { Topic };
        command.SetAction(parsed =>
        {
            var topic = parsed.GetValue(Topic)!;
            surroundings.Terminal.Data.Write(Page(topic, surroundings.Kinds.Specs) ?? throw Unknown(topic, surroundings.Kinds.Specs));
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static string? Page(string topic, KindCatalog kinds) =>
        kinds.FindOlder(topic) is { } kind ? KindPage.Render(kind) : ErrorPages.Find(topic)?.Markdown;

    private static FaultException Unknown(string topic, KindCatalog kinds) => new(new Fault(
        FaultKind.NotFound, CliCodes.NoTopic, $"There is no kind of step and no error `{topic}`.", null,
        kinds.Nearest(topic) is { } nearest ? $"Did you mean `{nearest}`?" : "List the kinds with: etl kinds"));
}
