using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl schedules</c>, and of it <c>preview</c>.</summary>
internal static class Schedules
{
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
        var preview = new Command("preview", "Show when a schedule would fire, and what the clock's changes do to it") { ScheduleTimes.Cron };
        preview.With(
            ScheduleTimes.Every, ScheduleTimes.At, ScheduleTimes.Anchor, ScheduleTimes.Zone, From, Count, CommonOptions.Output);
        preview.SetAction(parsed => (int)Preview(parsed, surroundings));
        return new Command("schedules", "Run pipelines by the clock, and again for times that have passed")
        {
            ScheduleCommands.List(surroundings),
            ScheduleCommands.Show(surroundings),
            ScheduleCreate.Make(surroundings),
            ScheduleCommands.Pause(surroundings),
            ScheduleCommands.Resume(surroundings),
            ScheduleCommands.Trigger(surroundings),
            ScheduleCommands.Delete(surroundings),
            Backfills.Begin(surroundings),
            Backfills.List(surroundings),
            preview,
        };
    }

    private static ExitCode Preview(ParseResult parsed, Surroundings surroundings)
    {
        var (terminal, faults) = (surroundings.Terminal, new List<Fault>());
        var zone = Engine.Schedules.Times.Zone.Find(parsed.GetValue(ScheduleTimes.Zone)!).Value;
        var from = surroundings.Clock.GetUtcNow();
        if (parsed.GetValue(From) is { } moment && !Moments.TryInstant(moment, zone, out from))
            faults.Add(ScheduleTimes.Wrong("--from", moment, "a date, a date with a time, or a moment with its offset, such as 2026-03-29T01:30Z"));
        var when = ScheduleTimes.When(parsed, faults);
        var spec = when is null ? null : new ScheduleSpec(when, parsed.GetValue(ScheduleTimes.Zone)!);
        var checkedSpec = spec is null ? null : ScheduleCheck.Of(spec);
        if (checkedSpec is ScheduleCheckResult.Faulty faulty) faults.AddRange(faulty.Faults.Where(fault => fault.Path != "cron"));
        var cronFaults = when is Recurrence.OfCron cron ? ScheduleTimes.PrintCron(terminal, cron.Expression) : 0;
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
}
