using System.CommandLine;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary>How a command names a run: its id, or <c>last</c> for the newest one. One that a step started is meant by the run of that step.</summary>
internal static class RunIds
{
    private const string Last = "last";

    public static Argument<string> Argument(string description) => new("RUN") { Description = $"{description}: its id, or '{Last}'" };

    public static async Task<RunId> Find(string text, IEtl etl, CancellationToken cancellation)
    {
        if (RunId.TryParse(text, out var id)) return id;
        if (text != Last)
        {
            throw new FaultException(new Fault(
                FaultKind.NotFound, CliCodes.NoRun, $"'{text}' is not the id of a run (run_ and 26 characters)", Hint: "list them with: etl runs list"));
        }
        var newest = await etl.Runs(new RunFilter(Limit: 1), cancellation);
        if (newest.Items is not [var run, ..])
            throw new FaultException(new Fault(FaultKind.NotFound, CliCodes.NoRun, "there is no run here", Hint: "start one with: etl run FILE"));
        var last = run.Id;
        while (await etl.View(last, cancellation) is { Parent: { } parent }) last = parent.Run;
        return last;
    }

    public static FaultException Unknown(string run) => new(new Fault(
        FaultKind.NotFound, CliCodes.NoRun, $"there is no run {run} here", Hint: "list the runs with: etl runs list"));
}
