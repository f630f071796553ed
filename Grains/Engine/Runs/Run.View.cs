using System.Collections.Immutable;
using System.Globalization;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

public sealed partial record Run
{
    /// <summary>Steps named in <see cref="StepView.Waiting"/>: a step may wait for ten thousand.</summary>
    private const int WaitsNamedMax = 3;

    /// <summary>The run as people see it.</summary>
    /// <param name="progress">How far running steps are; not part of the run.</param>
    /// <param name="hindrance">What keeps an attempt from running although the run has sent it off; not part of the run. Asked for
    /// current attempts only, so that what held up an earlier one is never shown.</param>
    /// <param name="whole">What keeps the whole run from going on; not part of the run.</param>
    public RunView View(
        IReadOnlyDictionary<StepId, StepProgress>? progress = null, Func<int, Attempt, Wait?>? hindrance = null, Wait? whole = null)
    {
        ImmutableArray<StepView> steps =
            [.. Plan!.Steps.Select(step => View(step, progress?.GetValueOrDefault(step.Spec.Id), hindrance))];
        return new RunView(
            Id, Plan.Spec.Name, Plan.Version, Status, Version, StartedAt, EndedAt, Params, RerunOf, Quarantine?.Fault ?? Fault, steps,
            Status.IsTerminal() ? null : LeftAlone() ?? whole ?? Paused() ?? Waits(steps), Pause, RegisteredVersion, Occasion, RunKey, Parent,
            Quarantine, Cancelled);
    }

    private Wait? LeftAlone() => Quarantine is not { } quarantine ? null : new Wait(
        WaitFor.Redrive, $"is quarantined until it is redriven: {quarantine.Fault.Message}", quarantine.Since);

    private Wait? Paused() => Pause is not { } pause ? null : new Wait(
        WaitFor.Resume, $"is paused{(pause.WithPipeline ? " with its pipeline" : "")}: {pause.Reason}", pause.Since);

    /// <summary>One step as people see it.</summary>
    public StepView View(int position) => View(Plan!.Steps[position], null, null);

    private StepView View(PlannedStep step, StepProgress? progress, Func<int, Attempt, Wait?>? hindrance)
    {
        var stage = Stages[step.Stage];
        var result = Result(step);
        var mine = stage.FaultStep is null || stage.FaultStep == step.Spec.Id;
        var wait = WaitOf(step.Stage, stage, hindrance);
        var isHeldUp = stage.Status == StepStatus.Running && wait is not null;
        var status = isHeldUp ? wait!.For == WaitFor.Run ? StepStatus.Awaiting : StepStatus.Waiting
            : stage.Status == StepStatus.Failed && !mine ? StepStatus.Skipped : stage.Status;
        return new StepView(
            step.Spec.Id, step.Spec.Kind, step.Stage, status, stage.Items is null ? stage.Attempt.Number : stage.Retried + 1, step.Spec.DependsOn,
            isHeldUp && wait!.For is (WaitFor.Slot or WaitFor.Limit) && stage.Attempt.Number == 1 ? null : stage.StartedAt, stage.EndedAt,
            result?.RowsIn, result?.RowsOut, result?.RowsRejected,
            mine ? Placed(stage.Fault, step) : null, wait?.Text ?? Why(stage, step.Spec.Id, mine), result?.Outputs ?? [], result?.Values ?? [],
            status == StepStatus.Running && stage.Items is null ? progress : null, wait, stage.Awaits, stage.ByHand, stage.Items?.Counts,
            stage.ReusedFrom);
    }

    /// <summary>When nothing runs, the whole run waits for what the first of its steps waits for that does not wait for others.</summary>
    private static Wait? Waits(ImmutableArray<StepView> steps)
    {
        Wait? first = null;
        foreach (var step in steps)
        {
            if (step.Status == StepStatus.Running) return null;
            if (step.Wait is { For: not WaitFor.Input } wait && (first is null || wait.Until < first.Until)) first = wait;
        }
        return first;
    }

    /// <summary>A step knows only its own fields; people look for the place in the whole spec.</summary>
    private static Fault? Placed(Fault? fault, PlannedStep step) => fault?.Path is { } path && path.StartsWith("with", StringComparison.Ordinal)
        ? fault with { Path = $"{SpecPath.Step(step.Index)}.{path}" }
        : fault;

    private Wait? WaitOf(int number, StageState stage, Func<int, Attempt, Wait?>? hindrance) => stage.Status switch
    {
        StepStatus.Waiting when Compensates(number) =>
            new Wait(WaitFor.Input, $"undoes {FirstStep(Planned(number).Needs[0])} if the run fails", StartedAt),
        StepStatus.Waiting or StepStatus.Retrying when Quarantine is { } quarantine && stage.NeedsOpen == 0 =>
            new Wait(WaitFor.Redrive, "waits until the run is redriven", quarantine.Since),
        StepStatus.Waiting when stage.NeedsOpen == 0 => new Wait(WaitFor.Resume, "waits until the run is resumed", Pause?.Since),
        StepStatus.Waiting => new Wait(WaitFor.Input, WaitsFor(Planned(number), stage.NeedsOpen), StartedAt),
        StepStatus.Retrying when Pause is { } pause => new Wait(WaitFor.Resume, "tries again when the run is resumed", pause.Since),
        StepStatus.Retrying => new Wait(WaitFor.Retry, $"tries again at {stage.RetryAt:HH:mm:ss}", null, stage.RetryAt),
        StepStatus.Awaiting => WaitsFor(stage.Awaits!, stage.StartedAt),
        StepStatus.Running when stage.Items is { IsGathering: false } items => WaitsFor(number, items),
        StepStatus.Running => hindrance?.Invoke(number, stage.Attempt),
        _ => null,
    };

    private string? Why(StageState stage, StepId step, bool mine) => stage.Status switch
    {
        StepStatus.Skipped when stage.ByHand is { By: { } by } => $"skipped by {by}: {stage.SkipReason}",
        StepStatus.Skipped => stage.SkipReason,
        StepStatus.Reused when stage.ReusedFrom is { } run => $"reused from {run}/{step}",
        StepStatus.Cancelled => WhyCancelled(),
        StepStatus.Failed when !mine => $"runs as one query with {stage.FaultStep}, which failed",
        _ => null,
    };

    private string? WhyCancelled() => TimedOut ? "the run took longer than its timeout"
        : Cancelled is { By: { } by } cancelled ? $"cancelled by {by}: {cancelled.Reason}"
        : Cancelled?.Reason ?? (Fault is { Kind: FaultKind.Cancelled } fault ? fault.Message : null); // a snapshot may know no more

    /// <summary>Items that run do not wait; what waits among them is counted.</summary>
    private Wait? WaitsFor(int stage, ItemProgress items)
    {
        if (WaitsForRuns(stage, items) is { } runs) return runs;
        if (!items.Flying.IsEmpty) return null;
        if (Quarantine is { } quarantine) return new Wait(WaitFor.Redrive, "goes on with its items when the run is redriven", quarantine.Since);
        if (Pause is { } pause) return new Wait(WaitFor.Resume, "goes on with its items when the run is resumed", pause.Since);
        return items.WakeAt(Rule(stage)!) is { } at ? new Wait(WaitFor.Retry, $"tries items again at {at:HH:mm:ss}", null, at) : null;
    }

    private static Wait WaitsFor(Awaited awaited, DateTimeOffset? since)
    {
        var until = awaited.Until is { } at ? $" until {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}" : "";
        return awaited.Kind switch
        {
            AwaitKind.Signal => new Wait(WaitFor.Signal, $"waits for signal {awaited.Signal}{until}", since, awaited.Until),
            AwaitKind.Run => new Wait(WaitFor.Run, $"waits for run {awaited.Child!.Run} of pipeline {awaited.Child.Pipeline}", since),
            AwaitKind.Approval => new Wait(WaitFor.Approval, $"waits for approval{until}: {awaited.Message}", since, awaited.Until),
            _ => new Wait(WaitFor.Time, $"waits{until}", since, awaited.Until),
        };
    }

    private string WaitsFor(PlannedStage planned, int open)
    {
        var named = planned.Needs.Where(need => !Stages[need].Status.IsTerminal()).Take(WaitsNamedMax)
            .Select(need => Plan!.Steps[Planned(need).Steps[^1]].Spec.Id);
        return $"waits for {string.Join(", ", named)}{(open > WaitsNamedMax ? $" and {open - WaitsNamedMax} more" : "")}";
    }
}
