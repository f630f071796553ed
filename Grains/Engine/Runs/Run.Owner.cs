using System.Diagnostics;

namespace OrleansEtl.Engine.Runs;

/// <summary>How far an owner may trust the run that it holds: for a moment there can be two of them, and only an append shows which one is
/// old.</summary>
public sealed partial record Run
{
    /// <summary>Whether the run may have gone on without this owner, who must then read it again before it decides. Attempts are
    /// spoken of only after they are stored, so one that this run has not made was made by another owner; and a run that did not
    /// exist may have been started by one. A start needs no such care: its append would be fenced. What people wish is fenced too, unless it
    /// would change nothing: that, nobody is told on an old view.</summary>
    public static bool IsBehind(Run run, RunCommand command)
    {
        return command switch
        {
            RunCommand.Start => false,
            RunCommand.Report report => HasNotMade(run, report.Stage, report.Attempt),
            RunCommand.Begin begin => HasNotMade(run, begin.Stage, begin.Attempt),
            RunCommand.Lose lose => HasNotMade(run, lose.Stage, lose.Attempt),
            RunCommand.HandBack back => HasNotMade(run, back.Stage, back.Attempt),
            RunCommand.Cancel or RunCommand.Elapse or RunCommand.Rescue => !run.Exists,
            RunCommand.ChildEnded ended => !run.Exists || Decide(run, ended, run.StartedAt) is not Decision.Accepted { Events.IsEmpty: false },
            RunCommand.Pause or RunCommand.Resume or RunCommand.Redrive or RunCommand.Skip or RunCommand.Succeed or RunCommand.Signal
                or RunCommand.Review =>
                MayChange(run, command) && Decide(run, command, run.StartedAt) is not Decision.Accepted { Events.IsEmpty: false },
            _ => throw new UnreachableException(command.GetType().Name),
        };
    }

    /// <summary>Whether the attempt is another owner's, which knows more of the run.</summary>
    public static bool HasNotMade(Run run, int stage, Attempt attempt) =>
        !run.Exists || stage >= 0 && stage < run.Stages.Count && attempt.Number > run.Stages[stage].Attempt.Number;

    /// <summary>Whether nothing runs: such a run waits for time or people, and hears nothing by which it could learn that another owner has
    /// gone on without it. Who is called to go on with it reads it again.</summary>
    public static bool IsIdle(Run run)
    {
        for (var stage = 0; stage < run.Stages.Count; stage++)
            if (run.Stages[stage] is { Status: StepStatus.Running } state && state.Items is not { IsGathering: false, Flying.IsEmpty: true }) return false;
        return true;
    }

    /// <summary>Whether what this run answers to a wish could still become another answer.</summary>
    private static bool MayChange(Run run, RunCommand wish) =>
        !run.Exists || Closed(run) is null && !(wish is RunCommand.Signal signal && run.Signals.Has(signal.Name, signal.Key));

    /// <summary>Whether somebody still works under that name: for the run, or in that attempt of a stage.</summary>
    public static bool IsAtWork(Run run, int? stage, Attempt attempt) =>
        run.Exists && !run.Status.IsAtRest() && (stage is not { } one || !IsOutdated(run, one, attempt));

    /// <summary>Whether the attempt works for nobody any more. One that this run does not know yet may be another owner's.</summary>
    public static bool IsOutdated(Run run, int stage, Attempt attempt) =>
        stage < 0 || run.Exists && stage >= run.Stages.Count
        || run.Exists && attempt.CompareTo(run.Stages[stage].Attempt) <= 0 && (!run.IsCurrent(stage, attempt) || run.IsHalted(stage));
}
