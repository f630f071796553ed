using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Client;
using OrleansEtl.Definitions;
using OrleansEtl.Silo.Embedded;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl run FILE</c>, <c>etl run NAME</c></summary>
internal static class RunPipeline
{
    private static readonly Argument<string> File = new("FILE|NAME")
    {
        Description = "The pipeline's YAML file; where there is no such file, the name of a registered pipeline",
    };
    private static readonly Option<int?> Version = new("--version")
    {
        Description = "This version of the registered pipeline [default: the active one]", HelpName = "N",
    };
    private static readonly Option<bool> TakeUp = new("--resume")
    {
        Description = "Go on with the newest unfinished run of this pipeline; start one if there is none",
    };
    private static readonly Option<string?> Timeout =
        CommonOptions.Duration("--timeout", "Fail the run when it takes longer, for example 30s, 5m, 2h");

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "However often a run is started with this key, it is one run", HelpName = "TEXT",
    };

    private static readonly Option<int> Priority = new Option<int>("--priority")
    {
        Description = "From -100 to 100: where steps wait for slots, those of higher runs go first", HelpName = "N",
    }.Between(-RunCommand.Start.PriorityMax, RunCommand.Start.PriorityMax);

    private static readonly Option<bool> NoReuse = new("--no-reuse")
    {
        Description = "Run every step, whatever other runs gave for the same work",
    };

    private static readonly Option<string[]> Refreshed = new("--refresh")
    {
        Description = "Run this step, whatever other runs gave for the same work; may be repeated", HelpName = "STEP",
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("run", "Run a pipeline to its end") { File };
        command.With(
            CommonOptions.Param, NamedEnvironments.Option, Version, TakeUp, Timeout, Key, Priority, NoReuse, Refreshed,
            StartRuleOptions.RunKey, StartRuleOptions.OnConflict, StartRuleOptions.OnEnded, Interval.Start, Interval.End, Interval.Partition,
            Drive.Detach, Drive.CancelWithMe, CommonOptions.Home, CommonOptions.Allow, CommonOptions.AllowProgram, CommonOptions.Progress,
            CommonOptions.Output);
        command.SetAction(async (parsed, _) => (int)await Run(parsed, surroundings));
        return command;
    }

    private static async Task<ExitCode> Run(ParseResult parsed, Surroundings surroundings)
    {
        if (!parsed.IsCluster()) _ = Task.Run(WarmUp.Journal);
        using var interrupts = new Interrupts(surroundings.Terminal);
        var source = await RunSource.Find(parsed, surroundings, parsed.GetValue(File)!, parsed.GetValue(Version), interrupts.Token);
        if (source.File is { } file) surroundings.Terminal.Talk.Write(DiagnosticText.Render(file.Diagnostics, file.Text));
        if (source.Spec is not { } spec)
        {
            if (parsed.IsJson()) JsonText.Print(surroundings.Terminal.Data, json => JsonText.Validation(json, [source.File!]));
            return Validate.CodeOf(source.File!);
        }
        if (source.Version is not null) surroundings.Terminal.Talk.WriteLine($"{source.Words}, as registered");

        var given = ParamValues.Read(spec, parsed.GetValue(CommonOptions.Param) ?? [], surroundings.Terminal);
        if (given is not { } fields) return ExitCode.Usage;
        if (Interval.Faults(parsed) is { Count: > 0 } wrong)
        {
            FaultText.PrintAll(surroundings.Terminal, wrong);
            return ExitCode.Usage;
        }
        await using var etl = await parsed.Open(surroundings, interrupts.Token);
        var unfinished = parsed.GetValue(TakeUp) ? await NewestUnfinished(etl, spec.Name, interrupts.Token) : null;
        if (unfinished is { } run)
        {
            return await TakeUpAgain(parsed, surroundings, etl, run, source, fields, interrupts);
        }
        if (parsed.GetValue(TakeUp))
        {
            surroundings.Terminal.Talk.WriteLine($"no run of {spec.Name} is unfinished here: starting a new one");
        }
        var begun = await etl.Start(
            new StartRequest(
                spec, fields, source.Folder(parsed.IsCluster()), parsed.Duration(Timeout), parsed.GetValue(Key), parsed.GetValue(Priority),
                source.Version?.Number, Interval.Of(parsed), RefreshOf(parsed), parsed.GetValue(StartRuleOptions.RunKey),
                StartWords.OnConflict(parsed.GetValue(StartRuleOptions.OnConflict)),
                StartWords.OnEnded(parsed.GetValue(StartRuleOptions.OnEnded)) ?? OnEnded.Allow)
            {
                IsDetached = parsed.GetValue(Drive.Detach),
            },
            interrupts.Token);
        return parsed.GetValue(Drive.Detach)
            ? await Drive.Leave(begun, source.File, parsed, surroundings, etl, interrupts.Token)
            : await Drive.ToTheEnd(begun, source.File, parsed, surroundings, etl, interrupts);
    }

    private static Refresh? RefreshOf(ParseResult parsed)
    {
        StepId[] steps = [.. (parsed.GetValue(Refreshed) ?? []).Select(step => new StepId(step))];
        return parsed.GetValue(NoReuse) || steps.Length > 0 ? new Refresh(parsed.GetValue(NoReuse), [.. steps]) : null;
    }

    private static async Task<RunId?> NewestUnfinished(IEtl etl, string pipeline, CancellationToken cancellation)
    {
        var found = await etl.Runs(new RunFilter(pipeline, UnfinishedOnly: true, Limit: 1), cancellation);
        return found.Items is [var newest, ..] ? newest.Id : null;
    }

    /// <summary>A run stays on the definition and the parameters that it started with; asking for others is refused.</summary>
    private static async Task<ExitCode> TakeUpAgain(
        ParseResult parsed, Surroundings surroundings, IEtl etl, RunId run, RunSource source, ImmutableArray<Field> fields,
        Interrupts interrupts)
    {
        var stored = await etl.Definition(run, interrupts.Token);
        if (stored is not null && stored.Version() != source.Spec!.Version())
        {
            FaultText.Print(surroundings.Terminal, new Fault(
                FaultKind.Conflict, CliCodes.OtherDefinition, $"{source.Words} is not the definition that {run} started with",
                Hint: $"go on with the stored one: etl resume {run}{parsed.WhereFlag()}; or drop that run and start anew: "
                    + $"etl cancel {run}{parsed.WhereFlag()}"));
            foreach (var line in SpecDiff.Between(stored, source.Spec!)) surroundings.Terminal.Talk.WriteLine($"   {line}");
            return ExitCode.Conflict;
        }
        if (parsed.GetResult(CommonOptions.Param) is not null
            && await etl.View(run, interrupts.Token) is { } view && ParamValues.Differ(view.Params, fields) is { } difference)
        {
            FaultText.Print(surroundings.Terminal, new Fault(
                FaultKind.Conflict, CliCodes.OtherParams, $"{run} started with other parameters: {difference}",
                Hint: "leave -p away to go on with it, or leave --resume away to start a new run"));
            return ExitCode.Conflict;
        }
        return await Drive.ToTheEnd(await etl.Resume(run, interrupts.Token), null, parsed, surroundings, etl, interrupts);
    }
}
