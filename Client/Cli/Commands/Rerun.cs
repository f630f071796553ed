using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl rerun RUN</c></summary>
internal static class Rerun
{
    private static readonly Argument<string> Run = RunIds.Argument("The ended run to repeat");
    private static readonly Option<string?> From = new("--from")
    {
        Description = "Run again from this step on, whatever became of it [default: what did not succeed]", HelpName = "STEP",
    };

    private static readonly Option<string?> Step = new("--step")
    {
        Description = "With --items: the step of which only some items run again", HelpName = "STEP",
    };
    private static readonly Option<string[]> Items = new("--items")
    {
        Description = "Which items run again: failed (all that did not succeed), or their keys", HelpName = "failed|KEY", AllowMultipleArgumentsPerToken = true,
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command(
            "rerun", "Run an ended run again, using its finished steps' results; steps that read a parameter which -p changes run again too") { Run };
        command.With(From, Step, Items, CommonOptions.Param, Drive.CancelWithMe, CommonOptions.Home, CommonOptions.Allow, CommonOptions.AllowProgram,
            CommonOptions.Progress, CommonOptions.Output);
        command.SetAction(async (parsed, _) => (int)await Again(parsed, surroundings));
        return command;
    }

    private static async Task<ExitCode> Again(ParseResult parsed, Surroundings surroundings)
    {
        using var interrupts = new Interrupts(surroundings.Terminal);
        await using var etl = await parsed.OpenExisting(surroundings, interrupts.Token);
        var run = await RunIds.Find(parsed.GetValue(Run)!, etl, interrupts.Token);
        var given = parsed.GetValue(CommonOptions.Param) ?? [];
        var spec = await etl.Definition(run, interrupts.Token) ?? throw RunIds.Unknown(run.Value);
        if (ParamValues.ReadGiven(spec, given, surroundings.Terminal) is not { } changed) return ExitCode.Usage;
        var from = parsed.GetValue(From) is { } step ? new StepId(step) : (StepId?)null;
        var begun = await etl.Rerun(new RerunRequest(run, from, changed, ItemsOf(parsed)), interrupts.Token);
        return await Drive.ToTheEnd(begun, null, parsed, surroundings, etl, interrupts);
    }

    private static RerunItems? ItemsOf(ParseResult parsed)
    {
        var (step, items) = (parsed.GetValue(Step), parsed.GetValue(Items) ?? []);
        if (step is null && items is []) return null;
        if (step is null || items is []) throw new FaultException(new Fault(FaultKind.Invalid, CliCodes.WrongUse, "--step and --items go together"));
        return new RerunItems(new StepId(step), items is ["failed"] ? [] : [.. items]);
    }
}
