using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Alerts;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>What every run's grain works with: the journal, the planner, the clock, the name of the process.</summary>
/// <param name="Check">Spec → checked plan, all faults at once.</param>
/// <param name="Driver">The process that drives the runs, as entered with the store; null: nobody does.</param>
/// <param name="NewAppendId">A fresh id for an append.</param>
public sealed record RunDesk(
    IRunJournal Journal, Func<PipelineSpec, PlanResult> Check, TimeProvider Clock, string? Driver, Func<Guid> NewAppendId,
    ShellOptions Options)
{
    /// <summary>The outcome of a stage that has no effect and needs no slot, without running it elsewhere; null: it has to be run.</summary>
    public Func<StageWork, StageOutcome?> AtOnce { get; init; } = _ => null;

    /// <summary>What of the runs' ends is being told.</summary>
    public UnderWay Alerts { get; init; } = new();

    /// <summary>Which pipelines are paused.</summary>
    public PauseBoard Pauses { get; init; } = new();

    /// <summary>How runs of other pipelines are started here; null: not at all.</summary>
    public ChildRuns? Children { get; init; }

    /// <summary>The code of the refusal of a start that came too late: somebody else started a run under the same key.</summary>
    public const string Overtaken = "ETL6510";

    private readonly PlanCache _plans = new(Check);

    /// <param name="paused">Null: unless its pipeline is.</param>
    internal Decision Begin(Run run, RunId id, RunCommand.Start start, DateTimeOffset now, PipelinePause? paused = null)
    {
        if (start.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > Options.RunTimeoutMax))
            return Decision.Refuse(FaultKind.Invalid, "ETL4216",
                $"The run's timeout is {timeout}; expected more than 0 and at most {Options.RunTimeoutMax.TotalDays:0} days.");
        if (Math.Abs(start.Priority) > RunCommand.Start.PriorityMax)
            return Decision.Refuse(FaultKind.Invalid, "ETL4251",
                $"The run's priority is {start.Priority}; expected -{RunCommand.Start.PriorityMax} to {RunCommand.Start.PriorityMax}.");
        var plan = _plans.Check(start.Spec);
        if (plan is PlanResult.Faulty wrong) return new Decision.Refused(wrong.Faults);
        var parameters = RunParams.Resolve(start.Spec, start.Params);
        if (parameters is ParamsResult.Faulty faulty) return new Decision.Refused(faulty.Faults);
        start = start with { Params = ((ParamsResult.Complete)parameters).Params };
        return Run.Begin(run, id, ((PlanResult.Checked)plan).Plan, start, now, paused ?? Pauses.Now.Of(start.Spec.Name));
    }

    internal Decision Redrive(Run run, RunCommand.Redrive redrive, DateTimeOffset now) =>
        Run.Redrive(run, redrive, now, run.Exists ? Pauses.Now.Of(run.Plan!.Spec.Name) : null);

    /// <summary>Durable when it returns; returns the version of the newest snapshot. Offered once more when its outcome is not
    /// known, unless the store has waited long for itself: it answers as it did the first time.</summary>
    /// <param name="fence">Of a start that minds other runs; null: there is none.</param>
    /// <exception cref="FaultException">Fenced: somebody else owns the run. Unavailable: the outcome is not known. Conflict: the start was
    /// overtaken, and nothing was stored.</exception>
    internal async Task<long> Append(
        Run before, Run after, ImmutableArray<RunEvent> events, long snapshotVersion, DateTimeOffset now, StartFence? fence = null)
    {
        var snapshot = RunSnapshot.IsDue(after, snapshotVersion, Options) ? RunSnapshot.Write(after) : null;
        var append = RunRecord.Of(NewAppendId(), before, after, events, snapshot, Driver, fence, now);
        AppendOutcome outcome;
        try
        {
            outcome = await Journal.Append(append, CancellationToken.None);
        }
        catch (FaultException e) when (e.Fault.Kind == FaultKind.Unavailable && Clock.GetUtcNow() - now < Options.OfferAgainWithin)
        {
            outcome = await Journal.Append(append, CancellationToken.None);
        }
        if (outcome is AppendOutcome.Overtaken) throw new FaultException(OvertakenFault(after.Id));
        if (outcome is AppendOutcome.Fenced fenced)
            throw new FaultException(new Fault(FaultKind.Fenced, "ETL4212",
                $"Run {after.Id} has {fenced.Version} events where {before.Version} were expected: another process writes to it."));
        return snapshot is null ? snapshotVersion : after.Version;
    }

    internal static Fault OvertakenFault(RunId run) => new(
        FaultKind.Conflict, Overtaken, $"Run {run} was not started: another run of its pipeline and run key was started meanwhile.", null,
        "Start again.");
}
