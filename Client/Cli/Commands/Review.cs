using System.CommandLine;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl approve RUN STEP</c> and <c>etl reject RUN STEP</c></summary>
internal static class Review
{
    private static readonly Option<string?> Comment = new("--comment")
    {
        Description = "What there is to say to it; kept with the run, beside your user name", HelpName = "TEXT",
    };

    public static Command Approve(Surroundings surroundings) =>
        Make("approve", "Approve for a step that asks (flow.approval)", approved: true, surroundings);

    public static Command Reject(Surroundings surroundings) =>
        Make("reject", "Reject for a step that asks (flow.approval)", approved: false, surroundings);

    private static Command Make(string name, string summary, bool approved, Surroundings surroundings)
    {
        var command = new Command(name, summary) { Telling.Run, Telling.Step };
        command.With(Comment, CommonOptions.Home);
        command.Tells(
            surroundings,
            (parsed, etl, run, cancellation) => etl.Review(
                run, new StepId(parsed.GetValue(Telling.Step)!), approved, Telling.Me, parsed.GetValue(Comment), cancellation),
            (parsed, run, status) => $"{parsed.GetValue(Telling.Step)} {(approved ? "approved" : "rejected")}; {run} {status.Word()}");
        return command;
    }
}
