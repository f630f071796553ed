using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl resume RUN | --pipeline NAME | --all</c></summary>
internal static class Resume
{
    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("resume", "Go on with a run that is paused or whose process ended, or with what was paused as a whole")
        {
            WholePipelines.Run,
        };
        command.With(WholePipelines.Pipeline, WholePipelines.All, Drive.CancelWithMe, CommonOptions.Home, CommonOptions.Allow, CommonOptions.AllowProgram,
            CommonOptions.Progress, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!WholePipelines.IsOneRun(parsed)) return await WholePipelines.ResumeThem(parsed, surroundings, cancellation);
            using var interrupts = new Interrupts(surroundings.Terminal);
            await using var etl = await parsed.OpenExisting(surroundings, interrupts.Token);
            var run = await RunIds.Find(parsed.GetValue(WholePipelines.Run)!, etl, interrupts.Token);
            var begun = await etl.Resume(run, interrupts.Token);
            return (int)await Drive.ToTheEnd(begun, null, parsed, surroundings, etl, interrupts);
        });
        return command;
    }
}
