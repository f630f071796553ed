using System.CommandLine;
using System.Diagnostics;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Engine.Schedules;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl schedules list|show|pause|resume|trigger|delete</c></summary>
internal static class ScheduleCommands
{
    public static readonly Argument<string> Id = new("SCHEDULE") { Description = "The schedule's id: PIPELINE/ID, or its name" };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "However often a run is asked for with this key, it is one run", HelpName = "TEXT",
    };

    public static Command List(Surroundings surroundings) =>
        new Command("list", "List schedules, with what is due next and what became of the last firing").With(Looking.OfFile).Lists(
            surroundings, "schedules",
            (parsed, etl, cursor, limit, cancellation) => etl.Schedules.List(parsed.PrefixOfFile(), cursor, limit, cancellation),
            ScheduleJson.Schedule, ScheduleText.Table);

    public static Command Show(Surroundings surroundings) =>
        new Command("show", "Show a schedule: what is due next, and what became of the last firings") { Id }.Shows(
            surroundings, Find, ScheduleJson.Schedule, (terminal, schedule) =>
            {
                ScheduleText.Firings(schedule.Recent).Print(terminal);
                foreach (var line in ScheduleText.Lines(schedule)) terminal.Talk.WriteLine(line);
            }, (parsed, etl) => SayWhoDrives(parsed, surroundings, etl));

    public static Command Pause(Surroundings surroundings) => Telling(
        surroundings, "pause", "Start nothing more by this schedule until `etl schedules resume`; what runs goes on",
        (parsed, etl, id, cancellation) => etl.Schedules.Pause(id, cancellation),
        (_, id, _) => $"{id} is paused; what falls due now is not caught up");

    public static Command Resume(Surroundings surroundings) => Telling(
        surroundings, "resume", "Let a paused schedule go on",
        (_, etl, id, cancellation) => etl.Schedules.Resume(id, cancellation), (_, id, _) => $"{id} goes on");

    public static Command Delete(Surroundings surroundings) => Telling(
        surroundings, "delete", "Forget a schedule; its runs go on",
        (_, etl, id, cancellation) => etl.Schedules.Delete(id, cancellation), (_, id, _) => $"{id} is forgotten");

    public static Command Trigger(Surroundings surroundings)
    {
        var command = Telling(
            surroundings, "trigger", "Start a run of a schedule now, also of a paused one",
            (parsed, etl, id, cancellation) => etl.Schedules.Trigger(id, parsed.GetValue(Key), cancellation),
            (parsed, id, run) => run is { } started ? $"{started} of {id}; look at it with: etl runs show {started}{parsed.WhereFlag()}"
                : $"a run of {id} waits for an earlier one to end");
        command.With(Key);
        return command;
    }

    /// <exception cref="FaultException">There is none.</exception>
    public static async Task<ScheduleView> Find(ParseResult parsed, IEtl etl, CancellationToken cancellation) =>
        await etl.Schedules.View(parsed.GetValue(Id)!, cancellation) ?? throw Unknown(parsed.GetValue(Id)!);

    private static FaultException Unknown(string id) => new(new Fault(
        FaultKind.NotFound, ScheduleCodes.NoSchedule, $"There is no schedule {id}.", null, "List them with: etl schedules list"));

    /// <summary>Says, where it is so, that nobody is there who would start what is due.</summary>
    public static void SayWhoDrives(ParseResult parsed, Surroundings surroundings, IEtl etl)
    {
        if (etl is IHome { IsDriven: false })
            surroundings.Terminal.Talk.WriteLine($"nobody drives this home, so nothing starts; it does while this runs: etl dev{parsed.WhereFlag()}");
    }

    private static Command Telling(
        Surroundings surroundings, string name, string description, Func<ParseResult, IEtl, string, CancellationToken, Task<ScheduleAnswer>> tell,
        Func<ParseResult, string, RunId?, string> done)
    {
        var command = new Command(name, description) { Id };
        command.With(CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var id = parsed.GetValue(Id)!;
            return (int)Said(await tell(parsed, etl, id, cancellation), parsed, surroundings, etl, run => done(parsed, id, run));
        });
        return command;
    }

    /// <summary>Prints the answer.</summary>
    public static ExitCode Said(
        ScheduleAnswer answer, ParseResult parsed, Surroundings surroundings, IEtl etl, Func<RunId?, string> done)
    {
        var terminal = surroundings.Terminal;
        switch (answer)
        {
            case ScheduleAnswer.Done { Run: var run }:
                if (parsed.IsJson()) JsonText.Print(terminal.Data, json => ScheduleJson.Done(json, run));
                terminal.Talk.WriteLine(done(run));
                SayWhoDrives(parsed, surroundings, etl);
                return ExitCode.Succeeded;
            case ScheduleAnswer.Refused refused:
                if (parsed.IsJson()) JsonText.Print(terminal.Data, json => JsonText.Faults(json, refused.Faults));
                return FaultText.PrintAll(terminal, refused.Faults);
            default: throw new UnreachableException();
        }
    }
}
