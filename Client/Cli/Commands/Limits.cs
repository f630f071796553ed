using System.CommandLine;
using System.Globalization;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl limits list|show|set|delete|pause|resume|release</c></summary>
internal static class Limits
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The limit's name" };
    private static readonly Argument<string> Holder = new("HOLDER")
    {
        Description = "As `etl limits show` names it: RUN/STAGE/ATTEMPT, or RUN for a limit of runs",
    };
    private static readonly Option<string> Why = new("--reason")
    {
        Description = "Why; kept with the limit, beside your user name", HelpName = "TEXT", Required = true,
    };
    private static readonly Option<string> PauseReason = new("--reason")
    {
        Description = "Kept with the limit, beside your user name", HelpName = "TEXT", DefaultValueFactory = _ => "paused with etl limits pause",
    };

    public static Command Make(Surroundings surroundings) => new("limits", "List, show and set named limits, which steps and runs of all pipelines share")
    {
        List(surroundings),
        Show(surroundings),
        LimitSettings.Make(surroundings, Name),
        Order(surroundings, new Command("delete", "Remove a limit that nobody holds and nobody waits for") { Name },
            _ => new LimitOrder.Delete(Telling.Me), _ => "deleted"),
        Order(surroundings, new Command("pause", "Let nobody in until `etl limits resume`; holders go on") { Name }.With(PauseReason),
            parsed => new LimitOrder.Pause(parsed.GetValue(PauseReason)!, Telling.Me), _ => "paused"),
        Order(surroundings, new Command("resume", "Let those in again who wait for a paused limit") { Name },
            _ => new LimitOrder.Resume(Telling.Me), _ => "resumed"),
        Order(surroundings,
            new Command("release", "Take a limit from a holder: a step that lives is stopped within seconds, and waits for it again")
            {
                Name, Holder,
            }.With(Why), Free, parsed => $"released by {parsed.GetValue(Holder)}"),
    };

    /// <param name="done">What has come of it.</param>
    internal static Command Order(
        Surroundings surroundings, Command command, Func<ParseResult, LimitOrder> order, Func<ParseResult, string> done)
    {
        command.With(CommonOptions.Home);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.Open(surroundings, cancellation);
            var name = parsed.GetValue(Name)!;
            if (await etl.TellLimit(name, order(parsed), cancellation) is { } fault)
                return (int)FaultText.PrintAll(surroundings.Terminal, [fault]).OfArguments();
            surroundings.Terminal.Talk.WriteLine($"limit {name} {done(parsed)}");
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static Command List(Surroundings surroundings) => new Command("list", "List the named limits").Lists(
        surroundings, "limits", (_, etl, cursor, limit, cancellation) => etl.Limits(cursor, limit, cancellation), LimitsText.Json, LimitsText.Table);

    private static Command Show(Surroundings surroundings) =>
        new Command("show", "Show who holds a limit and since when, who waits for it, and who changed it") { Name }.Shows(
            surroundings,
            async (parsed, etl, cancellation) => await etl.Limit(parsed.GetValue(Name)!, cancellation) ?? throw Unknown(parsed.GetValue(Name)!),
            LimitsText.Json, LimitsText.Print);

    private static FaultException Unknown(string name) => new(new Fault(
        FaultKind.NotFound, LimitCodes.NoLimit, $"There is no limit {name}.", null, "See which there are: etl limits list"));

    private static LimitOrder Free(ParseResult parsed)
    {
        var holder = parsed.GetValue(Holder)!;
        return LimitTicket.TryParse(holder, out var ticket)
            ? new LimitOrder.Free(ticket, parsed.GetValue(Why)!, Telling.Me)
            : throw new FaultException(new Fault(FaultKind.Invalid, CliCodes.WrongUse,
                $"HOLDER: found '{holder}', expected RUN/STAGE/ATTEMPT or RUN.", null, $"See who holds it: etl limits show {parsed.GetValue(Name)}"));
    }
}

/// <summary><c>etl limits set</c></summary>
internal static class LimitSettings
{
    private static readonly Option<int?> Concurrency = new Option<int?>("--concurrency")
    {
        Description = "So many at once, in all runs together", HelpName = "N",
    }.Between(1, LimitBounds.HoldersMax);
    private static readonly Option<string?> Rate = new("--rate")
    {
        Description = "So many begin in each time, such as 100/1m", HelpName = "N/DURATION",
    };
    private static readonly Option<int?> Burst = new Option<int?>("--burst")
    {
        Description = "With --rate: so many at once after a rest [default: as many as in one time]", HelpName = "N",
    }.Between(1, LimitBounds.RateMax);
    private static readonly Option<LimitOf> Of = new("--of")
    {
        Description = "What takes it: single steps, or whole runs by `limits` of their pipeline", HelpName = "steps|runs",
    };
    private static readonly Option<string[]> Share = new("--share")
    {
        Description = "A namespace (the name of a pipeline up to its first dot) that has N turns where others have 1; may be given again",
        HelpName = "NAMESPACE=N",
    };
    private static readonly Option<string?> Description = new("--description") { Description = "What it protects", HelpName = "TEXT" };

    public static Command Make(Surroundings surroundings, Argument<string> name)
    {
        var command = new Command("set", "Make or change a limit; what is not given is not limited. Nobody loses what he holds") { name };
        command.With(Concurrency, Rate, Burst, Of, Share, Description);
        return Limits.Order(surroundings, command, parsed => new LimitOrder.Set(Spec(parsed), Telling.Me), parsed => $"set to {Limit.Describe(Spec(parsed))}");
    }

    private static LimitSpec Spec(ParseResult parsed) => new(
        parsed.GetValue(Concurrency), RateOf(parsed), parsed.GetValue(Of), [.. (parsed.GetValue(Share) ?? []).Select(ShareOf)],
        parsed.GetValue(Description));

    private static LimitRate? RateOf(ParseResult parsed)
    {
        var burst = parsed.GetValue(Burst);
        if (parsed.GetValue(Rate) is not { } text) return burst is null ? null : throw Wrong("--burst", $"{burst}", "it with --rate only");
        return text.Split('/') is [var count, var per] && Number(count) is { } times && Durations.TryParse(per, out var duration)
            ? new LimitRate(times, duration, burst ?? times)
            : throw Wrong("--rate", text, "a number and a duration, such as 100/1m");
    }

    private static LimitShare ShareOf(string text) => text.Split('=') is [var name, var number] && Number(number) is { } share
        ? new LimitShare(name, share)
        : throw Wrong("--share", text, "a namespace and a number, such as shop=3");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static FaultException Wrong(string option, string found, string expected) =>
        new(new Fault(FaultKind.Invalid, CliCodes.WrongUse, $"{option}: found '{found}', expected {expected}."));
}
