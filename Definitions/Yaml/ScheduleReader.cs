using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Definitions;

/// <summary>The <c>schedules</c> of a pipeline file: when runs of it start by themselves, once it is registered. They are no part of its definition,
/// so that another time is no other version.</summary>
internal sealed class ScheduleReader(Unfolding values, Findings findings, SourceMap map)
{
    private static readonly ImmutableArray<string> Known =
    [
        "id", "cron", "every", "calendar", "anchor", "time_zone", "start", "end", "jitter", "catch_up", "overlap", "paused", "version", "params",
    ];

    private static readonly ImmutableArray<string> CalendarKeys = ["every", "at", "anchor"];

    private readonly StarterReader _starters =
        new(values, findings, map, "schedule", "a time", "{ id: nightly, cron: \"30 2 * * *\", time_zone: Europe/Berlin }");

    /// <summary>Before the schedule that is being read: what is wrong with its values is said when nothing is wrong with its form.</summary>
    private int _found;

    private bool IsCleanSoFar => findings.All().Length == _found;

    public ImmutableArray<PipelineSchedule> Read(Node.Entry? entry, ImmutableArray<ParamSpec> parameters) =>
        _starters.Read(entry, (mapping, path) => Schedule(mapping, path, parameters), schedule => schedule.Id);

    private PipelineSchedule? Schedule(Node.Mapping mapping, string path, ImmutableArray<ParamSpec> parameters)
    {
        _found = findings.All().Length;
        var keys = new Keys(mapping, Known, path, "a schedule", map, findings, Missed);
        var id = _starters.Id(keys, mapping, path, "nightly");
        var zone = keys.Text("time_zone", "Europe/Berlin") ?? "UTC";
        var clock = Zone.Find(zone).Value;
        if (When(keys, clock, mapping, path) is not { } when) return null;
        var paused = keys.Flag("paused");
        var spec = new ScheduleSpec(
            when, zone, "", StarterReader.Version(keys), Params(keys, path, parameters), Moment(keys, "start", clock), Moment(keys, "end", clock),
            keys.Duration("jitter", isNeeded: true) ?? TimeSpan.Zero,
            keys.Choice<CatchUp>("catch_up") ?? CatchUp.Latest, keys.Choice<Overlap>("overlap") ?? Overlap.Skip);
        if (IsCleanSoFar && ScheduleCheck.Of(spec) is ScheduleCheckResult.Faulty faulty)
            foreach (var fault in faulty.Faults) Wrong(keys, fault, path);
        return id is null ? null : new PipelineSchedule(id, spec, paused);
    }

    private Recurrence? When(Keys keys, Zone? clock, Node node, string path)
    {
        string[] given = [.. new[] { "cron", "every", "calendar" }.Where(keys.Has)];
        if (given.Length != 1)
        {
            if (!keys.WasMeant("cron") && !keys.WasMeant("every") && !keys.WasMeant("calendar") || given.Length > 1)
                findings.Error(YamlCodes.MissingKey, $"A schedule has one of `cron`, `every` and `calendar`, found {given.Length} of them.", node.Range, path,
                    "For example: cron: \"30 2 * * *\", or every: 15m, or calendar: { every: 2 weeks, at: \"06:00\" }");
            return null;
        }
        if (given[0] == "cron") return keys.Text("cron", "\"30 2 * * *\"") is { } cron ? new Recurrence.OfCron(cron) : null;
        if (given[0] == "calendar") return Calendar(keys, path);
        var anchor = keys.Has("anchor") ? Moment(keys, "anchor", clock) : Moments.MondayStart;
        return keys.Duration("every", "Days, weeks and months: calendar: { every: 1 day }.", isNeeded: true) is { } every && anchor is { } from
            ? new Recurrence.Interval(every, from) : null;
    }

    private Recurrence.Calendar? Calendar(Keys keys, string path)
    {
        if (keys["calendar"]!.Value is not Node.Mapping mapping)
        {
            keys.Wrong("calendar", keys["calendar"]!.Value, "a mapping with `every`", "For example: calendar: { every: 2 weeks, at: \"06:00\" }");
            return null;
        }
        var inner = new Keys(mapping, CalendarKeys, SpecPath.Field(path, "calendar"), "a calendar", map, findings, _ => null);
        var period = inner["every"]?.Value is Node.Scalar every ? Moments.Calendar(every.Text) : null;
        if (period is null)
            Wrong(inner, keys, "every", "a number of days, weeks or months, such as `2 weeks`");
        var (time, date) = (TimeOnly.MinValue, Moments.Monday);
        if (inner["at"] is { } at && !(at.Value is Node.Scalar atText && Moments.TryTime(atText.Text, out time)))
            Wrong(inner, keys, "at", "a time such as \"06:00\", in quotes");
        if (inner["anchor"] is { } anchor && !(anchor.Value is Node.Scalar anchorText && Moments.TryDate(anchorText.Text, out date)))
            Wrong(inner, keys, "anchor", "a date such as 2026-01-05");
        return period is var (count, unit) ? new Recurrence.Calendar(count, unit, time, date) : null;
    }

    private static void Wrong(Keys inner, Keys outer, string name, string expected)
    {
        if (inner[name] is { } entry) inner.Wrong(name, entry.Value, expected, null);
        else if (!inner.WasMeant(name)) outer.Wrong("calendar", outer["calendar"]!.Value, $"a mapping with `{name}`: {expected}", null);
    }

    private SpecValue.Map Params(Keys keys, string path, ImmutableArray<ParamSpec> parameters)
    {
        var given = _starters.Params(keys, path);
        if (IsCleanSoFar && RunParams.Resolve(new PipelineSpec("", null, parameters, []), given.Fields) is ParamsResult.Faulty faulty)
            foreach (var fault in faulty.Faults)
                findings.Error(fault.Code, fault.Message, keys["params"]?.Value.Range ?? keys["id"]?.Value.Range, SpecPath.Field(path, "params"),
                    fault.Code == PlanCodes.MissingParam ? "Give it under `params` of the schedule." : fault.Hint);
        return given;
    }

    private static DateTimeOffset? Moment(Keys keys, string name, Zone? clock)
    {
        if (keys[name] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar && Moments.TryInstant(scalar.Text, clock, out var instant)) return instant;
        keys.Wrong(name, entry.Value, "a date, or a moment such as 2026-03-29T02:30, in the schedule's time zone unless it says otherwise", null);
        return null;
    }

    /// <summary>A fault of the engine, which knows the spec and not the file.</summary>
    private void Wrong(Keys keys, Fault fault, string path)
    {
        var name = fault.Path switch { "zone" => "time_zone", "every" when keys.Has("calendar") => "calendar", var other => other ?? "id" };
        findings.Error(fault.Code, fault.Message, keys[name]?.Value.Range ?? keys["id"]?.Value.Range, SpecPath.Field(path, name), fault.Hint);
    }

    private static string? Missed(string name) => name switch
    {
        "name" => "id",
        "schedule" or "expression" => "cron",
        "interval" => "every",
        "zone" or "timezone" or "tz" or "timeZone" => "time_zone",
        "catchup" or "catchUp" or "backfill" => "catch_up",
        "is_paused" or "enabled" => "paused",
        "parameters" or "with" => "params",
        _ => null,
    };
}
