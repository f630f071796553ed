using System.Globalization;

namespace OrleansEtl.Engine.Alerts;

/// <summary>What a message tells. Taken when the alert is raised and kept with it, so that each try tells the same, also of a run that is
/// forgotten meanwhile. What a run was given is not in it, since that may be secret.</summary>
/// <param name="Text">One sentence, without the name of the pipeline.</param>
/// <param name="Step">The first step that failed.</param>
/// <param name="Waits">What the run waits for.</param>
public sealed record AlertCause(
    string Text, RunId? Run = null, DateTimeOffset? StartedAt = null, DateTimeOffset? EndedAt = null, StepId? Step = null,
    string? StepKind = null, Fault? Fault = null, string? Waits = null, RunOccasion? Occasion = null, int? RegisteredVersion = null)
{
    /// <summary>Of messages and other texts: enough for a fault with the names of columns in it.</summary>
    public const int TextMax = 1_000;

    public static AlertCause Failed(RunView run)
    {
        var step = FirstFailed(run);
        var fault = step?.Fault ?? run.Fault;
        var where = step is null ? "" : $" in step {step.Id}{(step.ItemsFailed() is { } items ? $" ({items})" : "")}";
        return About(run, $"failed{where}{(fault is null ? "" : $": {fault.Code} {fault.Message}")}") with
        {
            Step = step?.Id, StepKind = step?.Kind, Fault = Bounded(fault),
        };
    }

    public static AlertCause Late(RunView run, TimeSpan after, LateFrom from)
    {
        var since = from == LateFrom.Due ? "when it was due" : "its start";
        return About(run, $"has not ended {Durations.ToText(after)} after {since}{(run.Wait is { } wait ? $": it {Verb(wait)}{wait.Text}" : "")}") with
        {
            Waits = run.Wait is { } waits ? Excerpt.Of(waits.Text, TextMax) : null,
        };
    }

    public static AlertCause Stale(DateTimeOffset since, TimeSpan within, bool hasSucceeded) => new(
        $"is stale: no run has succeeded since {Moment(since)}{(hasSucceeded ? "" : ", when it was first watched")}, "
        + $"and one was expected within {Durations.ToText(within)}");

    public static AlertCause Over(AlertOn on, RunId? run) => new(on switch
    {
        AlertOn.Late => "is late no longer",
        AlertOn.Stale => "has succeeded again and is not stale any more",
        _ => "has succeeded again",
    }, run);

    /// <summary>The first step that failed by itself, when there is one.</summary>
    public static StepView? FirstFailed(RunView run) => run.Steps.Where(step => step is { Status: StepStatus.Failed, Fault: not null })
        .OrderBy(step => step.EndedAt ?? DateTimeOffset.MaxValue).FirstOrDefault();

    private static AlertCause About(RunView run, string text) => new(
        Excerpt.Of(text, TextMax), run.Id, run.StartedAt, run.EndedAt, Occasion: run.Occasion, RegisteredVersion: run.RegisteredVersion);

    private static Fault? Bounded(Fault? fault) => fault is null ? null : fault with
    {
        Message = Excerpt.Of(fault.Message, TextMax), Path = Cut(fault.Path), Hint = Cut(fault.Hint), Correlation = null,
    };

    private static string? Cut(string? text) => text is null ? null : Excerpt.Of(text, TextMax / 2);

    /// <summary>Some texts of waits begin with a verb of their own.</summary>
    private static string Verb(Wait wait) =>
        wait.Text.StartsWith("wait", StringComparison.Ordinal) || wait.For is WaitFor.Resume or WaitFor.Retry ? "" : "waits: ";

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

internal static class FailedItems
{
    /// <summary>How many items of the step failed; null: none, or it has no items.</summary>
    public static string? ItemsFailed(this StepView step) =>
        step.Items is { Failed: > 0 } items ? $"{items.Failed.ToString(CultureInfo.InvariantCulture)} of its items" : null;
}
