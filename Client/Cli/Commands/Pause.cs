using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl pause RUN</c>, and the same as <c>etl runs pause RUN</c>.</summary>
internal static class Pause
{
    private static readonly Option<string> Reason = Telling.Reason("paused with etl pause");

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("pause", "Start nothing more of a run until `etl resume`; what runs goes on, and so does its --timeout")
        {
            Telling.Run,
        };
        command.With(Reason, CommonOptions.Home);
        command.Tells(
            surroundings,
            (parsed, etl, run, cancellation) => etl.Pause(run, parsed.GetValue(Reason)!, Telling.Me, cancellation),
            (parsed, run, status) => $"{run} {status.Word()}; go on with: etl resume {run}{parsed.WhereFlag()}");
        return command;
    }
}
