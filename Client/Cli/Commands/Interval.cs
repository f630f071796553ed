using System.CommandLine;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary>The time that a run by hand is for, as a schedule would give it.</summary>
internal static class Interval
{
    public static readonly Option<string?> Start = Moment("--interval-start", "{{ run.interval.start }}, where the time begins that the run is for");
    public static readonly Option<string?> End = Moment("--interval-end", "{{ run.interval.end }}, where it ends");
    public static readonly Option<string?> Partition = new("--partition")
    {
        Description = "{{ run.partition }}, as a backfill would give it; with an interval", HelpName = "NAME",
    };

    /// <summary>What is wrong with the three; empty when nothing is.</summary>
    public static List<Fault> Faults(ParseResult parsed)
    {
        var faults = new List<Fault>();
        var (start, end) = (parsed.GetValue(Start), parsed.GetValue(End));
        foreach (var (option, text) in new[] { (Start.Name, start), (End.Name, end) })
            if (text is not null && !Moments.TryInstant(text, null, out _))
                faults.Add(Wrong($"{option}: found '{text}', expected a date or a moment, in UTC unless it says otherwise, such as 2026-03-29T01:30Z."));
        if (start is null != end is null) faults.Add(Wrong("--interval-start and --interval-end are given together or not at all."));
        if (parsed.GetValue(Partition) is not null && start is null) faults.Add(Wrong("--partition needs --interval-start and --interval-end."));
        return faults;
    }

    /// <summary>Null: none was given. Only without faults.</summary>
    public static RunOccasion? Of(ParseResult parsed)
    {
        if (parsed.GetValue(Start) is not { } start) return null;
        Moments.TryInstant(start, null, out var from);
        Moments.TryInstant(parsed.GetValue(End)!, null, out var to);
        return new RunOccasion(from, to, parsed.GetValue(Partition));
    }

    private static Option<string?> Moment(string name, string description) => new(name) { Description = description, HelpName = "MOMENT" };

    private static Fault Wrong(string message) => new(FaultKind.Invalid, CliCodes.WrongUse, message);
}
