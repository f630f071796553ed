using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Events as people read them: of steps, where the journal speaks of stages. Its words are a promise, as the journal's are.</summary>
public static class History
{
    /// <summary>The beginning of a fault is enough to know it.</summary>
    private const int MessageCharactersMax = 500;

    /// <summary>The steps of each stage, in their order: what of a plan is needed to tell its events.</summary>
    public static ImmutableArray<ImmutableArray<StepId>> StepsOf(Plan plan) =>
        [.. plan.Stages.Select(stage => stage.Steps.Select(step => plan.Steps[step].Spec.Id).ToImmutableArray())];

    public static HistoryEntry Entry(long number, RunEvent happened, ImmutableArray<ImmutableArray<StepId>> steps)
    {
        return happened switch
        {
            RunEvent.RunStarted e => OfRun("run_started") with { Reason = Origin(e) },
            RunEvent.StageReused e => Of("step_reused", e.Stage) with { Reason = e.From is { } run ? $"from {run}" : null },
            RunEvent.StageDispatched e => Of("step_dispatched", e.Stage, e.Attempt),
            RunEvent.ItemsListed or RunEvent.ItemsSent or RunEvent.ItemsEnded or RunEvent.ItemsHandedBack or RunEvent.ItemsLost
                or RunEvent.ItemsAwait or RunEvent.ItemRejoined => OfItems(happened, (what, stage, attempt) => Of(what, stage, attempt)),
            RunEvent.StageSucceeded e => Of("step_succeeded", e.Stage, e.Attempt),
            RunEvent.StageRetryScheduled e => Of("step_retry_scheduled", e.Stage, e.Attempt) with
            {
                RetryAt = e.RetryAt, FaultStep = e.Step, Fault = Short(e.Fault),
            },
            RunEvent.StageLost e => Of("step_lost", e.Stage, e.Attempt) with { Reason = Gone(e.Died) },
            RunEvent.StageFailed e => Of("step_failed", e.Stage, e.Attempt == Attempt.None ? null : e.Attempt) with
            {
                FaultStep = e.Step, Fault = Short(e.Fault),
            },
            RunEvent.StageSkipped e => Of("step_skipped", e.Stage) with { Reason = e.Reason },
            RunEvent.StageCancelled e => Of("step_cancelled", e.Stage),
            RunEvent.StageAwaits e => Of("step_awaits", e.Stage, e.Attempt) with { Reason = e.For.Child is { } child ? $"run {child.Run}" : null },
            RunEvent.StageRejoined e => Of("step_rejoined", e.Stage) with { Fault = e.Fault is { } fault ? Short(fault) : null },
            RunEvent.SignalReceived e => OfRun("signal_received") with { Reason = e.Key is null ? e.Name : $"{e.Name}, key {e.Key}" },
            RunEvent.StageSignalled e => Of("step_signalled", e.Stage),
            RunEvent.StageReviewed e => Of(e.Approved ? "step_approved" : "step_rejected", e.Stage) with { Reason = Who(e.Comment, e.By) },
            RunEvent.StageExpired e => Of("step_expired", e.Stage) with { Fault = e.Fault is { } fault ? Short(fault) : null },
            RunEvent.StageSkippedByHand e => Of("step_skipped_by_hand", e.Stage) with { Reason = Who(e.Reason, e.By) },
            RunEvent.StageSucceededByHand e => Of("step_succeeded_by_hand", e.Stage) with { Reason = Who(e.Reason, e.By) },
            RunEvent.RunPaused e => OfRun("run_paused") with { Reason = Who(e.WithPipeline ? $"with its pipeline: {e.Reason}" : e.Reason, e.By) },
            RunEvent.RunResumed e => OfRun("run_resumed") with { Reason = e.WithPipeline ? "with its pipeline" : Who(null, e.By) },
            RunEvent.StageBegan e => Of("step_began", e.Stage, e.Attempt) with { Reason = "alone, since its process died before" },
            RunEvent.RunRescued e => OfRun("run_rescued") with { Reason = $"its process died: {e.From}" },
            RunEvent.RunQuarantined e => OfRun("run_quarantined") with { Fault = Short(e.Fault) },
            RunEvent.RunRedriven e => OfRun("run_redriven") with { Reason = Who(null, e.By) },
            RunEvent.CancelRequested e => OfRun("cancel_requested") with { Reason = Who(e.Reason, e.By) },
            RunEvent.RunTimedOut => OfRun("run_timed_out"),
            RunEvent.CompensationBegan => OfRun("compensation_began"),
            RunEvent.RunEnded e => OfRun("run_ended") with { Status = e.Status, Fault = e.Fault is { } fault ? Short(fault) : null },
            _ => throw new UnreachableException(happened.GetType().Name),
        };

        HistoryEntry OfRun(string what) => new(number, happened.At, what, []);
        HistoryEntry Of(string what, int stage, Attempt? attempt = null) => new(number, happened.At, what, steps[stage], attempt);
    }

    private static HistoryEntry OfItems(RunEvent happened, Func<string, int, Attempt?, HistoryEntry> of)
    {
        return happened switch
        {
            RunEvent.ItemsListed e => of("step_items_listed", e.Stage, e.Attempt) with { Reason = $"{e.List.Rows} items" },
            RunEvent.ItemsSent e => of("step_items_sent", e.Stage, e.Attempt) with { Reason = Sent(e.Slices) },
            RunEvent.ItemsEnded e => of("step_items_ended", e.Stage, e.Attempt) with
            {
                Reason = $"{e.Done} done" + (e.Failed > 0 ? $", {e.Failed} failed" : "")
                    + (e.Retries.IsEmpty ? "" : $", {e.Retries.Sum(retry => retry.Count)} are tried again"),
                RetryAt = e.Retries.IsEmpty ? null : e.Retries[0].At,
                Fault = e.Faults is [var first, ..] ? Short(first.Fault) : null,
            },
            RunEvent.ItemsHandedBack e => of("step_items_handed_back", e.Stage, e.Attempt) with { Reason = $"it keeps {e.Keeps}: one takes long" },
            RunEvent.ItemsLost e => of("step_items_lost", e.Stage, e.Attempt) with
            {
                Reason = e.Why is null ? Gone(e.Died) : null, RetryAt = e.Until, Fault = e.Why is { } why ? Short(why) : null,
            },
            RunEvent.ItemsAwait e => of("step_items_await", e.Stage, e.Attempt) with
            {
                Reason = Began(e.Children), Fault = e.Ended is [{ Fault: { } unfit }, ..] ? Short(unfit) : null,
            },
            RunEvent.ItemRejoined e => of("step_item_rejoined", e.Stage, null) with
            {
                Reason = $"item {e.End.Item}: run {e.End.Run}", Fault = e.End.Fault is { } fault ? Short(fault) : null,
            },
            _ => throw new UnreachableException(happened.GetType().Name),
        };
    }

    private static string Gone(bool? died) => died == true ? "its process died" : "nobody runs it any more";

    private static string? Origin(RunEvent.RunStarted started) =>
        started.RerunOf is { } earlier ? $"repeats {earlier}"
        : started.Occasion?.Schedule is { } schedule ? $"by schedule {schedule}"
        : started.Occasion?.Trigger is { } trigger ? $"by trigger {trigger.Id}"
        : started.Parent is { } parent ? $"by step {parent.Step} of {parent.Run}"
        : null;

    private static string Sent(ImmutableArray<int> slices)
    {
        var items = 0;
        for (var i = 1; i < slices.Length; i += 3) items += slices[i];
        return $"{items} items in {slices.Length / 3} slices, from item {slices[0]}";
    }

    private static string? Began(ImmutableArray<ItemChild> children) => children switch
    {
        [] => null,
        [var one] => $"item {one.Item}: run {one.Run.Run}",
        [var first, ..] => $"{children.Length} items from item {first.Item}: run {first.Run.Run} and others",
    };

    private static string? Who(string? reason, string? by) => by is null ? reason : reason is null ? $"by {by}" : $"by {by}: {reason}";

    private static Fault Short(Fault fault) =>
        fault with { Message = Excerpt.Of(FirstLine(fault.Message), MessageCharactersMax), Hint = null };

    private static string FirstLine(string text)
    {
        text = text.TrimStart();
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }
}
