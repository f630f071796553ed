using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl pause RUN | --pipeline NAME | --all</c>, and the same as <c>etl runs pause</c>.</summary>
internal static class Pause
{
    private static readonly Option<string> Reason = Telling.Reason("paused with etl pause");

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command(
            "pause", "Start nothing more of a run, of a pipeline or of all until `etl resume`; what runs goes on, and so does its --timeout")
        {
            WholePipelines.Run,
        };
        command.With(WholePipelines.Pipeline, WholePipelines.All, Reason, CommonOptions.Home);
        command.SetAction((parsed, cancellation) => WholePipelines.IsOneRun(parsed)
            ? Telling.Tell(
                parsed, parsed.GetValue(WholePipelines.Run)!, surroundings,
                (etl, run) => etl.Pause(run, parsed.GetValue(Reason)!, Telling.Me, cancellation),
                (run, status) => $"{run} {status.Word()}; go on with: etl resume {run}{parsed.WhereFlag()}", cancellation)
            : WholePipelines.PauseThem(parsed, parsed.GetValue(Reason)!, surroundings, cancellation));
        return command;
    }
}
