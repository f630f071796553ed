using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary>Events, debts and runs in words, so that a test that fails shows what happened, and so that two runs can be compared.</summary>
internal static class Saying
{
    public static string Of(RunEvent happened) => happened switch
    {
        RunEvent.RunStarted e => $"started {e.Id} {e.Plan.Version} {Numbers(e.At)} until {Numbers(e.Deadline)} rerun of {e.RerunOf} {Of(e.Refresh)}",
        RunEvent.StageReused e => $"reused {e.Stage} {Numbers(e.At)} {Of(e.Results)} {e.From}",
        RunEvent.StageDispatched e => $"dispatched {e.Stage}#{e.Attempt} {Numbers(e.At)}",
        RunEvent.StageSucceeded e => $"succeeded {e.Stage}#{e.Attempt} {Numbers(e.At)} {Of(e.Results)} {e.ReuseKey}",
        RunEvent.StageRetryScheduled e =>
            $"retries {e.Stage}#{e.Attempt} {Numbers(e.At)} at {Numbers(e.RetryAt)} {e.Step} {e.Fault.Code}",
        RunEvent.StageLost e => $"lost {e.Stage}#{e.Attempt} {Numbers(e.At)}{(e.Died == true ? " died" : "")}",
        RunEvent.StageFailed e => $"failed {e.Stage}#{e.Attempt} {Numbers(e.At)} {e.Step} {e.Fault.Code} {Of(e.Results)}",
        RunEvent.ItemsListed e => $"listed {e.Stage}#{e.Attempt} {Numbers(e.At)} {e.List.Rows} {e.Reused}",
        RunEvent.ItemsSent e => $"sent {e.Stage}#{e.Attempt} {Numbers(e.At)} {string.Join(' ', e.Slices)}",
        RunEvent.ItemsEnded e => $"items ended {e.Stage}#{e.Attempt} {Numbers(e.At)} {e.Done} failed {e.Failed} [{Of(e.Retries)}] kept {e.Kept}/{e.Start} next {e.Next}",
        RunEvent.ItemsHandedBack e => $"handed back {e.Stage}#{e.Attempt} {Numbers(e.At)} {e.Keeps}",
        RunEvent.ItemsLost e => $"items lost {e.Stage}#{e.Attempt} {Numbers(e.At)} {Numbers(e.Until)}{(e.Died == true ? " died" : "")} {e.Why?.Code}",
        RunEvent.ItemsAwait e => $"await {e.Stage}#{e.Attempt} {Numbers(e.At)} [{string.Join(' ', e.Children.Select(child => $"{child.Item}={child.Run.Run}"))}] ended [{Of(e.Ended)}] kept {e.Kept}/{e.Start}",
        RunEvent.ItemRejoined e => $"item rejoined {e.Stage} {Numbers(e.At)} {Of([e.End])}",
        RunEvent.StageBegan e => $"began {e.Stage}#{e.Attempt} {Numbers(e.At)}",
        RunEvent.StageSkipped e => $"skipped {e.Stage} {Numbers(e.At)} {e.Reason}",
        RunEvent.StageCancelled e => $"cancelled {e.Stage} {Numbers(e.At)}",
        RunEvent.StageAwaits e => $"awaits {e.Stage}#{e.Attempt} {Numbers(e.At)} {e.For.Kind} {e.For.Signal} until {Numbers(e.For.Until)}",
        RunEvent.SignalReceived e => $"signal {e.Name} {Numbers(e.At)} {new SpecValue.Map(e.Data)} {e.Key}",
        RunEvent.StageSignalled e => $"signalled {e.Stage} {Numbers(e.At)}",
        RunEvent.StageReviewed e => $"reviewed {e.Stage} {Numbers(e.At)} {e.Approved} {e.By} {e.Comment}",
        RunEvent.StageExpired e => $"expired {e.Stage} {Numbers(e.At)} {e.Fault?.Code} {new SpecValue.Map(e.Values)}",
        RunEvent.StageRejoined e => $"rejoined {e.Stage} {Numbers(e.At)} {e.Fault?.Code} {new SpecValue.Map(e.Values)}",
        RunEvent.StageSkippedByHand e => $"skipped by hand {e.Stage} {Numbers(e.At)} {e.Reason} {e.By}",
        RunEvent.StageSucceededByHand e =>
            $"succeeded by hand {e.Stage} {Numbers(e.At)} {e.Step} {new SpecValue.Map(e.Values)} {e.Reason} {e.By}",
        RunEvent.RunPaused e => $"paused {Numbers(e.At)} {e.Reason} {e.By}",
        RunEvent.RunResumed e => $"resumed {Numbers(e.At)} {e.By}",
        RunEvent.RunRescued e => $"rescued {Numbers(e.At)} {e.From}",
        RunEvent.RunQuarantined e => $"quarantined {Numbers(e.At)} {e.Fault.Code}",
        RunEvent.RunRedriven e => $"redriven {Numbers(e.At)} {e.By}",
        RunEvent.CancelRequested e => $"cancel requested {Numbers(e.At)} {e.Reason}",
        RunEvent.RunTimedOut e => $"timed out {Numbers(e.At)}",
        RunEvent.CompensationBegan e => $"compensation began {Numbers(e.At)}",
        RunEvent.RunEnded e => $"ended {e.Status} {Numbers(e.At)} {e.Fault?.Code}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Of(Debt debt) => debt switch
    {
        Debt.Dispatch d => $"dispatch {d.Stage}#{d.Attempt}",
        Debt.Stop d => $"stop {d.Stage}#{d.Attempt}",
        Debt.Wake d => $"wake {Numbers(d.At)}",
        Debt.StartChild d => $"start child {d.Stage} {d.Child}",
        Debt.StopChild d => $"stop child {d.Stage} {d.Child}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>All that a run is. Two runs that say the same are the same.</summary>
    public static string Of(Run run) => string.Join('\n',
    [
        $"{run.Id} v{run.Version} {run.Status} {run.Plan?.Version} open {run.StagesOpen}/{run.StepsOpen} " +
        $"started {Numbers(run.StartedAt)} ended {Numbers(run.EndedAt)} " +
        $"deadline {Numbers(run.Deadline)} {run.RerunOf} {run.Fault?.Code} {run.FirstFault?.Code} " +
        $"{run.TimedOut} [{string.Join(' ', run.Retries.Select(retry => $"{retry.Stage}@{Numbers(retry.At)}"))}] " +
        $"{(run.Pause is { } pause ? $"paused {Numbers(pause.Since)} {pause.Reason} {pause.By}" : "")} ready [{string.Join(' ', run.Ready)}] " +
        $"mapped [{string.Join(' ', run.Mapped)}] [{string.Join(' ', run.ItemWakes.Select(wake => $"{wake.Stage}@{Numbers(wake.At)}"))}] " +
        $"undoable [{string.Join(' ', run.Undoable)}] {run.IsUndoing} " +
        $"rescued [{string.Join(' ', run.Rescued)}] {(run.Quarantine is { } q ? $"quarantined {Numbers(q.Since)} {q.Fault.Code} {string.Join(' ', q.Lost)}" : "")} " +
        $"limits [{string.Join(' ', run.Limits.Select(limit => $"{limit.Stage}@{Numbers(limit.At)}"))}] " +
        $"{(run.Exists ? Of(run.State().Signals) : "")} {Of(run.Refresh)}",
        .. run.Stages.All().Select(Of),
    ]);

    public static string Of(StageState s) =>
        $"{s.Status}#{s.Attempt} open {s.NeedsOpen} {s.NeedsUnmet} {s.FailedUpstream} retried {s.Retried} lost {s.Lost} died {s.Died} begun {s.Begun} " +
        $"{string.Join(' ', s.RetriedUnder?.Select(rule => $"{rule.Key}:{rule.Value}") ?? [])} " +
        $"{Numbers(s.StartedAt)} {Numbers(s.EndedAt)} {Numbers(s.RetryAt)} {s.FaultStep} {s.Fault?.Code} {s.SkipReason} {Of(s.Results)} " +
        $"{s.Awaits?.Kind} {s.Awaits?.Signal}{s.Awaits?.Child?.Run} {Numbers(s.Awaits?.Until)} {s.ByHand?.Reason} {s.ByHand?.By} {Of(s.Items)} {s.ReusedFrom}";

    private static string Of(Refresh? refresh) =>
        refresh is null ? "" : $"refreshing {(refresh.Everything ? "all" : string.Join(' ', refresh.Steps))}";

    private static string Of(ItemProgress? items) => items is null ? "" :
        $"items {items.Succeeded}+{items.Failed} kept {items.Kept} size {items.Size} unsent [{string.Join(' ', items.Unsent)}] " +
        $"flying [{string.Join(' ', items.Flying)}] retries [{Of(items.Retries)}] unheard [{string.Join(' ', items.Unheard)}] " +
        $"faults {items.Faults.Length} {items.IsGathering} deaths [{string.Join(' ', items.Deaths ?? [])}] " +
        (items.Children is { } c ? $"runs [{string.Join(' ', c.UnderWay.Select(child => $"{child.Item}={child.Run.Run}"))}] ended [{Of(c.Ended)}] noting {c.BeingNoted} {c.Doom?.Code}" : "");

    private static string Of(IEnumerable<ItemEnd> ends) => string.Join(' ', ends.Select(end => $"{end.Item} {end.Fault?.Code}{(end.Stopped ? " stopped" : "")}"));

    private static string Of(IEnumerable<ItemRetry> retries) =>
        string.Join(' ', retries.Select(retry => $"{retry.From}+{retry.Count} try {retry.Tries} at {Numbers(retry.At)}"));

    private static string Of(KeptSignals? signals) => signals is null ? "" :
        $"kept [{string.Join(' ', signals.Signals.Select(s => $"{s.Name}{new SpecValue.Map(s.Data)}"))}] keys [{string.Join(' ', signals.Keys)}] "
        + $"digests [{string.Join(' ', signals.Digests ?? [])}]";

    private static string Of(IEnumerable<StepResult> results) =>
        string.Join(' ', results.Select(r => $"{r.Step}={r.RowsOut}{string.Concat(r.Outputs.Select(Of))}{(r.Values.IsEmpty ? "" : new SpecValue.Map(r.Values))}"));

    private static string Of(StepOutput output) => $"[{output.Port} {output.Dataset?.Ref}]";

    private static string Numbers(DateTimeOffset? at) =>
        at is { } time ? $"t{(time - Given.Noon).TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)}" : "-";
}
