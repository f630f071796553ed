using System.CommandLine;
using System.Diagnostics;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl pipelines list|show|versions|diff|rollback|retire</c></summary>
internal static class Pipelines
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The pipeline" };
    private static readonly Argument<int> Number = new("VERSION") { Description = "The number of a version" };
    private static readonly Argument<int> Other = new("OTHER") { Description = "The number of another version" };
    private static readonly Option<int?> Version = new("--version")
    {
        Description = "This version [default: the active one]", HelpName = "N",
    };
    private static readonly Option<string?> Message = new("--message", "-m")
    {
        Description = "Kept with the pipeline, beside your user name", HelpName = "TEXT",
    };

    public static Command Make(Surroundings surroundings) => new("pipelines", "List, show, compare, roll back and retire registered pipelines")
    {
        List(surroundings), Show(surroundings), Versions(surroundings), Diff(surroundings), RollBack(surroundings), Retire(surroundings),
    };

    private static Command List(Surroundings surroundings) => new Command("list", "List registered pipelines, by name").Lists(
        surroundings, "pipelines", (_, etl, cursor, limit, cancellation) => etl.Pipelines(cursor, limit, cancellation),
        PipelinesText.Summary, PipelinesText.Table);

    private static Command Show(Surroundings surroundings)
    {
        var command = new Command("show", "Print a version of a pipeline as YAML, and on stderr who changed what") { Name };
        command.With(Version, CommonOptions.Home, CommonOptions.Output);
        return command.Asks(surroundings, async (parsed, etl, cancellation) =>
        {
            var name = parsed.GetValue(Name)!;
            // Of a retired pipeline without an active version the refusal says how to bring one back.
            var view = await etl.Pipeline(name, cancellation);
            var isRetired = view is { Version: null } && parsed.GetValue(Version) is null;
            var version = await etl.PipelineVersion(name, isRetired ? view!.Changes[0].Number : parsed.GetValue(Version), cancellation);
            if (parsed.IsJson()) JsonText.Print(surroundings.Terminal.Data, json => PipelinesText.View(json, view!, version));
            else PipelinesText.Print(surroundings.Terminal, view!, version);
        });
    }

    private static Command Versions(Surroundings surroundings) =>
        new Command("versions", "List the versions of a pipeline that are kept, newest first") { Name }.Lists(
            surroundings, "versions",
            (parsed, etl, cursor, limit, cancellation) => etl.PipelineVersions(parsed.GetValue(Name)!, cursor, limit, cancellation),
            PipelinesText.Version, PipelinesText.Table);

    private static Command Diff(Surroundings surroundings)
    {
        var command = new Command("diff", "Show what differs between two versions of a pipeline") { Name, Number, Other };
        command.With(CommonOptions.Home, CommonOptions.Output);
        return command.Asks(surroundings, async (parsed, etl, cancellation) =>
        {
            var (name, terminal) = (parsed.GetValue(Name)!, surroundings.Terminal);
            var before = await etl.PipelineVersion(name, parsed.GetValue(Number), cancellation);
            var after = await etl.PipelineVersion(name, parsed.GetValue(Other), cancellation);
            var lines = RegistryPlan.Diff(before, after.Spec, after.Folder);
            if (parsed.IsJson()) JsonText.Print(terminal.Data, json => PipelinesText.Diff(json, before, after, lines));
            else if (lines.IsEmpty) terminal.Talk.WriteLine($"versions {before.Number} and {after.Number} of {name} are the same");
            else foreach (var line in lines) terminal.Data.WriteLine(terminal.Paint(Words.OnOneLine(line), RegistryText.InkOf(line)));
        });
    }

    private static Command RollBack(Surroundings surroundings)
    {
        var command = new Command("rollback", "Make an earlier version the active one; runs that go on stay on theirs") { Name, Number };
        command.With(Message, CommonOptions.Home);
        return command.Telling(
            surroundings,
            (parsed, etl, cancellation) => etl.RollBack(
                parsed.GetValue(Name)!, parsed.GetValue(Number), Commands.Telling.Me, parsed.GetValue(Message), cancellation),
            (parsed, done) => $"version {done.Active} of {parsed.GetValue(Name)} is {(done.HasChanged ? "active now" : "active already")}");
    }

    private static Command Retire(Surroundings surroundings)
    {
        var command = new Command("retire", "Start no more runs by the pipeline's name; its versions and its runs stay") { Name };
        command.With(Message, CommonOptions.Home);
        return command.Telling(
            surroundings,
            (parsed, etl, cancellation) => etl.Retire(parsed.GetValue(Name)!, Commands.Telling.Me, parsed.GetValue(Message), cancellation),
            (parsed, done) => $"{parsed.GetValue(Name)} is {(done.HasChanged ? "retired" : "retired already")}; "
                + $"bring a version back with: etl pipelines rollback {parsed.GetValue(Name)} VERSION{parsed.WhereFlag()}");
    }

    private static Command Telling(
        this Command command, Surroundings surroundings, Func<ParseResult, IEtl, CancellationToken, Task<DefinitionAnswer>> tell,
        Func<ParseResult, DefinitionAnswer.Done, string> words)
    {
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            switch (await tell(parsed, etl, cancellation))
            {
                case DefinitionAnswer.Done done:
                    surroundings.Terminal.Talk.WriteLine(words(parsed, done));
                    return (int)ExitCode.Succeeded;
                case DefinitionAnswer.Refused refused: return (int)FaultText.PrintAll(surroundings.Terminal, refused.Faults);
                default: throw new UnreachableException();
            }
        });
        return command;
    }
}
