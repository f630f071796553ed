using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl runs list|show|history|items|watch|cancel|pause|skip|succeed|redrive</c></summary>
internal static class Runs
{
    private static readonly Argument<string> Run = RunIds.Argument("The run");
    public static readonly Option<string?> Pipeline = new("--pipeline") { Description = "Of this pipeline only", HelpName = "NAME" };
    private static readonly Option<string?> RunKey = new("--run-key")
    {
        Description = "About this only; needs --pipeline", HelpName = "TEXT",
        Validators =
        {
            result =>
            {
                if (result.GetResult(Pipeline) is null) result.AddError("--run-key is a key within a pipeline: add --pipeline NAME");
            },
        },
    };
    public static readonly Option<RunStatus?> Status = new("--status")
    {
        Description = "Of this status only: running, paused, cancelling, compensating, succeeded, failed, cancelled or quarantined", HelpName = "STATUS",
    };
    public static readonly Option<bool> Unfinished = new("--unfinished") { Description = "Only runs that have not ended" };

    public static Command Make(Surroundings surroundings) => new("runs", "List, show, watch and steer runs, and read what happened")
    {
        List(surroundings),
        Show(surroundings),
        RunHistory.Make(surroundings),
        RunItems.Make(surroundings),
        Watch(surroundings),
        Cancel.Make(surroundings),
        Pause.Make(surroundings),
        StepsByHand.Skip(surroundings),
        StepsByHand.Succeed(surroundings),
        Redrive.Make(surroundings),
    };

    private static Command List(Surroundings surroundings)
    {
        var command = new Command("list", "List runs, newest first");
        command.With(
            Pipeline, RunKey, Status, Unfinished, CommonOptions.Since, CommonOptions.Limit, CommonOptions.Cursor, CommonOptions.Home,
            CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var filter = new RunFilter(
                parsed.GetValue(Pipeline), parsed.GetValue(Unfinished), parsed.GetValue(Status),
                parsed.GetValue(CommonOptions.Cursor), parsed.GetValue(CommonOptions.Limit), parsed.GetValue(RunKey));
            return (int)await Print(filter, etl, parsed, surroundings, cancellation, parsed.SinceWhen(surroundings));
        });
        return command;
    }

    /// <summary>Newest first: what follows the first that is too old is older still.</summary>
    private static Listing<RunSummary> Since(Listing<RunSummary> runs, DateTimeOffset? since)
    {
        var young = runs.Items.TakeWhile(run => since is null || run.StartedAt >= since).ToImmutableArray();
        return young.Length == runs.Items.Length ? runs : new Listing<RunSummary>(young, null);
    }

    public static async Task<ExitCode> Print(
        RunFilter filter, IEtl etl, ParseResult parsed, Surroundings surroundings, CancellationToken cancellation, DateTimeOffset? since = null)
    {
        var runs = Since(await etl.Runs(filter, cancellation), since);
        var (terminal, now) = (surroundings.Terminal, surroundings.Clock.GetUtcNow());
        if (parsed.IsJson())
        {
            JsonText.Print(terminal.Data, json => JsonText.List(json, "runs", runs, (j, run) => JsonText.Summary(j, run, now)));
            return ExitCode.Succeeded;
        }
        Looking.Print(terminal, Table(terminal, runs, now), runs.Next);
        return ExitCode.Succeeded;
    }

    public static Table Table(Terminal terminal, Listing<RunSummary> runs, DateTimeOffset now)
    {
        var table = new Table("RUN", "PIPELINE", "STATUS", "STARTED", "TIME", "STEPS", "ERROR", "WHY");
        foreach (var run in runs.Items)
        {
            table.Row(
                run.Id.Value,
                run.Pipeline,
                Cell.Of(StatusSign.Of(run.Status)),
                Words.Moment(run.StartedAt),
                Cell.Duration((run.EndedAt ?? now) - run.StartedAt),
                Cell.Number($"{run.StepsDone}/{run.StepsTotal}"),
                run.FaultCode,
                run.Wait is { } wait ? RunText.Waits(wait, now) : null);
        }
        return table;
    }

    private static Command Show(Surroundings surroundings)
    {
        var command = new Command("show", "Show what each step of a run did") { Run };
        command.With(CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var id = await RunIds.Find(parsed.GetValue(Run)!, etl, cancellation);
            var run = await etl.View(id, cancellation) ?? throw RunIds.Unknown(id.Value);
            var (terminal, now) = (surroundings.Terminal, surroundings.Clock.GetUtcNow());
            if (parsed.IsJson())
            {
                JsonText.Print(terminal.Data, json => JsonText.Run(json, run, now));
                return (int)ExitCode.Succeeded;
            }
            RunText.PrintTable(terminal, run, now);
            RunText.PrintNotes(terminal, run, parsed.WhereFlag());
            if (run.Status is RunStatus.Failed) RunText.PrintFailure(terminal, run, null, parsed.WhereFlag());
            terminal.Talk.WriteLine(RunText.Verdict(terminal, run, now));
            if (run.Occasion is { } occasion) terminal.Talk.WriteLine($"  {RunText.For(occasion)}");
            if (run.Parent is { } parent) terminal.Talk.WriteLine($"  started by step {parent.Step} of run {parent.Run}");
            if (run.Wait is { } wait && !RunText.IsNoted(wait)) terminal.Talk.WriteLine($"  {RunText.Waits(wait, now)}");
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static Command Watch(Surroundings surroundings)
    {
        var command = new Command("watch", "Show a run that goes on elsewhere, until it ends") { Run };
        command.With(CommonOptions.Home, CommonOptions.Progress, CommonOptions.Output);
        command.SetAction(async (parsed, _) =>
        {
            using var interrupts = new Interrupts(surroundings.Terminal);
            await using var etl = await parsed.OpenExisting(surroundings, interrupts.Token);
            var run = await RunIds.Find(parsed.GetValue(Run)!, etl, interrupts.Token);
            if (await etl.View(run, interrupts.Token) is null) throw RunIds.Unknown(run.Value);
            return (int)await Drive.ToTheEnd(new Begun.Run(run), null, parsed, surroundings, etl, interrupts);
        });
        return command;
    }
}
