using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>What every run's grain works with: the journal, the planner, the clock, the name of the process.</summary>
/// <param name="Check">Spec → checked plan, all faults at once.</param>
/// <param name="Driver">The process that drives the runs, as entered with the store.</param>
/// <param name="NewAppendId">A fresh id for an append.</param>
public sealed record RunDesk(
    IRunJournal Journal, Func<PipelineSpec, PlanResult> Check, TimeProvider Clock, string Driver, Func<Guid> NewAppendId,
    ShellOptions Options)
{
    internal Decision Begin(Run run, RunId id, RunCommand.Start start, DateTimeOffset now)
    {
        if (start.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > Options.RunTimeoutMax))
            return Decision.Refuse(FaultKind.Invalid, "ETL4216",
                $"The run's timeout is {timeout}; expected more than 0 and at most {Options.RunTimeoutMax.TotalDays:0} days.");
        var plan = Check(start.Spec);
        if (plan is PlanResult.Faulty wrong) return new Decision.Refused(wrong.Faults);
        var parameters = RunParams.Resolve(start.Spec, start.Params);
        if (parameters is ParamsResult.Faulty faulty) return new Decision.Refused(faulty.Faults);
        start = start with { Params = ((ParamsResult.Complete)parameters).Params };
        return Run.Begin(run, id, ((PlanResult.Checked)plan).Plan, start, now);
    }

    /// <summary>Durable when it returns. Offered once more when its outcome is not known: the store answers as it did the first
    /// time.</summary>
    /// <exception cref="FaultException">Fenced: somebody else owns the run. Unavailable: the outcome is not known.</exception>
    internal async Task Append(Run before, Run after, ImmutableArray<RunEvent> events, DateTimeOffset now)
    {
        var append = RunRecord.Of(NewAppendId(), before, after, events, Driver, now);
        AppendOutcome outcome;
        try
        {
            outcome = await Journal.Append(append, CancellationToken.None);
        }
        catch (FaultException e) when (e.Fault.Kind == FaultKind.Unavailable)
        {
            outcome = await Journal.Append(append, CancellationToken.None);
        }
        if (outcome is AppendOutcome.Fenced fenced)
            throw new FaultException(new Fault(FaultKind.Fenced, "ETL4212",
                $"Run {after.Id} has {fenced.Version} events where {before.Version} were expected: another process writes to it."));
    }
}
