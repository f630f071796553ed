using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl resume RUN</c></summary>
internal static class Resume
{
    private static readonly Argument<string> Run = RunIds.Argument("The unfinished run to go on with");

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("resume", "Go on with a run that is paused or whose process ended") { Run };
        command.With(Drive.CancelWithMe, CommonOptions.Home, CommonOptions.Allow, CommonOptions.AllowProgram,
            CommonOptions.Progress, CommonOptions.Output);
        command.SetAction(async (parsed, _) =>
        {
            using var interrupts = new Interrupts(surroundings.Terminal);
            await using var etl = await parsed.OpenExisting(surroundings, interrupts.Token);
            var run = await RunIds.Find(parsed.GetValue(Run)!, etl, interrupts.Token);
            var begun = await etl.Resume(run, interrupts.Token);
            return (int)await Drive.ToTheEnd(begun, null, parsed, surroundings, etl, interrupts);
        });
        return command;
    }
}
