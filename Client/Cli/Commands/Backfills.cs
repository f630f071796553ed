using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl schedules backfill</c> and <c>etl schedules backfills</c></summary>
internal static class Backfills
{
    private static readonly Option<string> From = Moment("--from", "Runs for what was due after this moment");
    private static readonly Option<string> To = Moment("--to", "… and up to this one");
    private static readonly Option<string[]> Partitions = new("--partitions")
    {
        Description = "A run for each of them, {{ run.partition }}", HelpName = "A,B,…", AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<int> Concurrency = new Option<int>("--concurrency")
    {
        Description = "So many runs at once", HelpName = "N", DefaultValueFactory = _ => 1,
    }.Between(1, ScheduleBounds.Default.ConcurrencyMax);
    private static readonly Option<string?> Only = new("--only")
    {
        Description = "Only intervals without a run that succeeded, or whose last one was on another version of the pipeline",
        HelpName = "missing|stale",
    };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only show what would run" };
    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The backfill's id: the same one twice is one backfill [default: made of the time]", HelpName = "TEXT",
    };
    private static readonly Argument<string> Backfill = new("BACKFILL") { Description = "The backfill's id" };

    public static Command Begin(Surroundings surroundings)
    {
        Only.AcceptOnlyFromAmong("missing", "stale");
        var command = new Command("backfill", "Run a schedule again for a time that has passed, interval by interval") { ScheduleCommands.Id };
        command.With(From, To, Partitions, Concurrency, Only, DryRun, Id, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var schedule = await ScheduleCommands.Find(parsed, etl, cancellation);
            var (faults, terminal) = (new List<Fault>(), surroundings.Terminal);
            var request = Request(parsed, surroundings, Zone.Find(schedule.Spec.Zone).Value, faults);
            if (faults.Count > 0)
            {
                FaultText.PrintAll(terminal, faults);
                return (int)ExitCode.Usage;
            }
            if (!parsed.GetValue(DryRun))
                return (int)ScheduleCommands.Said(
                    InOptions(await etl.Schedules.Backfill(schedule.Id, request, cancellation)), parsed, surroundings, etl,
                    _ => $"backfill {request.Id} began; look at it with: etl schedules backfills {schedule.Id}{parsed.WhereFlag()}").OfArguments();
            var preview = await etl.Schedules.PreviewBackfill(schedule.Id, request, cancellation);
            if (!preview.Faults.IsEmpty) return (int)FaultText.PrintAll(terminal, [.. preview.Faults.Select(InOptions)]).OfArguments();
            if (parsed.IsJson()) JsonText.Print(terminal.Data, json => ScheduleJson.Preview(json, preview.Runs));
            else ScheduleText.Preview(preview.Runs).Print(terminal);
            terminal.Talk.WriteLine($"{Words.Plural(preview.Runs.Length, "run")} would start; nothing has");
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    public static Command List(Surroundings surroundings)
    {
        var command = new Command("backfills", "Show the backfills of a schedule") { ScheduleCommands.Id };
        command.With(CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var schedule = await ScheduleCommands.Find(parsed, etl, cancellation);
            if (parsed.IsJson()) JsonText.Print(surroundings.Terminal.Data, json => ScheduleJson.Backfills(json, schedule.Backfills));
            else ScheduleText.Backfills(schedule.Backfills).Print(surroundings.Terminal);
            return (int)ExitCode.Succeeded;
        });
        var cancel = new Command("cancel", "Start no more runs of a backfill, and cancel those that run") { ScheduleCommands.Id, Backfill };
        cancel.With(CommonOptions.Home, CommonOptions.Output);
        cancel.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var (id, backfill) = (parsed.GetValue(ScheduleCommands.Id)!, parsed.GetValue(Backfill)!);
            return (int)ScheduleCommands.Said(
                await etl.Schedules.CancelBackfill(id, backfill, cancellation), parsed, surroundings, etl, _ => $"backfill {backfill} of {id} is cancelled");
        });
        command.Subcommands.Add(cancel);
        return command;
    }

    private static BackfillRequest Request(ParseResult parsed, Surroundings surroundings, Zone? zone, List<Fault> faults)
    {
        var from = Instant(parsed, From, zone, faults);
        var to = Instant(parsed, To, zone, faults);
        ImmutableArray<string> partitions =
        [
            .. (parsed.GetValue(Partitions) ?? [])
                .SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
        ];
        var only = parsed.GetValue(Only) is { } word && EnumWords.TryParse<BackfillOnly>(word, out var chosen) ? chosen : BackfillOnly.All;
        var id = parsed.GetValue(Id) ?? surroundings.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        return new BackfillRequest(id, from, to, partitions, parsed.GetValue(Concurrency), only);
    }

    private static ScheduleAnswer InOptions(ScheduleAnswer answer) =>
        answer is ScheduleAnswer.Refused refused ? new ScheduleAnswer.Refused([.. refused.Faults.Select(InOptions)]) : answer;

    /// <summary>Fields of a backfill by the names of the options that set them.</summary>
    private static Fault InOptions(Fault fault) => fault.Path is { } field ? fault with { Path = $"--{field}" } : fault;

    private static DateTimeOffset Instant(ParseResult parsed, Option<string> option, Zone? zone, List<Fault> faults)
    {
        var text = parsed.GetValue(option)!;
        if (!Moments.TryInstant(text, zone, out var instant))
            faults.Add(ScheduleTimes.Wrong(option.Name, text, "a date, or a moment in the schedule's zone unless it says otherwise"));
        return instant;
    }

    private static Option<string> Moment(string name, string description) => new(name) { Description = description, HelpName = "MOMENT", Required = true };
}
