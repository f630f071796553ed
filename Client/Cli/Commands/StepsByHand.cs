using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl runs skip RUN STEP</c> and <c>etl runs succeed RUN STEP</c>.</summary>
internal static class StepsByHand
{
    private static readonly Option<string> Reason = new("--reason")
    {
        Description = "Why; kept with the run, beside your user name", HelpName = "TEXT", Required = true,
    };

    private static readonly Option<bool> WholeStage = new("--whole-stage")
    {
        Description = "Also the steps that run as one query with it",
    };

    private static readonly Option<string[]> Value = new("--value")
    {
        Description = "A value that the step gives to later ones; may be given again", HelpName = "NAME=VALUE",
        Validators =
        {
            result =>
            {
                foreach (var token in result.Tokens)
                    if (token.Value.IndexOf('=') <= 0) result.AddError($"--value takes NAME=VALUE; found '{token.Value}'");
            },
        },
    };

    public static Command Skip(Surroundings surroundings)
    {
        var command = new Command("skip", "End a step as skipped: what needs it is treated as after a false condition")
        {
            Telling.Run, Telling.Step,
        };
        command.With(Reason, WholeStage, CommonOptions.Home);
        command.Tells(
            surroundings,
            (parsed, etl, run, cancellation) => etl.Skip(
                run, new StepId(parsed.GetValue(Telling.Step)!), parsed.GetValue(Reason)!, Telling.Me, parsed.GetValue(WholeStage), cancellation),
            (parsed, run, status) => $"{parsed.GetValue(Telling.Step)} skipped; {run} {status.Word()}");
        return command;
    }

    public static Command Succeed(Surroundings surroundings)
    {
        var command = new Command("succeed", "Mark a step as succeeded, without datasets: what needs it goes on") { Telling.Run, Telling.Step };
        command.With(Reason, Value, WholeStage, CommonOptions.Home);
        command.Tells(
            surroundings,
            (parsed, etl, run, cancellation) => etl.Succeed(
                run, new StepId(parsed.GetValue(Telling.Step)!), parsed.GetValue(Reason)!, Given(parsed.GetValue(Value) ?? []), Telling.Me,
                parsed.GetValue(WholeStage), cancellation),
            (parsed, run, status) => $"{parsed.GetValue(Telling.Step)} marked as succeeded; {run} {status.Word()}");
        return command;
    }

    private static ImmutableArray<Field> Given(string[] values) =>
    [
        .. from text in values
           let at = text.IndexOf('=')
           select new Field(text[..at], Values.FromText(ValueType.Any, text[(at + 1)..]).Value!),
    ];
}
