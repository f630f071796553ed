using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl alerts list|show|resend|test|silence|silences|unsilence</c></summary>
internal static class Alerts
{
    private static readonly Argument<string> Id = new("ALERT") { Description = "The alert's id: PIPELINE/NUMBER" };
    private static readonly Argument<string> Channel = new("NAME") { Description = "The channel's name" };
    private static readonly Argument<string> Silence = new("SILENCE") { Description = "The silence's id" };
    private static readonly Argument<string?> Pipeline = new("PIPELINE")
    {
        Description = "The pipeline's name", Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string?> OfPipeline = new("--pipeline") { Description = "Of this pipeline only", HelpName = "NAME" };
    private static readonly Option<bool> All = new("--all") { Description = "All pipelines" };
    private static readonly Option<bool> Everywhere = new("--everywhere") { Description = "Also on channels where it has arrived" };
    private static readonly Option<string> Why = new("--reason")
    {
        Description = "Why; kept with the silence, beside your user name", HelpName = "TEXT", Required = true,
    };
    private static readonly Option<string> For = new("--for")
    {
        Description = "For so long, for example 30m, 2h, 1d", HelpName = "DURATION", Required = true,
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: var text }] && !Durations.TryParse(text, out _))
                    result.AddError($"--for is a duration such as 30m, 2h or 1d; found '{text}'");
            },
        },
    };

    public static Command Make(Surroundings surroundings) => new("alerts", "See what pipelines told and what did not arrive, and silence them")
    {
        List(surroundings),
        Show(surroundings),
        Does(surroundings, new Command("resend", "Send an alert again, on the channels where it has not arrived") { Id }.With(Everywhere), Resend),
        Does(surroundings, new Command("test", "Send a message to a channel that says that nothing has happened") { Channel }, Test),
        Does(surroundings,
            new Command("silence", "Tell nothing of a pipeline, or of any, for a time; it is recorded, and told at the end if it is still so")
            {
                Pipeline,
            }.With(All, For, Why), BeSilent),
        ListSilences(surroundings),
        Does(surroundings, new Command("unsilence", "End a silence") { Silence }, Unsilence),
    };

    private static Command List(Surroundings surroundings) =>
        new Command("list", "List alerts, by pipeline, of each the newest first").With(OfPipeline).Lists(
            surroundings, "alerts",
            (parsed, etl, cursor, limit, cancellation) => etl.Alerts.List(parsed.GetValue(OfPipeline), cursor, limit, cancellation),
            AlertText.Json, AlertText.Table);

    private static Command Show(Surroundings surroundings) =>
        new Command("show", "Show an alert: what it tells, and where it has arrived") { Id }.Shows(
            surroundings,
            async (parsed, etl, cancellation) => await etl.Alerts.View(parsed.GetValue(Id)!, cancellation)
                ?? throw new FaultException(AlertIds.Unknown(parsed.GetValue(Id)!)),
            AlertText.Json, AlertText.Print);

    private static Command ListSilences(Surroundings surroundings) =>
        new Command("silences", "List the silences that have not ended, and who silenced what").Shows(
            surroundings, (_, etl, cancellation) => etl.Alerts.Silences(cancellation), AlertText.Json, AlertText.Print);

    /// <param name="act">Gives what has come of it; what could not be done is a fault.</param>
    private static Command Does(Surroundings surroundings, Command command, Func<ParseResult, IEtl, CancellationToken, Task<string>> act)
    {
        command.With(CommonOptions.Home);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.Open(surroundings, cancellation);
            surroundings.Terminal.Talk.WriteLine(Words.OnOneLine(await act(parsed, etl, cancellation)));
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static async Task<string> Resend(ParseResult parsed, IEtl etl, CancellationToken cancellation)
    {
        var id = parsed.GetValue(Id)!;
        if (await etl.Alerts.Resend(id, parsed.GetValue(Everywhere), cancellation) is { } fault) throw new FaultException(fault);
        return $"{id} is sent again; see what comes of it: etl alerts show {id}{parsed.WhereFlag()}";
    }

    private static async Task<string> Test(ParseResult parsed, IEtl etl, CancellationToken cancellation)
    {
        var channel = parsed.GetValue(Channel)!;
        if (await etl.Alerts.Test(channel, Telling.Me, cancellation) is { } fault) throw new FaultException(fault);
        return $"a test has arrived at {channel}";
    }

    private static async Task<string> BeSilent(ParseResult parsed, IEtl etl, CancellationToken cancellation)
    {
        var pipeline = parsed.GetValue(Pipeline);
        if (pipeline is null != parsed.GetValue(All))
            throw new FaultException(new Fault(FaultKind.Invalid, CliCodes.WrongUse, "name one pipeline, or all",
                Hint: "etl alerts silence PIPELINE --for 2h --reason …, or --all"));
        if (pipeline is not null) await Known(pipeline, etl, cancellation);
        Durations.TryParse(parsed.GetValue(For)!, out var time);
        var silence = await etl.Alerts.Silence(pipeline, time, parsed.GetValue(Why)!, Telling.Me, cancellation);
        return $"{pipeline ?? "all"} silenced until {Words.Moment(silence.Until)}; end it with: etl alerts unsilence {silence.Id}{parsed.WhereFlag()}";
    }

    private static async Task<string> Unsilence(ParseResult parsed, IEtl etl, CancellationToken cancellation)
    {
        var id = parsed.GetValue(Silence)!;
        var ended = await etl.Alerts.Unsilence(id, Telling.Me, cancellation) ?? throw new FaultException(new Fault(
            FaultKind.NotFound, AlertCodes.NoSilence, $"There is no silence {id}, or it is over.", null, "See which there are: etl alerts silences"));
        return $"{ended.Pipeline ?? "all"} silenced no longer by {id}";
    }

    /// <summary>A silence of a name that nobody has would be believed and silence nothing.</summary>
    private static async Task Known(string pipeline, IEtl etl, CancellationToken cancellation)
    {
        if (await etl.Pipeline(pipeline, cancellation) is not null) return;
        if ((await etl.Runs(new RunFilter(pipeline, Limit: 1), cancellation)).Items.Length > 0) return;
        var names = (await etl.Pipelines(null, 500, cancellation)).Items.Select(one => one.Name);
        throw new FaultException(new Fault(
            FaultKind.NotFound, AlertCodes.NoPipeline, $"No pipeline {pipeline} is registered, and none was ever run.", null,
            Spelling.Nearest(pipeline, names) is { } nearest ? $"Did you mean `{nearest}`?" : "List them with: etl pipelines list"));
    }
}
