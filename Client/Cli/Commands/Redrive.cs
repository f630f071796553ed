using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl runs redrive RUN</c>, or <c>etl runs redrive --status failed</c> for many. In a home this process drives what it has
/// redriven, many one after another; on a cluster they go on by themselves.</summary>
internal static class Redrive
{
    private static readonly Argument<string?> Run = new("RUN")
    {
        Description = "The run: its id, or 'last'; instead of --status", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<RunStatus?> Status = new("--status")
    {
        Description = "All runs of this status, newest first: failed, cancelled or quarantined", HelpName = "STATUS",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only list what would be redriven, unless it was before" };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command(
            "redrive", "Try again what was given up: a quarantined run goes on, a failed or cancelled one is run again, once")
        {
            Run,
        };
        command.With(Status, Runs.Pipeline, CommonOptions.Since, CommonOptions.Limit, DryRun, Drive.CancelWithMe, CommonOptions.Home,
            CommonOptions.Allow, CommonOptions.AllowProgram, CommonOptions.Progress, CommonOptions.Output);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(Run) is null) == (result.GetValue(Status) is null)) result.AddError("Name a run, or several with --status");
        });
        command.SetAction(async (parsed, _) => (int)(parsed.GetValue(Run) is { } run
            ? await One(run, parsed, surroundings)
            : await Many(parsed, surroundings)));
        return command;
    }

    private static async Task<ExitCode> One(string run, ParseResult parsed, Surroundings surroundings)
    {
        using var interrupts = new Interrupts(surroundings.Terminal);
        await using var etl = await parsed.OpenExisting(surroundings, interrupts.Token);
        var id = await RunIds.Find(run, etl, interrupts.Token);
        var begun = await etl.Redrive(id, Telling.Me, interrupts.Token);
        return await Drive.ToTheEnd(begun, null, parsed, surroundings, etl, interrupts);
    }

    private static async Task<ExitCode> Many(ParseResult parsed, Surroundings surroundings)
    {
        using var interrupts = new Interrupts(surroundings.Terminal);
        await using var etl = await parsed.OpenExisting(surroundings, interrupts.Token);
        var filter = new RedriveFilter(
            parsed.GetValue(Status)!.Value, parsed.GetValue(Runs.Pipeline), parsed.SinceWhen(surroundings), parsed.GetValue(CommonOptions.Limit));
        if (parsed.GetValue(DryRun)) return await Tell(filter, parsed, surroundings, etl, interrupts.Token);
        var done = new List<(Redriven, RunStatus?)>();
        await foreach (var one in etl.RedriveAll(filter, Telling.Me, interrupts.Token))
            if (one.Begun is not Begun.Run { IsExisting: true }) done.Add((one, await StatusOf(one.Begun, parsed, etl, interrupts.Token)));
        return Print([.. done], parsed, surroundings);
    }

    private static async Task<ExitCode> Tell(
        RedriveFilter filter, ParseResult parsed, Surroundings surroundings, IEtl etl, CancellationToken cancellation)
    {
        var found = ImmutableArray.CreateBuilder<RunSummary>();
        await foreach (var run in etl.Redrivable(filter, cancellation))
        {
            found.Add(run);
            if (found.Count == filter.Limit) break;
        }
        var (terminal, now, runs) = (surroundings.Terminal, surroundings.Clock.GetUtcNow(), new Listing<RunSummary>(found.ToImmutable(), null));
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => JsonText.List(json, "runs", runs, (j, run) => JsonText.Summary(j, run, now)));
        else Runs.Table(terminal, runs, now).Print(terminal);
        return ExitCode.Succeeded;
    }

    /// <summary>In a home: how it has ended. On a cluster: that it runs. Null: it was refused.</summary>
    private static async Task<RunStatus?> StatusOf(Begun begun, ParseResult parsed, IEtl etl, CancellationToken cancellation)
    {
        if (begun is not Begun.Run { Id: var run }) return null;
        var status = RunStatus.Running;
        if (parsed.IsCluster()) return status;
        await foreach (var view in etl.Watch(run, cancellation)) status = view.Status;
        return status;
    }

    private static ExitCode Print(
        ImmutableArray<(Redriven Redriven, RunStatus? Status)> done, ParseResult parsed, Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => Json(json, done));
        else
        {
            var table = new Table("RUN", "PIPELINE", "REDRIVEN AS", "STATUS");
            foreach (var (redriven, status) in done)
                table.Row(redriven.Run.Id.Value, redriven.Run.Pipeline, (redriven.Begun as Begun.Run)?.Id.Value,
                    status is { } known ? Cell.Of(StatusSign.Of(known)) : "refused");
            table.Print(terminal);
        }
        foreach (var (redriven, _) in done)
            if (redriven.Begun is Begun.Refused refused) FaultText.PrintAll(terminal, refused.Faults);
        return done.All(one => one.Status is RunStatus.Succeeded or RunStatus.Running) ? ExitCode.Succeeded : ExitCode.RunFailed;
    }

    private static void Json(Utf8JsonWriter json, ImmutableArray<(Redriven Redriven, RunStatus? Status)> done)
    {
        json.WriteStartObject();
        json.WriteStartArray("redriven");
        foreach (var (redriven, status) in done)
        {
            json.WriteStartObject();
            json.WriteString("run_id", redriven.Run.Id.Value);
            json.WriteString("pipeline", redriven.Run.Pipeline);
            json.WriteString("redriven_as", (redriven.Begun as Begun.Run)?.Id.Value);
            json.WriteString("status", status?.Word() ?? "refused");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
