using System.CommandLine;
using System.Diagnostics;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl cancel RUN</c>, and the same as <c>etl runs cancel RUN</c>.</summary>
internal static class Cancel
{
    private static readonly Argument<string> Run = RunIds.Argument("The run to stop");
    private static readonly Option<string> Reason = new("--reason")
    {
        Description = "Kept with the run", HelpName = "TEXT", DefaultValueFactory = _ => "cancelled with etl cancel",
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("cancel", "Stop a run for good; finished steps' outputs stay") { Run };
        command.With(Reason, CommonOptions.Home);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var run = await RunIds.Find(parsed.GetValue(Run)!, etl, cancellation);
            switch (await etl.Cancel(run, parsed.GetValue(Reason)!, cancellation))
            {
                case Answer.Done done:
                    surroundings.Terminal.Talk.WriteLine($"{run} {done.Status.Word()}");
                    return (int)ExitCode.Succeeded;
                case Answer.Refused refused:
                    return (int)FaultText.PrintAll(surroundings.Terminal, refused.Faults);
                default: throw new UnreachableException();
            }
        });
        return command;
    }
}
