using System.CommandLine;
using System.Diagnostics;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary>What commands share that say something to a run while it goes on.</summary>
internal static class Telling
{
    public static readonly Argument<string> Run = RunIds.Argument("The run");
    public static readonly Argument<string> Step = new("STEP") { Description = "The step's id" };

    /// <summary>Who asks: it stands in the run's history.</summary>
    public static string Me => Environment.UserName;

    public static Option<string> Reason(string otherwise) => new("--reason")
    {
        Description = "Kept with the run, beside your user name", HelpName = "TEXT", DefaultValueFactory = _ => otherwise,
    };

    /// <param name="tell">Says it.</param>
    /// <param name="done">What has come of it, in words.</param>
    public static void Tells(
        this Command command, Surroundings surroundings, Func<ParseResult, IEtl, RunId, CancellationToken, Task<Answer>> tell,
        Func<ParseResult, RunId, RunStatus, string> done) =>
        command.SetAction((parsed, cancellation) => Tell(
            parsed, parsed.GetValue(Run)!, surroundings, (etl, run) => tell(parsed, etl, run, cancellation),
            (run, status) => done(parsed, run, status), cancellation));

    public static async Task<int> Tell(
        ParseResult parsed, string named, Surroundings surroundings, Func<IEtl, RunId, Task<Answer>> tell,
        Func<RunId, RunStatus, string> done, CancellationToken cancellation)
    {
        await using var etl = await parsed.OpenExisting(surroundings, cancellation);
        var run = await RunIds.Find(named, etl, cancellation);
        switch (await tell(etl, run))
        {
            case Answer.Done answered:
                surroundings.Terminal.Talk.WriteLine(done(run, answered.Status));
                return (int)ExitCode.Succeeded;
            case Answer.Refused refused:
                return (int)FaultText.PrintAll(surroundings.Terminal, refused.Faults);
            default: throw new UnreachableException();
        }
    }
}
