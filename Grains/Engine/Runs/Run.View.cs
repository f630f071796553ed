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
    public RunView View(IReadOnlyDictionary<StepId, StepProgress>? progress = null) => new(
        Id, Plan!.Spec.Name, Plan.Version, Status, Version, StartedAt, EndedAt, Params, RerunOf, Fault,
        [.. Plan.Steps.Select(step => View(step, progress?.GetValueOrDefault(step.Spec.Id)))], Pause);

    /// <summary>One step as people see it.</summary>
    public StepView View(int position) => View(Plan!.Steps[position], null);

    private StepView View(PlannedStep step, StepProgress? progress)
    {
        var stage = Stages[step.Stage];
        var result = Result(step);
        var mine = stage.FaultStep is null || stage.FaultStep == step.Spec.Id;
        var status = stage.Status == StepStatus.Failed && !mine ? StepStatus.Skipped : stage.Status;
        return new StepView(
            step.Spec.Id, step.Spec.Kind, step.Stage, status, stage.Attempt.Number, step.Spec.DependsOn,
            stage.StartedAt, stage.EndedAt, result?.RowsIn, result?.RowsOut, result?.RowsRejected,
            mine ? Placed(stage.Fault, step) : null, Why(step, stage, mine), result?.Outputs ?? [], result?.Values ?? [],
            stage.Status == StepStatus.Running ? progress : null, stage.Awaits, stage.ByHand);
    }

    /// <summary>A step knows only its own fields; people look for the place in the whole spec.</summary>
    private static Fault? Placed(Fault? fault, PlannedStep step) => fault?.Path is { } path && path.StartsWith("with", StringComparison.Ordinal)
        ? fault with { Path = $"{SpecPath.Step(step.Index)}.{path}" }
        : fault;

    private string? Why(PlannedStep step, StageState stage, bool mine) => stage.Status switch
    {
        StepStatus.Waiting when stage.NeedsOpen == 0 => "waits until the run is resumed",
        StepStatus.Waiting => WaitsFor(Planned(step.Stage), stage.NeedsOpen),
        StepStatus.Retrying when Pause is not null => "tries again when the run is resumed",
        StepStatus.Retrying => $"tries again at {stage.RetryAt:HH:mm:ss}",
        StepStatus.Awaiting => WaitsFor(stage.Awaits!),
        StepStatus.Skipped when stage.ByHand is { By: { } by } => $"skipped by {by}: {stage.SkipReason}",
        StepStatus.Skipped => stage.SkipReason,
        StepStatus.Failed when !mine => $"runs as one query with {stage.FaultStep}, which failed",
        _ => null,
    };

    private static string WaitsFor(Awaited awaited)
    {
        var until = awaited.Until is { } at ? $" until {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}" : "";
        return awaited.Kind switch
        {
            AwaitKind.Signal => $"waits for signal {awaited.Signal}{until}",
            AwaitKind.Approval => $"waits for approval{until}: {awaited.Message}",
            _ => $"waits{until}",
        };
    }

    private string WaitsFor(PlannedStage planned, int open)
    {
        var named = planned.Needs.Where(need => !Stages[need].Status.IsTerminal()).Take(WaitsNamedMax)
            .Select(need => Plan!.Steps[Planned(need).Steps[^1]].Spec.Id);
        return $"waits for {string.Join(", ", named)}{(open > WaitsNamedMax ? $" and {open - WaitsNamedMax} more" : "")}";
    }
}
