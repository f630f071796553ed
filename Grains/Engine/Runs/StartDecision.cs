using System.Collections.Immutable;

namespace OrleansEtl.Engine.Runs;

/// <summary>What a start that minds other runs does, given those that there are.</summary>
public abstract record StartDecision
{
    private StartDecision() { }

    public sealed record Go : StartDecision;
    public sealed record Use(RunId Run) : StartDecision;
    public sealed record Cancel(ImmutableArray<RunId> Runs) : StartDecision;
    public sealed record Refuse(Fault Fault) : StartDecision;

    /// <param name="unfinished">Those that go on, newest first: of the run key, or without one all of the pipeline.</param>
    /// <param name="ended">The newest of the run key that has ended; null: none, or there is no run key.</param>
    /// <param name="status">Of <paramref name="ended"/>.</param>
    public static StartDecision Of(StartRules rules, ImmutableArray<RunId> unfinished, RunId? ended, RunStatus? status)
    {
        if (!unfinished.IsEmpty)
        {
            switch (rules.OnConflict)
            {
                case OnConflict.Reject: return new Refuse(GoesOn(rules, unfinished[0]));
                case OnConflict.UseExisting: return new Use(unfinished[0]);
                case OnConflict.CancelOther: return new Cancel(unfinished);
            }
        }
        var isRefused = rules.OnEnded switch
        {
            OnEnded.OnlyIfFailed => status == RunStatus.Succeeded,
            OnEnded.Reject => ended is not null,
            _ => false,
        };
        return isRefused ? new Refuse(HasEnded(rules, ended!.Value, status!.Value)) : new Go();
    }

    /// <summary>What is wrong with the rules themselves; null when nothing is.</summary>
    public static Fault? Wrong(StartRules rules)
    {
        if (rules.RunKey is { Length: 0 or > StartRules.RunKeyLengthMax } key)
            return new Fault(FaultKind.Invalid, "ETL6514", $"The run key has {key.Length} characters; expected 1 to {StartRules.RunKeyLengthMax}.");
        return rules.RunKey is null && rules.OnEnded != OnEnded.Allow
            ? new Fault(FaultKind.Invalid, "ETL6515", "A rule for ended runs is given without a run key: it is about the last run of one.", null,
                "Give the run a key: --run-key 2026-11-21")
            : null;
    }

    private static Fault GoesOn(StartRules rules, RunId run) => new(FaultKind.Conflict, "ETL6511",
        $"Run {run}{About(rules)} goes on, and on_conflict is reject.", null,
        $"Look at it with: etl runs show {run}; or start with --on-conflict use_existing, cancel_other or allow.");

    private static Fault HasEnded(StartRules rules, RunId run, RunStatus status) => new(FaultKind.Conflict, "ETL6512",
        $"Run {run}{About(rules)} has {(status == RunStatus.Cancelled ? "been cancelled" : status.Word())}, "
        + $"and on_ended is {StartWords.OnEndeds[(int)rules.OnEnded]}.", null,
        $"Look at it with: etl runs show {run}; or start with --on-ended allow.");

    private static string About(StartRules rules) => rules.RunKey is { } key ? $" of run key '{key}'" : "";
}
