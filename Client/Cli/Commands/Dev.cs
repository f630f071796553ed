using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl dev</c>: drives a home until Ctrl-C.</summary>
internal static class Dev
{
    /// <summary>How often it is looked what has changed; runs are shown a moment later than they happen.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Runs that are told of, beyond which only `etl runs list` knows.</summary>
    private const int ShownMax = 100;

    private static readonly Option<string?> Hooks = new("--hooks")
    {
        Description = "Take webhooks at this port, of this machine unless an address stands before it [ETL_HOOKS; default: nowhere]", HelpName = "PORT",
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("dev", "Drive a home until Ctrl-C: run what its schedules start, and take up what nobody drives");
        command.With(CommonOptions.Home, CommonOptions.Allow, CommonOptions.AllowProgram, Hooks);
        command.SetAction(async (parsed, _) => (int)await Drive(parsed, surroundings));
        return command;
    }

    private static async Task<ExitCode> Drive(ParseResult parsed, Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        if (parsed.IsCluster())
            throw new FaultException(new Fault(
                FaultKind.Invalid, CliCodes.WrongUse, "A cluster is named; its silos drive it.", null, "Leave --cluster and ETL_CLUSTER away."));
        using var interrupts = new Interrupts(terminal);
        await using var home = (IHome)surroundings.Open(parsed.HomeSettings() with
        {
            Hooks = HooksAt.Of(new Settings(parsed).Find(Hooks, HooksAt.Variable), at => terminal.Talk.WriteLine($"webhooks are taken at {at}")),
        });
        var driving = home.Drive(run => terminal.Talk.WriteLine($"{run} is taken up"), interrupts.Token);
        if (driving.IsFaulted) await driving;
        terminal.Talk.WriteLine($"driving home {parsed.GetValue(CommonOptions.Home)}; stop with Ctrl-C");
        var watching = Watch(home, surroundings, interrupts.Token);
        await Task.WhenAny(driving, watching);
        try
        {
            await (driving.IsCompleted ? driving : watching);
        }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
        {
            terminal.Talk.WriteLine($"stopped; what runs goes on with: etl dev{parsed.WhereFlag()}");
        }
        return ExitCode.Succeeded;
    }

    /// <summary>One line for each run that begins and one for each that ends.</summary>
    private static async Task Watch(IEtl home, Surroundings surroundings, CancellationToken cancellation)
    {
        var (terminal, clock) = (surroundings.Terminal, surroundings.Clock);
        var known = (await home.Runs(new RunFilter(Limit: ShownMax), cancellation)).Items.ToDictionary(run => run.Id, run => run.Status);
        while (true)
        {
            await Task.Delay(LookEvery, clock, cancellation);
            var page = await home.Runs(new RunFilter(Limit: ShownMax), cancellation);
            foreach (var run in page.Items.Reverse())
            {
                var isKnown = known.TryGetValue(run.Id, out var status);
                if (isKnown && status == run.Status) continue;
                terminal.Talk.WriteLine(Line(terminal, run, clock.GetUtcNow()));
            }
            known = page.Items.ToDictionary(run => run.Id, run => run.Status);
        }
    }

    private static string Line(Terminal terminal, RunSummary run, DateTimeOffset now)
    {
        var sign = StatusSign.Of(run.Status);
        var took = run.EndedAt is { } ended ? $" in {Words.Duration(ended - run.StartedAt)}" : "";
        var why = run.FaultCode is { } code ? $"  {code} {run.FaultMessage}" : "";
        return Words.OnOneLine($"{Words.Moment(run.EndedAt ?? now)}  ") + terminal.Paint($"{sign.Glyph} {run.Pipeline} {sign.Word}", sign.Ink)
            + Words.OnOneLine($"{took}  {run.Id}{why}");
    }
}
