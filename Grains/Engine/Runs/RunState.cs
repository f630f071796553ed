using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>All that is needed to go on with a run without its earlier events. What follows from the stages is not in it.</summary>
public sealed record RunState(
    RunId Id,
    long Version,
    RunStatus Status,
    Plan Plan,
    ImmutableArray<StageState> Stages,
    ImmutableArray<Field> Params,
    string Folder,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset? Deadline,
    RunId? RerunOf,
    int Priority,
    Fault? Fault,
    Fault? FirstFault,
    bool TimedOut,
    RunPause? Pause = null,
    KeptSignals? Signals = null,
    int? RegisteredVersion = null,
    RunOccasion? Occasion = null,
    ImmutableArray<ItemsAgain>? ItemsAgain = null,
    Refresh? Refresh = null,
    string? RunKey = null,
    ParentRun? Parent = null,
    ImmutableArray<string>? Rescued = null,
    RunQuarantine? Quarantine = null,
    ImmutableArray<int>? Undoable = null,
    bool IsUndoing = false,
    Intervention? Cancelled = null);

public sealed partial record Run
{
    /// <summary>The run as it is; only of a run that exists.</summary>
    public RunState State() => new(
        Id, Version, Status, Plan!, [.. Stages.All()], Params, Folder, StartedAt, EndedAt, Deadline, RerunOf, Priority, Fault,
        FirstFault, TimedOut, Pause, Signals.State(), RegisteredVersion, Occasion, ItemsAgain.IsEmpty ? null : ItemsAgain, Refresh, RunKey, Parent,
        Rescued.IsEmpty ? null : Rescued, Quarantine, Undoable.IsEmpty ? null : Undoable, IsUndoing, Cancelled);

    /// <summary>The run that <see cref="State"/> was taken of.</summary>
    public static Run Of(RunState state) => None with
    {
        Id = state.Id,
        Version = state.Version,
        Status = state.Status,
        Plan = state.Plan,
        Stages = StageTable.Of(state.Stages),
        Params = state.Params,
        Folder = state.Folder,
        StartedAt = state.StartedAt,
        EndedAt = state.EndedAt,
        Deadline = state.Deadline,
        RerunOf = state.RerunOf,
        Priority = state.Priority,
        RegisteredVersion = state.RegisteredVersion,
        Occasion = state.Occasion,
        Refresh = state.Refresh,
        RunKey = state.RunKey,
        Parent = state.Parent,
        Fault = state.Fault,
        FirstFault = state.FirstFault,
        TimedOut = state.TimedOut,
        StagesOpen = state.Stages.Count(stage => !stage.Status.IsTerminal()),
        StepsOpen = state.Stages.Select((stage, index) => stage.Status.IsTerminal() ? 0 : state.Plan.Stages[index].Steps.Length).Sum(),
        Retries = [.. state.Stages.Select((stage, index) => (At: stage.RetryAt, Stage: index))
            .Where(retry => retry.At is not null).Select(retry => (retry.At!.Value, retry.Stage))],
        Pause = state.Pause,
        Rescued = state.Rescued ?? [],
        Quarantine = state.Quarantine,
        Undoable = state.Undoable ?? [],
        IsUndoing = state.IsUndoing,
        Cancelled = state.Cancelled,
        Ready = state.Status is RunStatus.Paused or RunStatus.Quarantined ? AllReady(state.Plan, state.Stages) : [],
        Limits = [.. state.Stages.Select((stage, index) => (At: stage.Awaits?.Until, Stage: index))
            .Where(limit => limit.At is not null).Select(limit => (limit.At!.Value, limit.Stage))],
        ItemsAgain = state.ItemsAgain ?? [],
        Mapped = [.. state.Stages.Index().Where(stage => IsMapped(stage.Item)).Select(stage => stage.Index)],
        ItemWakes = [.. from stage in state.Stages.Index()
            where IsMapped(stage.Item)
            let at = stage.Item.Items!.WakeAt(state.Plan.Steps[state.Plan.Stages[stage.Index].Steps[0]].Spec.ForEach!)
            where at is not null
            select (at.Value, stage.Index)],
        Signals = Signals.Of(state.Signals, state.Stages.Select((stage, index) => (stage.Awaits?.Signal, index))),
    };

    private static bool IsMapped(StageState stage) => stage is { Items: not null } && !stage.Status.IsTerminal();
}
