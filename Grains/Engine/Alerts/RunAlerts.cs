namespace OrleansEtl.Engine.Alerts;

/// <summary>What the alerts of a pipeline say of one run, by the definition that it began with.</summary>
public static class RunAlerts
{
    private const string Checks = "check.";

    /// <summary>When a run that begins now is late; null: never.</summary>
    public static DateTimeOffset? LateAt(PipelineSpec spec, RunOccasion? occasion, DateTimeOffset now)
    {
        if (spec.Alert(AlertOn.Late) is not { After: { } after } rule) return null;
        var isDue = rule.From == LateFrom.Due && occasion is { Schedule: not null, Backfill: null };
        return (isDue && occasion!.IntervalEnd < now ? occasion.IntervalEnd : now) + after;
    }

    /// <summary>What is heard of a run that has ended.</summary>
    public static News.Ended Ended(PipelineSpec spec, RunView run)
    {
        var at = run.EndedAt ?? run.StartedAt;
        if (run.Status != RunStatus.Failed) return new News.Ended(run.Id, run.Status, at);
        var isCheck = AlertCause.FirstFailed(run)?.Kind.StartsWith(Checks, StringComparison.Ordinal) == true;
        var rule = (isCheck ? spec.Alert(AlertOn.CheckFailed) : null) ?? spec.Alert(AlertOn.Failed);
        return new News.Ended(run.Id, run.Status, at, rule, rule is null ? null : AlertCause.Failed(run));
    }

    /// <summary>What is heard of a run whose time is up. Time does not count while it is paused, nor, unless the rule says so, while it waits
    /// for people.</summary>
    public static News Overdue(PipelineSpec spec, RunView run, DateTimeOffset now)
    {
        if (run.Status.IsTerminal()) return Ended(spec, run);
        if (spec.Alert(AlertOn.Late) is not { After: { } after } rule) return new News.Tick();
        return run.Wait is { } wait && IsHeld(wait.For, rule) ? new News.Held(run.Id, wait.Since ?? now)
            : new News.Late(run.Id, rule, AlertCause.Late(run, after, rule.From));
    }

    private static bool IsHeld(WaitFor waitsFor, AlertRule rule) => waitsFor switch
    {
        WaitFor.Resume => true,
        WaitFor.Approval or WaitFor.Signal => !rule.WhileWaiting,
        _ => false,
    };
}
