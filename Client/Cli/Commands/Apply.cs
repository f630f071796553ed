using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Client;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl plan PATH…</c> and <c>etl apply PATH…</c>: files into the registry of pipelines.</summary>
internal static class Apply
{
    private static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Pipeline files, and folders whose every .yaml is one", Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<bool> Prune = new("--prune")
    {
        Description = "Retire every registered pipeline that the folders do not have",
    };
    private static readonly Option<string?> Message = new("--message", "-m")
    {
        Description = "Kept with each version, beside your user name", HelpName = "TEXT",
    };
    private static readonly Option<string?> Folder = new("--folder")
    {
        Description = "On a cluster: the folder within files/ where relative paths start [default: files/ itself]", HelpName = "DIR",
    };
    private static readonly Option<bool> Detailed = new("--detailed-exitcode")
    {
        Description = "End with 20 when something would change, and with 0 when nothing would",
    };

    public static Command Plan(Surroundings surroundings)
    {
        var command = new Command("plan", "Show what `etl apply` would register, change and retire, and change nothing") { Paths };
        command.With(NamedEnvironments.Option, Prune, Folder, Detailed, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) => (int)await Plan(parsed, surroundings, cancellation));
        return command;
    }

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("apply", "Register pipelines: each changed file becomes a new version of the pipeline that it names") { Paths };
        command.With(NamedEnvironments.Option, Prune, Message, Folder, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) => (int)await All(parsed, surroundings, cancellation));
        return command;
    }

    private static async Task<ExitCode> Plan(ParseResult parsed, Surroundings surroundings, CancellationToken cancellation)
    {
        if (Read(parsed, surroundings, out var files) is { } wrong) return wrong;
        var isThere = parsed.IsCluster() || Directory.Exists(parsed.HomeFolder());
        await using var etl = isThere ? await parsed.Open(surroundings, cancellation) : null;
        if (await NotThere(etl, files, surroundings, cancellation) is { } unknown) return unknown;
        var changes = await RegistryPlan.Make(etl, files, file => FolderOf(parsed, file), parsed.GetValue(Prune), cancellation);
        var terminal = surroundings.Terminal;
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => RegistryText.List(json, "changes", changes, RegistryText.Change));
        else
        {
            RegistryText.PrintPlan(terminal, changes);
            terminal.Talk.WriteLine(RegistryText.Sum(changes));
            FaultText.PrintAll(terminal, Refusals(changes));
        }
        return parsed.GetValue(Detailed) && changes.Any(change => change.Kind != ChangeKind.Unchanged)
            ? ExitCode.WouldChange : ExitCode.Succeeded;
    }

    private static async Task<ExitCode> All(ParseResult parsed, Surroundings surroundings, CancellationToken cancellation)
    {
        if (Read(parsed, surroundings, out var files) is { } wrong) return wrong;
        await using var etl = await parsed.Open(surroundings, cancellation);
        if (await NotThere(etl, files, surroundings, cancellation) is { } unknown) return unknown;
        var changes = await RegistryPlan.Make(etl, files, file => FolderOf(parsed, file), parsed.GetValue(Prune), cancellation);
        var terminal = surroundings.Terminal;
        if (Refusals(changes) is [_, ..] refusals)
        {
            if (parsed.IsJson()) JsonText.Print(terminal.Data, RegistryText.Invalid([], refusals));
            return FaultText.PrintAll(terminal, refusals);
        }
        var applied = await RegistryApply.All(etl, changes, Telling.Me, parsed.GetValue(Message), cancellation);
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => RegistryText.List(json, "changes", applied, RegistryText.Applied));
        else
        {
            RegistryText.PrintApplied(terminal, applied);
            terminal.Talk.WriteLine(RegistryText.Sum(applied));
        }
        return applied.FirstOrDefault(one => one.Outcome == ApplyOutcome.Failed) is { Faults: [var first, ..] }
            ? ExitCodes.Of(first) : ExitCode.Succeeded;
    }

    /// <summary>All files, when every one of them is valid; else everything that is wrong with them was printed.</summary>
    /// <returns>Null: they are valid.</returns>
    private static ExitCode? Read(ParseResult parsed, Surroundings surroundings, out ImmutableArray<CheckedPipeline> files)
    {
        var terminal = surroundings.Terminal;
        var paths = parsed.GetValue(Paths)!;
        if (parsed.GetValue(Prune) && paths.FirstOrDefault(path => !Directory.Exists(path)) is { } single)
        {
            files = [];
            return FaultText.PrintAll(terminal, [new Fault(
                FaultKind.Invalid, CliCodes.WrongUse, $"--prune is given, and `{single}` is not a folder.", null,
                "Name the folder that holds all pipelines: what it does not have is retired.")]);
        }
        var found = PipelineFolder.Pipelines(paths, FolderBounds.Default);
        var environments = new NamedEnvironments(surroundings);
        files = [.. found.Files.Select(path => environments.Check(path, parsed.GetValue(NamedEnvironments.Option)))];
        ImmutableArray<Fault> faults = [.. found.Faults, .. Doubles(files), .. found is { Files: [], Faults: [] } ? [Empty(paths)] : Array.Empty<Fault>()];
        foreach (var file in files) terminal.Talk.Write(DiagnosticText.Render(file.Diagnostics, file.Text));
        var code = FaultText.PrintAll(terminal, faults);
        if (parsed.IsJson() && (faults.Length > 0 || files.Any(file => file.HasErrors)))
            JsonText.Print(terminal.Data, RegistryText.Invalid(files, faults));
        return files.Any(file => file.HasErrors) ? ExitCode.InvalidFile : faults.Length > 0 ? code : null;
    }

    private static ImmutableArray<Fault> Refusals(ImmutableArray<PlannedChange> changes) =>
        [.. changes.Select(change => change.Refusal).OfType<Fault>()];

    /// <summary>What files name and others have to have: channels are known where messages are sent from, datasets by their pipelines.</summary>
    /// <param name="etl">Null: there is nothing yet.</param>
    /// <returns>Null: all are there.</returns>
    private static async Task<ExitCode?> NotThere(
        IEtl? etl, ImmutableArray<CheckedPipeline> files, Surroundings surroundings, CancellationToken cancellation)
    {
        ExitCode? code = null;
        if (etl is not null)
            foreach (var file in files)
                foreach (var fault in await etl.Alerts.Check(file.Spec!.Alerts ?? [], cancellation)) Print(file, fault);
        foreach (var (file, fault) in await WantedDatasets.Missing(etl, files, surroundings.Kinds.Specs, cancellation)) Print(file, fault);
        return code;

        void Print(CheckedPipeline file, Fault fault)
        {
            FaultText.Print(surroundings.Terminal, fault, at: RunText.Place(file, fault));
            code ??= ExitCodes.Of(fault);
        }
    }

    /// <summary>A name belongs to one file.</summary>
    private static IEnumerable<Fault> Doubles(ImmutableArray<CheckedPipeline> files) => files
        .Where(file => file.Spec is not null).GroupBy(file => file.Spec!.Name).Where(group => group.Count() > 1)
        .Select(group => new Fault(
            FaultKind.Invalid, "ETL6113", $"Several files define the pipeline `{group.Key}`: {string.Join(", ", group.Select(file => file.File))}.",
            null, "Give each pipeline a name of its own."));

    private static Fault Empty(string[] paths) => new(
        FaultKind.NotFound, "ETL6114", $"There is no pipeline file in {string.Join(", ", paths)}.", null, "Pipeline files end in .yaml or .yml.");

    /// <summary>A cluster does not see the folders of this machine.</summary>
    private static string FolderOf(ParseResult parsed, CheckedPipeline file) =>
        parsed.IsCluster() ? parsed.GetValue(Folder) ?? "" : Path.GetDirectoryName(Path.GetFullPath(file.File))!;
}
