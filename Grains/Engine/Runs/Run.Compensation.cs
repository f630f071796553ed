using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Undoing what has succeeded in a run that fails or is cancelled. It begins when all that had to end has ended, handlers of failure
/// too; it goes from the newest success to the oldest, one after another; each is undone at most once, by a step with retries of its own.
/// One that cannot be undone does not keep the others from it. Nobody stops it half-way, and the run's own time does not count.</summary>
public sealed partial record Run
{
    internal bool Compensates(int stage) => Planned(stage).Condition is StepCondition.Compensation;

    private bool HasFailed => TimedOut || Fault is not null || FirstFault is not null;

    /// <summary>Says whether nothing is left to undo.</summary>
    private static bool Undo(Draft draft, DateTimeOffset now)
    {
        var plan = draft.Run.Plan!;
        var open = plan.Compensations.Values.Where(stage => !draft.Run.Stages[stage].Status.IsTerminal()).Order().ToArray();
        if (draft.Run.StagesOpen > open.Length) return false; // others have not ended
        foreach (var stage in open)
            if (WhyNot(draft.Run, stage) is { } reason) draft.Add(new RunEvent.StageSkipped(now, stage, reason));
        if (draft.Run.StagesOpen == 0) return true;
        if (draft.Run.IsHeld) return false;
        if (!draft.Run.IsUndoing) draft.Add(new RunEvent.CompensationBegan(now));
        for (var i = draft.Run.Undoable.Length - 1; i >= 0; i--)
        {
            var stage = plan.Compensations[draft.Run.Undoable[i]];
            var status = draft.Run.Stages[stage].Status;
            if (status.IsTerminal()) continue;
            if (status != StepStatus.Waiting) return false; // it is being undone
            draft.Add(Admission.Filled(draft.Run, stage, now) is Admission.Reject reject
                ? new RunEvent.StageFailed(now, stage, Attempt.None, reject.Step, reject.Fault, [])
                : new RunEvent.StageDispatched(now, stage, Attempt.None.Next()));
            if (!draft.Run.Stages[stage].Status.IsTerminal()) return false;
        }
        return true;
    }

    /// <summary>Why there is nothing to undo; null: there is.</summary>
    private static string? WhyNot(Run run, int stage)
    {
        var compensated = run.Planned(stage).Needs[0];
        if (!run.HasFailed) return "the run succeeded";
        var status = run.Stages[compensated].Status;
        return run.Undoable.Contains(compensated) ? null
            : $"{run.FirstStep(compensated)} {(status == StepStatus.Failed ? "failed" : $"was {status.Word()}")}";
    }

    /// <summary>The end of a run whose stages have all ended.</summary>
    private static RunEvent.RunEnded End(Run run, DateTimeOffset now)
    {
        var end = run switch
        {
            { TimedOut: true } => new RunEvent.RunEnded(now, RunStatus.Failed, new Fault(
                FaultKind.Exhausted, "ETL4204", "The run's own time was up.", null, "Give it more with --timeout.")),
            { Fault: { } cancelled } => new RunEvent.RunEnded(now, RunStatus.Cancelled, cancelled),
            { FirstFault: { } fault } => new RunEvent.RunEnded(now, RunStatus.Failed, fault),
            _ => new RunEvent.RunEnded(now, RunStatus.Succeeded, null),
        };
        var left = run.Plan!.Compensations.Values.Where(stage => run.Stages[stage].Status == StepStatus.Failed).Order().ToArray();
        return left is [] ? end : end with { Status = RunStatus.Failed, Fault = Both(run, end.Fault!, left) };
    }

    private static Fault Both(Run run, Fault first, int[] left)
    {
        var undone = run.Stages[left[0]].Fault!;
        var more = left.Length > 1 ? $", and so did {left.Length - 1} more" : "";
        return new Fault(FaultKind.Conflict, "ETL6411",
            $"{first.Code} {first.Message} What step {run.FirstStep(run.Planned(left[0]).Needs[0])} did is not undone: "
            + $"{run.FirstStep(left[0])} failed{more}: {undone.Code} {undone.Message}",
            null, $"Undo by hand what is left: etl runs show {run.Id}");
    }

    private static Decision.Refused? IsBeingUndone(Run run) => !run.IsUndoing ? null : Decision.Refuse(
        FaultKind.Conflict, "ETL6412", $"Run {run.Id} undoes what it did, and is not stopped half-way.",
        $"A step that hangs can be skipped: etl runs skip {run.Id} STEP --reason TEXT");
}
