using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Definitions;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary>When a schedule fires, as one writes it on a command line.</summary>
internal static class ScheduleTimes
{
    public static readonly Argument<string?> Cron = new("CRON")
    {
        Description = "Five fields (minute, hour, day of month, month, day of week), six with the second first, or @daily and the like",
        Arity = ArgumentArity.ZeroOrOne,
    };
    public static readonly Option<string?> Every = new("--every")
    {
        Description = "Instead of CRON: 15m, 2h (real time), or '1 day', '2 weeks', '3 months' (by the calendar)", HelpName = "PERIOD",
    };
    public static readonly Option<string?> At = new("--at")
    {
        Description = "The time of the day of a period by the calendar [default: 00:00]", HelpName = "HH:MM",
    };
    public static readonly Option<string?> Anchor = new("--anchor")
    {
        Description = "A date, or for real time a moment, that the periods are counted from [default: 2001-01-01, a Monday]", HelpName = "DATE",
    };
    public static readonly Option<string> Zone = new("--zone", "--time-zone")
    {
        Description = "The time zone, such as Europe/Berlin", HelpName = "ZONE", DefaultValueFactory = _ => "UTC",
    };
    /// <summary>Null after a fault.</summary>
    public static Recurrence? When(ParseResult parsed, List<Fault> faults)
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
        var start = Moments.MondayStart;
        if (anchor is not null && !Moments.TryInstant(anchor, Engine.Schedules.Times.Zone.Find(parsed.GetValue(Zone)!).Value, out start))
            faults.Add(Wrong("--anchor", anchor, "a moment such as 2026-01-01T00:05Z"));
        if (Durations.TryParse(every!, out var period)) return new Recurrence.Interval(period, start);
        faults.Add(Wrong("--every", every!, "a duration such as 15m or 2h, or a number of days, weeks or months, such as '2 weeks'"));
        return null;
    }

    /// <summary>Shows each fault below the expression. Says how many there were.</summary>
    public static int PrintCron(Terminal terminal, string expression)
    {
        if (Engine.Schedules.Times.Cron.Read(expression) is not CronResult.Faulty faulty) return 0;
        terminal.Talk.Write(DiagnosticText.Render(
            [.. faulty.Faults.Select(fault => new Diagnostic(
                Severity.Error, fault.Fault.Code, fault.Fault.Message, "CRON", 1, fault.Start + 1, fault.Length, null, fault.Fault.Hint, fault.Suggestion))],
            expression));
        return faulty.Faults.Length;
    }

    public static Fault Wrong(string option, string found, string expected) =>
        new(FaultKind.Invalid, CliCodes.WrongUse, $"{option}: found '{found}', expected {expected}.");
}
