using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Output;

/// <summary>Triggers and what they started, as tables.</summary>
internal static class TriggerText
{
    public static Table Table(ImmutableArray<TriggerView> triggers)
    {
        var table = new Table("TRIGGER", "KIND", "ON", "LOOKED", "WHY NOT NOW", "LAST");
        foreach (var trigger in triggers)
            table.Row(
                trigger.Id, trigger.Spec.On.Kind, On(trigger.Spec.On), Moment(trigger.LastLook),
                trigger.Fault is { } fault ? new Cell($"{fault.Code} {fault.Message}", Ink.Red)
                    : new Cell(trigger.Waits ?? "", trigger.Spec.IsPaused ? Ink.Yellow : Ink.None),
                trigger.Recent is [var last, ..] ? Outcome(last.Outcome) : new Cell(""));
        return table;
    }

    public static Table Starts(IEnumerable<TriggerStartView> starts)
    {
        var table = new Table("AT", "WHAT", "OUTCOME", "RUN", "WHY");
        foreach (var start in starts)
            table.Row(
                Moment(start.At), start.What, Outcome(start.Outcome), start.Run?.Value ?? "",
                start.Fault is { } fault ? $"{fault.Code} {fault.Message}" : "");
        return table;
    }

    /// <summary>What a trigger is and does, besides its starts.</summary>
    public static IEnumerable<string> Lines(TriggerView trigger)
    {
        var spec = trigger.Spec;
        yield return Words.OnOneLine(
            $"{trigger.Id} starts {spec.Pipeline}{(spec.Version is { } version ? $" version {version}" : "")}: {spec.On.Kind} {On(spec.On)}");
        if (spec.Params is { Fields.IsEmpty: false } given) yield return Words.OnOneLine($"  with {given.ToJson()}");
        if (trigger.LastLook is { } last) yield return $"  looked {Words.Moment(last)}";
        if (trigger.NextLook is { } next) yield return $"  looks next {Words.Moment(next)}";
        if (trigger.Fault is { } fault) yield return Words.OnOneLine($"  {fault}");
        if (trigger.Waits is { } waits) yield return Words.OnOneLine($"  starts nothing now: {waits}");
        if (trigger.Recent is [{ } start, ..])
            yield return Words.OnOneLine($"  last: {start.What} {EnumWords.Word(start.Outcome)} {start.Run?.Value ?? start.Fault?.Code}");
    }

    /// <summary><c>in/*.csv</c>, <c>orders when succeeded</c>, <c>within 26h</c></summary>
    public static string On(TriggerSource on) => on switch
    {
        TriggerSource.OfFile file => file.Path,
        TriggerSource.OfPipeline other => $"{other.Pipeline} when {EnumWords.Word(other.Ending)}",
        TriggerSource.OfDataset version => version.Dataset,
        TriggerSource.OfWebhook hook => $"signed with {hook.Secret}",
        TriggerSource.OfRabbitMq queue => $"queue {queue.Queue} of {queue.Connection}",
        TriggerSource.OfFreshness fresh => $"{(fresh.Pipeline is { } other ? $"{other} " : "")}within {Durations.ToText(fresh.Within)}",
        _ => throw new UnreachableException(),
    };

    private static Cell Moment(DateTimeOffset? at) => at is { } moment ? new Cell(Words.Moment(moment), Plain: Instants.Text(moment)) : new Cell("");

    private static Cell Outcome(TriggerOutcome outcome) => Cell.Of(outcome switch
    {
        TriggerOutcome.Starting => new StatusSign("·", "starting", Ink.Faint),
        TriggerOutcome.Started => new StatusSign("▶", "started", Ink.Blue),
        TriggerOutcome.Refused => new StatusSign("✗", "refused", Ink.Red),
        _ => throw new UnreachableException(),
    });
}
