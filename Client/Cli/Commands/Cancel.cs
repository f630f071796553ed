using System.CommandLine;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl cancel RUN</c>, and the same as <c>etl runs cancel RUN</c>.</summary>
internal static class Cancel
{
    private static readonly Option<string> Reason = Telling.Reason("cancelled with etl cancel");

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("cancel", "Stop a run for good; finished steps' outputs stay") { Telling.Run };
        command.With(Reason, CommonOptions.Home);
        command.Tells(
            surroundings, (parsed, etl, run, cancellation) => etl.Cancel(run, parsed.GetValue(Reason)!, Telling.Me, cancellation),
            (_, run, status) => $"{run} {status.Word()}");
        return command;
    }
}
