using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl runs history RUN</c></summary>
internal static class RunHistory
{
    private static readonly Argument<string> Run = RunIds.Argument("The run");
    private static readonly Option<string?> Step = new("--step") { Description = "Only what happened to this step", HelpName = "STEP" };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what happens, until the run ends" };
    private static readonly Option<long> After = new("--after")
    {
        Description = "Only what happened after the event of this number", HelpName = "NUMBER",
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("history", "Show what happened to a run, oldest first") { Run };
        command.With(Step, Follow, After, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var run = await RunIds.Find(parsed.GetValue(Run)!, etl, cancellation);
            var filter = new HistoryFilter(run, parsed.GetValue(After), PageSize, StepIds.Of(parsed, Step));
            var (text, times) = (new HistoryText(surroundings.Terminal, parsed.IsJson()), new AttemptTimes());
            filter = filter with { After = await PrintToTheEnd(filter, etl, text, times, cancellation) };
            if (!parsed.GetValue(Follow)) return (int)ExitCode.Succeeded;
            WaitFor? said = null;
            await foreach (var view in etl.Watch(run, cancellation))
            {
                if (view.Version > filter.After)
                    filter = filter with { After = await PrintToTheEnd(filter, etl, text, times, cancellation) };
                if (view.Wait is { } wait && wait.For != said)
                    surroundings.Terminal.Talk.WriteLine($"{run} {RunText.Waits(wait, surroundings.Clock.GetUtcNow())}");
                said = view.Wait?.For;
            }
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    /// <summary>The most that one answer holds.</summary>
    private const int PageSize = 500;

    /// <summary>Prints all that is stored by now; returns the number of the last event.</summary>
    private static async Task<long> PrintToTheEnd(
        HistoryFilter filter, IEtl etl, HistoryText text, AttemptTimes times, CancellationToken cancellation)
    {
        while (true)
        {
            var page = await etl.History(filter, cancellation) ?? throw RunIds.Unknown(filter.Run.Value);
            if (page.Missing > 0) text.PrintMissing(page.Missing);
            foreach (var entry in page.Entries) text.Print(entry, times.Took(entry));
            if (page.IsLast) return page.Next;
            filter = filter with { After = page.Next };
        }
    }
}
