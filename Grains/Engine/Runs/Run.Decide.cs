using System.Diagnostics;
using OrleansEtl.Engine.Retry;

namespace OrleansEtl.Engine.Runs;

public sealed partial record Run
{
    /// <summary>A stage whose process goes this often, even if it only leaves, is given up.</summary>
    public const int LossesMax = 100;

    /// <summary>What the command makes happen to a run that exists. Decides, changes nothing.</summary>
    public static Decision Decide(Run run, RunCommand command, DateTimeOffset now)
    {
        if (!run.Exists)
            return Decision.Refuse(FaultKind.NotFound, "ETL4201", "There is no such run.", "List runs with: etl runs list");
        return command switch
        {
            RunCommand.Start start => DecideAgain(run, start),
            RunCommand.Report report => DecideReport(run, report, now),
            RunCommand.HandBack back => DecideHandBack(run, back, now),
            RunCommand.Begin begin => DecideBegin(run, begin, now),
            RunCommand.Lose lose => DecideLoss(run, lose, now),
            RunCommand.Cancel cancel => DecideCancel(run, cancel, now),
            RunCommand.Pause pause => DecidePause(run, pause, now),
            RunCommand.Resume resume => DecideResume(run, resume, now),
            RunCommand.Rescue rescue => DecideRescue(run, rescue, now),
            RunCommand.Redrive redrive => Redrive(run, redrive, now),
            RunCommand.Skip skip => DecideSkip(run, skip, now),
            RunCommand.Succeed succeed => DecideSucceed(run, succeed, now),
            RunCommand.Signal signal => DecideSignal(run, signal, now),
            RunCommand.Review review => DecideReview(run, review, now),
            RunCommand.ChildEnded ended => DecideChildEnded(run, ended, now),
            RunCommand.Elapse => DecideElapse(run, now),
            _ => throw new UnreachableException(command.GetType().Name),
        };
    }

    private static Decision DecideReport(Run run, RunCommand.Report report, DateTimeOffset now)
    {
        if (Stale(run, report.Stage, report.Attempt) is { } stale) return stale;
        report = run.Answers(report) ? report : report with { Outcome = run.Beside(report) };
        if (run.Slice(report.Stage, report.Attempt) is { } slice) return DecideItems(run, report, slice, now);
        var draft = new Draft(run);
        var (stage, attempt) = (report.Stage, report.Attempt);
        switch (report.Outcome)
        {
            case StageOutcome.Succeeded succeeded:
                draft.Add(succeeded.ReusedFrom is { } from ? new RunEvent.StageReused(now, stage, succeeded.Results, from)
                    : run.Stages[stage].Items is null
                        ? new RunEvent.StageSucceeded(now, stage, attempt, succeeded.Results, succeeded.ReuseKey)
                        : EndOfItems(run, report, succeeded.Results, now));
                AdvanceFed(draft, stage, now);
                break;
            case StageOutcome.Listed listed:
                draft.Add(new RunEvent.ItemsListed(now, stage, attempt, listed.List, listed.Reused, listed.Left));
                GoOnWithItems(draft, stage, now);
                break;
            case StageOutcome.Failed failed:
                Fail(draft, stage, attempt, failed, now);
                break;
            case StageOutcome.Stopped when run.Status == RunStatus.Cancelling:
                draft.Add(new RunEvent.StageCancelled(now, stage));
                AdvanceFed(draft, stage, now);
                break;
            case StageOutcome.Stopped: // its process ends, the run does not
                Lose(draft, stage, attempt, died: false, now);
                break;
            default: throw new UnreachableException(report.Outcome.GetType().Name);
        }
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static Decision DecideLoss(Run run, RunCommand.Lose lose, DateTimeOffset now)
    {
        if (Stale(run, lose.Stage, lose.Attempt) is { } stale) return stale;
        var draft = new Draft(run);
        if (run.Slice(lose.Stage, lose.Attempt) is null) Lose(draft, lose.Stage, lose.Attempt, lose.Died, now);
        else
        {
            LoseItems(draft, lose.Stage, lose.Attempt, null, now, lose.Died);
            GoOnWithItems(draft, lose.Stage, now);
        }
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static Decision DecideCancel(Run run, RunCommand.Cancel cancel, DateTimeOffset now)
    {
        if (run.Status.IsTerminal()) return HasEnded(run);
        if (run.Status == RunStatus.Cancelling) return Decision.Nothing;
        if (IsBeingUndone(run) is { } undone) return undone;
        var draft = new Draft(run);
        draft.Add(new RunEvent.CancelRequested(now, cancel.Reason, cancel.By));
        StopWaiting(draft, now);
        return draft.Done();
    }

    private static Decision DecideElapse(Run run, DateTimeOffset now)
    {
        if (run.Status is not (RunStatus.Running or RunStatus.Paused or RunStatus.Compensating)) return Decision.Nothing;
        var draft = new Draft(run);
        if (run.Deadline <= now && !run.IsUndoing)
        {
            draft.Add(new RunEvent.RunTimedOut(now));
            StopWaiting(draft, now);
            return draft.Done();
        }
        if (!run.IsHeld) TryAgain(draft, now);
        Expire(draft, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    /// <summary>Starts the retries that are due.</summary>
    private static void TryAgain(Draft draft, DateTimeOffset now)
    {
        while (!draft.Run.Retries.IsEmpty && draft.Run.Retries.Min.At <= now)
        {
            var stage = draft.Run.Retries.Min.Stage;
            draft.Add(new RunEvent.StageDispatched(now, stage, draft.Run.Stages[stage].Attempt.Next()));
        }
        while (!draft.Run.ItemWakes.IsEmpty && draft.Run.ItemWakes.Min.At <= now) GoOnWithItems(draft, draft.Run.ItemWakes.Min.Stage, now);
    }

    /// <summary>The fence: only the current attempt of a stage that runs is heard.</summary>
    private static Decision.Refused? Stale(Run run, int stage, Attempt attempt)
    {
        if (stage < 0 || stage >= run.Stages.Count)
            return Decision.Refuse(FaultKind.NotFound, "ETL4206", $"Run {run.Id} has no stage {stage}.");
        var state = run.Stages[stage];
        if (run.IsCurrent(stage, attempt) && !run.Status.IsTerminal()) return null;
        return Decision.Refuse(FaultKind.Fenced, "ETL4207",
            $"Attempt {attempt} of stage {stage} is not the current one (attempt {state.Attempt}, {state.Status.Word()}).");
    }

    private static void Fail(Draft draft, int stage, Attempt attempt, StageOutcome.Failed failed, DateTimeOffset now)
    {
        var state = draft.Run.Stages[stage];
        var retry = draft.Run.Planned(stage).Retry;
        var chance = Backoff.Chance(draft.Run.Id, stage, attempt);
        if (draft.Run.Status != RunStatus.Cancelling
            && RetryPolicy.Wait(retry, failed.Fault, state.Retried, state.RetriedUnder, chance) is { } wait)
        {
            draft.Add(new RunEvent.StageRetryScheduled(now, stage, attempt, failed.Step, failed.Fault, now + wait));
            return;
        }
        draft.Add(new RunEvent.StageFailed(now, stage, attempt, failed.Step, failed.Fault, failed.Results));
        AdvanceFed(draft, stage, now);
    }

    private static void Lose(Draft draft, int stage, Attempt attempt, bool died, DateTimeOffset now)
    {
        died = died && draft.Run.MayHaveKilled(stage, attempt);
        if (died && Deadly(draft.Run, stage, attempt) is { } deadly)
        {
            LeaveAlone(draft, deadly, (stage, attempt), now);
            return;
        }
        draft.Add(new RunEvent.StageLost(now, stage, attempt, died ? true : null));
        if (draft.Run.Status == RunStatus.Cancelling)
            draft.Add(new RunEvent.StageCancelled(now, stage));
        else if (draft.Run.Stages[stage].Lost >= LossesMax)
            draft.Add(new RunEvent.StageFailed(now, stage, attempt, draft.Run.FirstStep(stage), new Fault(
                FaultKind.Exhausted, "ETL4208", $"The process that ran step {draft.Run.FirstStep(stage)} went {LossesMax} times."), []));
        else if (draft.Run.IsHeld) return;
        else
        {
            draft.Add(new RunEvent.StageDispatched(now, stage, attempt.Next()));
            return;
        }
        AdvanceFed(draft, stage, now);
    }

    /// <summary>Ends all that waits; what runs is owed a stop and reports that it was stopped, and so does a child that is not abandoned.</summary>
    private static void StopWaiting(Draft draft, DateTimeOffset now)
    {
        for (var stage = 0; stage < draft.Run.Stages.Count; stage++)
            if (!draft.Run.Compensates(stage)
                && draft.Run.Stages[stage].Status is (StepStatus.Waiting or StepStatus.Retrying or StepStatus.Awaiting)
                && draft.Run.ChildOf(stage) is not { Abandoned: false })
                draft.Add(new RunEvent.StageCancelled(now, stage));
        foreach (var stage in draft.Run.Mapped) GoOnWithItems(draft, stage, now);
        EndIfAllEnded(draft, now);
    }

    private static void AdvanceFed(Draft draft, int ended, DateTimeOffset now)
    {
        // A worklist, not recursion: a chain of ten thousand skipped stages must not overflow the stack.
        var pending = new Queue<int>(draft.Run.Planned(ended).Feeds);
        while (pending.TryDequeue(out var stage))
        {
            if (!Advance(draft, stage, now)) continue;
            foreach (var fed in draft.Run.Planned(stage).Feeds) pending.Enqueue(fed);
        }
    }

    /// <summary>Starts, skips or fails a stage all of whose needs have ended. Says whether that ended it.</summary>
    private static bool Advance(Draft draft, int stage, DateTimeOffset now)
    {
        var (run, state) = (draft.Run, draft.Run.Stages[stage]);
        if (state.Status != StepStatus.Waiting || state.NeedsOpen > 0 || run.Status != RunStatus.Running || run.Compensates(stage)) return false;
        draft.Add(Admission.Of(run, stage, now) switch
        {
            Admission.Enter => new RunEvent.StageDispatched(now, stage, Attempt.None.Next()),
            Admission.Await wait => new RunEvent.StageAwaits(now, stage, Attempt.None.Next(), wait.For),
            Admission.Skip skip => new RunEvent.StageSkipped(now, stage, skip.Reason),
            Admission.Reject reject => new RunEvent.StageFailed(now, stage, Attempt.None, reject.Step, reject.Fault, []),
            _ => throw new UnreachableException(),
        });
        if (draft.Run.Stages[stage].Status == StepStatus.Awaiting) Settle(draft, stage, now);
        return draft.Run.Stages[stage].Status.IsTerminal();
    }

    private static void EndIfAllEnded(Draft draft, DateTimeOffset now)
    {
        if (draft.Run.StagesOpen > 0 && (draft.Run.Plan!.Compensations.Count == 0 || !Undo(draft, now))) return;
        draft.Add(End(draft.Run, now));
    }

    internal StepId FirstStep(int stage) => Plan!.Steps[Planned(stage).Steps[0]].Spec.Id;
}
