using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

public sealed partial record Run
{
    /// <summary>Starts a run with a checked plan. Idempotent: the same start again changes nothing.</summary>
    /// <param name="paused">Of its pipeline, which then lets none of its steps begin.</param>
    public static Decision Begin(
        Run run, RunId id, Plan plan, RunCommand.Start start, DateTimeOffset now, PipelinePause? paused = null)
    {
        if (run.Exists) return DecideAgain(run, start);
        if (OccasionCheck.Of(plan, start.Occasion) is { } lacking) return new Decision.Refused([lacking]);
        if (Unknown(plan, start.Refresh) is { } unknown) return unknown;
        if (start.Parent is { Depth: > ParentRun.DepthMax })
            return Decision.Refuse(FaultKind.Invalid, "ETL6831", $"More than {ParentRun.DepthMax} pipelines run each other.",
                "A pipeline that runs itself, through others, never ends: remove one `flow.pipeline`.");
        var draft = new Draft(run);
        draft.Add(new RunEvent.RunStarted(
            now, id, plan, start.Params, start.Folder, now + start.Timeout, start.Rerun?.From,
            start.Priority == 0 ? null : start.Priority, start.RegisteredVersion, start.Occasion, start.Rerun?.Items,
            start.Refresh, start.RunKey, start.Parent));
        if (start.Rerun is { } rerun) Reuse(draft, rerun, now);
        if (paused is not null) draft.Add(new RunEvent.RunPaused(now, paused.Reason, paused.By, WithPipeline: true));
        else foreach (var stage in plan.Stages)
                if (draft.Run.Stages[stage.Index].Status == StepStatus.Waiting) Advance(draft, stage.Index, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    /// <summary>Uses results again, but never below a stage that runs anew: what that gives may differ from what they were made
    /// of.</summary>
    private static void Reuse(Draft draft, RerunOf rerun, DateTimeOffset now)
    {
        var plan = draft.Run.Plan!;
        var known = rerun.Results.DistinctBy(result => result.Step).ToDictionary(result => result.Step);
        foreach (var stage in plan.Stages)
        {
            var steps = stage.Steps.Select(step => plan.Steps[step].Spec.Id).ToArray();
            if (steps.All(known.ContainsKey) && stage.Needs.All(need => draft.Run.Stages[need].Status == StepStatus.Reused))
                draft.Add(new RunEvent.StageReused(now, stage.Index, [.. steps.Select(step => known[step])], rerun.From));
        }
    }

    private static Decision.Refused? Unknown(Plan plan, Refresh? refresh)
    {
        if (refresh is null) return null;
        foreach (var step in refresh.Steps)
            if (!plan.Positions.ContainsKey(step)) return NoStep(plan, step);
        return null;
    }

    private static Decision DecideAgain(Run run, RunCommand.Start start) =>
        run.Plan!.Version == start.Spec.Version()
        && run.Params.AsSpan().SequenceEqual(start.Params.AsSpan())
        && run.Folder == start.Folder
        && run.Deadline == run.StartedAt + start.Timeout
        && run.RerunOf == start.Rerun?.From
        && run.Priority == start.Priority
        && run.Occasion == start.Occasion
        && run.Refresh == start.Refresh
        && run.RunKey == start.RunKey
        && run.Parent == start.Parent
            ? Decision.Nothing
            : Decision.Refuse(FaultKind.Conflict, "ETL4205",
                $"Run {run.Id} exists with another definition, parameters, folder, timeout, origin, priority, interval, refreshed steps, run key or parent.",
                "Start it under another id.");
}
