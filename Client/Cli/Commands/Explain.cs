using System.CommandLine;

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
        command.SetAction(_ => (int)ExitCode.Succeeded);
        return command;
    }
}
