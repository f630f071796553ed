using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl logs RUN</c></summary>
internal static class Logs
{
    private static readonly Argument<string> Run = RunIds.Argument("The run");
    private static readonly Option<string?> Step = new("--step") { Description = "Only what this step said", HelpName = "STEP" };
    private static readonly Option<int?> Attempt = new("--attempt") { Description = "Only of attempts of this number", HelpName = "N" };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what is said, until the run ends" };
    private static readonly Option<string?> Since = new("--since")
    {
        Description = "Only from then on: a time such as 2026-11-21T02:30 (UTC), or 10m for ten minutes ago", HelpName = "TIME",
    };
    private static readonly Option<LineLevel> Level = new("--level")
    {
        Description = "Only of this level and above: debug, info, warn or error", HelpName = "LEVEL",
    };
    private static readonly Option<string?> Grep = new("--grep") { Description = "Only lines with this text, in upper or lower case", HelpName = "TEXT" };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("logs", "Show what the steps of a run said, oldest first") { Run };
        command.With(Step, Attempt, Follow, Since, Level, Grep, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var run = await RunIds.Find(parsed.GetValue(Run)!, etl, cancellation);
            var text = new LogText(surroundings.Terminal, parsed.IsJson());
            var filter = Filter(parsed, run, surroundings.Clock.GetUtcNow());
            filter = filter with { Cursor = await PrintToTheEnd(filter, etl, text, cancellation) };
            if (!parsed.GetValue(Follow)) return (int)ExitCode.Succeeded;
            if (await etl.View(run, cancellation) is { Wait: { For: WaitFor.Driver } wait })
                surroundings.Terminal.Talk.WriteLine($"{run} {wait.Text}");
            await foreach (var line in etl.FollowLogs(filter, cancellation)) text.Print(line);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    /// <summary>Prints all that is written by now; returns the cursor of what follows.</summary>
    private static async Task<string> PrintToTheEnd(LogFilter filter, IEtl etl, LogText text, CancellationToken cancellation)
    {
        while (true)
        {
            var page = await etl.Logs(filter, cancellation) ?? throw RunIds.Unknown(filter.Run.Value);
            foreach (var line in page.Lines) text.Print(line);
            if (page.IsLast) return page.Next;
            filter = filter with { Cursor = page.Next };
        }
    }

    private static LogFilter Filter(ParseResult parsed, RunId run, DateTimeOffset now) => new(
        run, StepIds.Of(parsed, Step), AttemptOf(parsed.GetValue(Attempt)), parsed.GetValue(Level), SinceOf(parsed.GetValue(Since), now),
        parsed.GetValue(Grep));

    private static Attempt? AttemptOf(int? number) => number switch
    {
        null => null,
        > 0 => new Attempt(number.Value),
        _ => throw WrongUse($"--attempt is a number from 1; found '{number}'"),
    };

    private static DateTimeOffset? SinceOf(string? text, DateTimeOffset now) => text is null ? null
        : Moments.TryInstant(text, null, out var instant) ? instant
        : Durations.TryParse(text, out var ago) ? now - ago
        : throw WrongUse($"--since is a time such as 2026-11-21T02:30, or a duration such as 10m; found '{text}'");

    private static FaultException WrongUse(string what) => new(new Fault(FaultKind.Invalid, CliCodes.WrongUse, what));
}
