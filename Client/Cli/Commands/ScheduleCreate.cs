using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl schedules create NAME</c>: a schedule by hand. Those of a pipeline's file come with <c>etl apply</c>.</summary>
internal static class ScheduleCreate
{
    private static readonly Argument<string> Name = new("NAME") { Description = "Its name; one that is there already is changed" };
    private static readonly Option<string> Pipeline = new("--pipeline")
    {
        Description = "The registered pipeline that it runs", HelpName = "NAME", Required = true,
    };
    private static readonly Option<int?> Version = new("--version")
    {
        Description = "The registered version of the pipeline [default: the one that is active]", HelpName = "N",
    };
    private static readonly Option<string?> Start = new("--start") { Description = "Nothing is due before this moment", HelpName = "MOMENT" };
    private static readonly Option<string?> End = new("--end") { Description = "Nothing is due from this moment on", HelpName = "MOMENT" };
    private static readonly Option<string?> Jitter = new("--jitter")
    {
        Description = "Each firing waits a part of this, always the same", HelpName = "DURATION",
    };
    private static readonly Option<string> Missed = Choice<CatchUp>("--catch-up", "latest", "What becomes of firings that were missed");
    private static readonly Option<string> Overlapping = Choice<Overlap>("--overlap", "skip", "What a firing does while an earlier run goes on");
    private static readonly Option<bool> Paused = new("--paused") { Description = "Make it stand still" };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("create", "Make a schedule of a registered pipeline by hand, or change it") { Name, ScheduleTimes.Cron };
        command.With(
            Pipeline, Version, ScheduleTimes.Every, ScheduleTimes.At, ScheduleTimes.Anchor, ScheduleTimes.Zone, Start, End, Jitter, Missed,
            Overlapping, Paused, CommonOptions.Param, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) => (int)await Create(parsed, surroundings, cancellation));
        return command;
    }

    private static async Task<ExitCode> Create(ParseResult parsed, Surroundings surroundings, CancellationToken cancellation)
    {
        var (faults, name) = (new List<Fault>(), parsed.GetValue(Name)!);
        if (name.Contains('/'))
            faults.Add(ScheduleTimes.Wrong("NAME", name, "a name without a slash: schedules of a pipeline's file come with etl apply"));
        if (Spec(parsed, faults) is not { } spec || faults.Count > 0)
        {
            FaultText.PrintAll(surroundings.Terminal, faults);
            return ExitCode.Usage;
        }
        await using var etl = await parsed.OpenExisting(surroundings, cancellation);
        var pipeline = await etl.PipelineVersion(spec.Pipeline, spec.Version, cancellation);
        if (ParamValues.ReadGiven(pipeline.Spec, parsed.GetValue(CommonOptions.Param) ?? [], surroundings.Terminal) is not { } given) return ExitCode.Usage;
        spec = spec with { Params = new SpecValue.Map(given) };
        var answer = await etl.Schedules.Put(name, spec, keepsPause: false, cancellation);
        var next = answer is ScheduleAnswer.Done ? (await etl.Schedules.View(name, cancellation))?.NextFiring : null;
        return ScheduleCommands.Said(answer, parsed, surroundings, etl, _ => next is { } at
            ? $"{name} runs {spec.Pipeline} the next time at {Words.Moment(at)}"
            : $"{name} is there, and nothing of it is due");
    }

    /// <summary>Null after a fault.</summary>
    private static ScheduleSpec? Spec(ParseResult parsed, List<Fault> faults)
    {
        var when = ScheduleTimes.When(parsed, faults);
        var zone = Zone.Find(parsed.GetValue(ScheduleTimes.Zone)!).Value;
        var (start, end) = (Moment(parsed, Start, zone, faults), Moment(parsed, End, zone, faults));
        var jitter = TimeSpan.Zero;
        if (parsed.GetValue(Jitter) is { } text && !Durations.TryParse(text, out jitter))
            faults.Add(ScheduleTimes.Wrong("--jitter", text, "a duration such as 30s or 5m"));
        EnumWords.TryParse<CatchUp>(parsed.GetValue(Missed)!, out var catchUp);
        EnumWords.TryParse<Overlap>(parsed.GetValue(Overlapping)!, out var overlap);
        return when is null ? null : new ScheduleSpec(
            when, parsed.GetValue(ScheduleTimes.Zone)!, parsed.GetValue(Pipeline)!, parsed.GetValue(Version), null, start, end, jitter, catchUp, overlap,
            parsed.GetValue(Paused));
    }

    private static DateTimeOffset? Moment(ParseResult parsed, Option<string?> option, Zone? zone, List<Fault> faults)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (Moments.TryInstant(text, zone, out var instant)) return instant;
        faults.Add(ScheduleTimes.Wrong(option.Name, text, "a date, or a moment in the zone unless it says otherwise, such as 2026-03-29T01:30Z"));
        return null;
    }

    private static Option<string> Choice<T>(string name, string usual, string description) where T : struct, Enum
    {
        var option = new Option<string>(name)
        {
            Description = description, HelpName = string.Join('|', EnumWords.All<T>()), DefaultValueFactory = _ => usual,
        };
        option.AcceptOnlyFromAmong([.. EnumWords.All<T>()]);
        return option;
    }
}
