using System.CommandLine;
using System.Diagnostics;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl triggers list|show|history|pause|resume</c></summary>
internal static class Triggers
{
    private static readonly Argument<string> Id = new("TRIGGER") { Description = "The trigger's id: PIPELINE/ID" };

    public static Command Make(Surroundings surroundings) =>
        new("triggers", "Run pipelines because something has happened: what looks at what, and what became of it")
        {
            List(surroundings),
            Show(surroundings),
            History(surroundings),
            Telling(surroundings, "pause", "Start nothing more by this trigger until `etl triggers resume`; what runs goes on",
                (etl, id, cancellation) => etl.Triggers.Pause(id, cancellation), id => $"{id} is paused"),
            Telling(surroundings, "resume", "Let a paused trigger go on; files that have come meanwhile start runs, ends of other runs do not",
                (etl, id, cancellation) => etl.Triggers.Resume(id, cancellation), id => $"{id} goes on"),
        };

    private static Command List(Surroundings surroundings) =>
        new Command("list", "List triggers, with why they start nothing just now").With(Looking.OfFile).Lists(
            surroundings, "triggers",
            (parsed, etl, cursor, limit, cancellation) => etl.Triggers.List(parsed.PrefixOfFile(), cursor, limit, cancellation),
            TriggerJson.Trigger, TriggerText.Table);

    private static Command Show(Surroundings surroundings) =>
        new Command("show", "Show a trigger: what it looks at, when it looks, and why it starts nothing") { Id }.Shows(
            surroundings, Find, TriggerJson.Trigger, (terminal, trigger) =>
            {
                foreach (var line in TriggerText.Lines(trigger)) terminal.Data.WriteLine(line);
            }, (parsed, etl) => ScheduleCommands.SayWhoDrives(parsed, surroundings, etl));

    private static Command History(Surroundings surroundings) =>
        new Command("history", $"Show what became of the last {Trigger.RecentMax} things that happened") { Id }.Shows(
            surroundings, Find, TriggerJson.History, (terminal, trigger) => TriggerText.Starts(trigger.Recent).Print(terminal),
            (parsed, etl) => ScheduleCommands.SayWhoDrives(parsed, surroundings, etl));

    private static async Task<TriggerView> Find(ParseResult parsed, IEtl etl, CancellationToken cancellation) =>
        await etl.Triggers.View(parsed.GetValue(Id)!, cancellation) ?? throw Unknown(parsed.GetValue(Id)!);

    private static Command Telling(
        Surroundings surroundings, string name, string description, Func<IEtl, string, CancellationToken, Task<TriggerAnswer>> tell,
        Func<string, string> done)
    {
        var command = new Command(name, description) { Id };
        command.With(CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var (id, terminal) = (parsed.GetValue(Id)!, surroundings.Terminal);
            switch (await tell(etl, id, cancellation))
            {
                case TriggerAnswer.Done:
                    terminal.Talk.WriteLine(done(id));
                    ScheduleCommands.SayWhoDrives(parsed, surroundings, etl);
                    return (int)ExitCode.Succeeded;
                case TriggerAnswer.Refused refused:
                    if (parsed.IsJson()) JsonText.Print(terminal.Data, json => JsonText.Faults(json, refused.Faults));
                    return (int)FaultText.PrintAll(terminal, refused.Faults);
                default: throw new UnreachableException();
            }
        });
        return command;
    }

    private static FaultException Unknown(string id) => new(new Fault(
        FaultKind.NotFound, TriggerCodes.NoTrigger, $"There is no trigger {id}.", null, "List them with: etl triggers list"));
}
