using System.CommandLine;
using System.Diagnostics;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Progress;
using OrleansEtl.Client;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Commands;

/// <summary>What <c>run</c>, <c>resume</c> and <c>rerun</c> share: show the run until it ends, or until the user interrupts, and then
/// say what became of it.</summary>
internal static class Drive
{
    public static readonly Option<bool> CancelWithMe = new("--cancel-on-interrupt")
    {
        Description = "Ctrl-C cancels the run; else it can be resumed, and on a cluster goes on",
    };

    public static readonly Option<bool> Detach = new("--detach")
    {
        Description = "Start it durably and print its id; silos do the work, in a home `etl dev` does",
    };

    /// <summary>Says what was started, and leaves it to others.</summary>
    public static async Task<ExitCode> Leave(
        Begun begun, CheckedPipeline? file, ParseResult parsed, Surroundings surroundings, IEtl etl, CancellationToken cancellation)
    {
        var terminal = surroundings.Terminal;
        if (begun is Begun.Refused refused) return Refuse(refused, file, parsed, terminal);
        var run = ((Begun.Run)begun).Id;
        if (!parsed.IsJson()) terminal.Data.WriteLine(run);
        else if (await etl.View(run, cancellation) is { } view)
            JsonText.Print(terminal.Data, json => JsonText.Run(json, view, surroundings.Clock.GetUtcNow()));
        if (etl is IHome { IsDriven: false })
            terminal.Talk.WriteLine($"nobody drives this home; its work is done by: etl dev{parsed.WhereFlag()}");
        terminal.Talk.WriteLine($"follow it with: etl runs watch {run}{parsed.WhereFlag()}");
        return ExitCode.Succeeded;
    }

    private static ExitCode Refuse(Begun.Refused refused, CheckedPipeline? file, ParseResult parsed, Terminal terminal)
    {
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => JsonText.Faults(json, refused.Faults));
        foreach (var fault in refused.Faults) FaultText.Print(terminal, fault, at: RunText.Place(file, fault));
        return ExitCodes.Of(refused.Faults[0]);
    }

    /// <param name="file">The file that the run was started from; null when it is taken up by its id.</param>
    public static async Task<ExitCode> ToTheEnd(
        Begun begun, CheckedPipeline? file, ParseResult parsed, Surroundings surroundings, IEtl etl, Interrupts interrupts)
    {
        var terminal = surroundings.Terminal;
        switch (begun)
        {
            case Begun.Refused refused: return Refuse(refused, file, parsed, terminal);
            case Begun.Run { Id: var run }:
                if (((Begun.Run)begun).IsExisting)
                    terminal.Talk.WriteLine((await etl.View(run, interrupts.Token))?.Status is { } status && status.IsTerminal()
                        ? $"no run was started: {run} is there already, {status.Word()}" : "no run was started: another goes on");
                try
                {
                    return Conclude(await Show(run, parsed, surroundings, etl, interrupts.Token), file, parsed, surroundings);
                }
                catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
                {
                    return await Interrupted(run, parsed, surroundings, etl);
                }
            default: throw new UnreachableException();
        }
    }

    private static async Task<RunView> Show(
        RunId run, ParseResult parsed, Surroundings surroundings, IEtl etl, CancellationToken cancellation)
    {
        var terminal = surroundings.Terminal;
        var mode = ProgressScreens.Resolve(parsed.GetValue(CommonOptions.Progress), terminal);
        if (mode is ProgressMode.Tty or ProgressMode.Plain)
        {
            terminal.Talk.WriteLine($"run {run}, {parsed.WhereWords()}");
        }
        var screen = ProgressScreens.Of(mode, terminal);
        try
        {
            return await screen.Follow(etl.Watch(run, cancellation), surroundings.Clock, cancellation);
        }
        finally
        {
            screen.Close();
        }
    }

    private static ExitCode Conclude(RunView run, CheckedPipeline? file, ParseResult parsed, Surroundings surroundings)
    {
        var (terminal, now) = (surroundings.Terminal, surroundings.Clock.GetUtcNow());
        if (run.Status is not RunStatus.Succeeded) RunText.PrintFailure(terminal, run, file, parsed.WhereFlag());
        var mode = ProgressScreens.Resolve(parsed.GetValue(CommonOptions.Progress), terminal);
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => JsonText.Run(json, run, now));
        else if (mode is not ProgressMode.Tty || !terminal.DataIsTerminal) RunText.PrintTable(terminal, run, now);
        if (mode is ProgressMode.Tty or ProgressMode.Plain) terminal.Talk.WriteLine(RunText.Verdict(terminal, run, now));
        return ExitCodes.Of(run.Status);
    }

    /// <summary>What had finished is kept. In a home, what runs is stopped when the home is closed, and will run again; a cluster goes on
    /// with it.</summary>
    private static async Task<ExitCode> Interrupted(RunId run, ParseResult parsed, Surroundings surroundings, IEtl etl)
    {
        var (terminal, now) = (surroundings.Terminal, surroundings.Clock.GetUtcNow());
        if (parsed.GetValue(CancelWithMe)) await etl.Cancel(run, "interrupted", Telling.Me, CancellationToken.None);
        var view = await etl.View(run, CancellationToken.None);
        if (parsed.IsJson() && view is not null) JsonText.Print(terminal.Data, json => JsonText.Run(json, view, now));
        if (parsed.GetValue(CancelWithMe))
        {
            terminal.Talk.WriteLine($"interrupted: {run} {view?.Status.Word()}");
            return ExitCode.Interrupted;
        }
        var isCluster = parsed.IsCluster();
        terminal.Talk.WriteLine(isCluster
            ? "interrupted: the run goes on on the cluster; come back to it, or stop it:"
            : "interrupted: finished steps are kept, and the run can go on:");
        terminal.Talk.WriteLine($"  etl {(isCluster ? "runs watch" : "resume")} {run}{parsed.WhereFlag()}");
        if (isCluster) terminal.Talk.WriteLine($"  etl cancel {run}{parsed.WhereFlag()}");
        return ExitCode.Interrupted;
    }
}
