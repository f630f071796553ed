using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Definitions;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl schedules preview</c></summary>
internal static class Schedules
{
    private static readonly Argument<string?> Cron = new("CRON")
    {
        Description = "Five fields (minute, hour, day of month, month, day of week), six with the second first, or @daily and the like",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string?> Every = new("--every")
    {
        Description = "Instead of CRON: 15m, 2h (real time), or '1 day', '2 weeks', '3 months' (by the calendar)", HelpName = "PERIOD",
    };
    private static readonly Option<string?> At = new("--at")
    {
        Description = "The time of the day of a period by the calendar [default: 00:00]", HelpName = "HH:MM",
    };
    private static readonly Option<string?> Anchor = new("--anchor")
    {
        Description = "A date, or for real time a moment, that the periods are counted from [default: 2001-01-01, a Monday]", HelpName = "DATE",
    };
    private static readonly Option<string> Zone = new("--zone")
    {
        Description = "The time zone, such as Europe/Berlin", HelpName = "ZONE", DefaultValueFactory = _ => "UTC",
    };
    private static readonly Option<string?> From = new("--from")
    {
        Description = "Firings from this moment on, in the zone unless it says otherwise [default: now]", HelpName = "MOMENT",
    };
    private static readonly Option<int> Count = new("--count")
    {
        Description = "So many firings, 1 to 1000", HelpName = "N", DefaultValueFactory = _ => 10,
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, out var n) && n is >= 1 and <= 1000))
                    result.AddError($"--count is a number from 1 to 1000; found '{result.Tokens[0].Value}'");
            },
        },
    };

    public static Command Make(Surroundings surroundings)
    {
        var preview = new Command("preview", "Show when a schedule would fire, and what the clock's changes do to it") { Cron };
        preview.With(Every, At, Anchor, Zone, From, Count, CommonOptions.Output);
        preview.SetAction(parsed => (int)Preview(parsed, surroundings));
        return new Command("schedules", "Preview schedules") { preview };
    }

    private static ExitCode Preview(ParseResult parsed, Surroundings surroundings)
    {
        var (terminal, faults) = (surroundings.Terminal, new List<Fault>());
        var zone = Engine.Schedules.Times.Zone.Find(parsed.GetValue(Zone)!).Value;
        var from = surroundings.Clock.GetUtcNow();
        if (parsed.GetValue(From) is { } moment && !Moments.TryInstant(moment, zone, out from))
            faults.Add(Wrong("--from", moment, "a date, a date with a time, or a moment with its offset, such as 2026-03-29T01:30Z"));
        var when = When(parsed, faults);
        var spec = when is null ? null : new ScheduleSpec(when, parsed.GetValue(Zone)!);
        var checkedSpec = spec is null ? null : ScheduleCheck.Of(spec);
        if (checkedSpec is ScheduleCheckResult.Faulty faulty) faults.AddRange(faulty.Faults.Where(fault => fault.Path != "cron"));
        var cronFaults = when is Recurrence.OfCron cron ? PrintCron(terminal, cron.Expression) : 0;
        FaultText.PrintAll(terminal, faults);
        // The mistakes are the command line's, so the exit code is that of usage.
        if (faults.Count + cronFaults > 0) return ExitCode.Usage;

        var timetable = ((ScheduleCheckResult.Valid)checkedSpec!).Timetable;
        var firings = Firings(timetable, from, parsed.GetValue(Count)).Select(firing => new PreviewedFiring(firing, zone!, timetable)).ToArray();
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => FiringsText.Json(json, spec!, timetable, firings));
        else FiringsText.Table(firings).Print(terminal);
        return ExitCode.Succeeded;
    }

    private static IEnumerable<Firing> Firings(Timetable timetable, DateTimeOffset from, int count)
    {
        if (timetable.From(from) is not { } first) yield break;
        for (var firing = timetable.FiringAt(first); ; count--)
        {
            yield return firing;
            if (count == 1 || timetable.Next(firing.At) is not { } next) yield break;
            firing = new Firing(firing.At, next);
        }
    }

    /// <summary>Null after a fault.</summary>
    private static Recurrence? When(ParseResult parsed, List<Fault> faults)
    {
        var (cron, every, at, anchor) = (parsed.GetValue(Cron), parsed.GetValue(Every), parsed.GetValue(At), parsed.GetValue(Anchor));
        if (cron is null == every is null)
        {
            faults.Add(new Fault(FaultKind.Invalid, CliCodes.WrongUse,
                cron is null ? "Expected a cron expression, or --every." : "Found a cron expression and --every; expected one of them.",
                null, "For example: etl schedules preview '30 2 * * *' --zone Europe/Berlin"));
            return null;
        }
        var calendar = every is null ? null : Moments.Calendar(every);
        if (cron is not null && anchor is not null) faults.Add(Wrong("--anchor", anchor, "it with --every only"));
        if (calendar is null && at is not null) faults.Add(Wrong("--at", at, "it with a period by the calendar only, such as --every '1 day'"));
        if (cron is not null) return new Recurrence.OfCron(cron);
        if (calendar is var (count, unit))
        {
            var (time, date) = (TimeOnly.MinValue, Moments.Monday);
            if (at is not null && !Moments.TryTime(at, out time)) faults.Add(Wrong("--at", at, "a time such as 02:30"));
            if (anchor is not null && !Moments.TryDate(anchor, out date)) faults.Add(Wrong("--anchor", anchor, "a date such as 2026-01-31"));
            return new Recurrence.Calendar(count, unit, time, date);
        }
        var start = new DateTimeOffset(Moments.Monday.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        if (anchor is not null && !Moments.TryInstant(anchor, Engine.Schedules.Times.Zone.Find(parsed.GetValue(Zone)!).Value, out start))
            faults.Add(Wrong("--anchor", anchor, "a moment such as 2026-01-01T00:05Z"));
        if (Durations.TryParse(every!, out var period)) return new Recurrence.Interval(period, start);
        faults.Add(Wrong("--every", every!, "a duration such as 15m or 2h, or a number of days, weeks or months, such as '2 weeks'"));
        return null;
    }

    /// <summary>Shows each fault below the expression. Says how many there were.</summary>
    private static int PrintCron(Terminal terminal, string expression)
    {
        if (Engine.Schedules.Times.Cron.Read(expression) is not CronResult.Faulty faulty) return 0;
        terminal.Talk.Write(DiagnosticText.Render(
            [.. faulty.Faults.Select(fault => new Diagnostic(
                Severity.Error, fault.Fault.Code, fault.Fault.Message, "CRON", 1, fault.Start + 1, fault.Length, null, fault.Fault.Hint, fault.Suggestion))],
            expression));
        return faulty.Faults.Length;
    }

    private static Fault Wrong(string option, string found, string expected) =>
        new(FaultKind.Invalid, CliCodes.WrongUse, $"{option}: found '{found}', expected {expected}.");
}
