using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Engine.Runs;

/// <summary>
/// Stages that wait for runs of other pipelines. The child's id is written down with the stage's turn, before anybody starts it: so whoever pays
/// the start again, after whatever crash, starts the same run. A run that is stopped stops its children first and ends when they have, unless
/// they are abandoned. A pause is not handed on, and neither is an end by hand: it is the child that has to be ended.
/// </summary>
public sealed partial record Run
{
    /// <summary>The child that the stage itself waits for; null: for none.</summary>
    public ChildRun? ChildOf(int stage) => !Status.IsTerminal() && Stages[stage] is { Status: StepStatus.Awaiting, Awaits.Child: { } child } ? child : null;

    /// <summary>The children that the stage waits for, or its items do.</summary>
    public IEnumerable<ChildRun> ChildrenOf(int stage) => Status.IsTerminal() ? []
        : Stages[stage] is { Status: StepStatus.Running, Items.Children: { } children } ? children.UnderWay.Select(item => item.Run)
        : ChildOf(stage) is { } child ? [child] : [];

    /// <summary>The child of this id, if the stage waits for it.</summary>
    public ChildRun? ChildOf(int stage, RunId id) => ChildrenOf(stage).FirstOrDefault(child => child.Run == id);

    /// <summary>Whether the child is to be stopped: with the run, or because the step has failed by another of its items.</summary>
    public bool Stops(int stage, ChildRun child) => !child.Abandoned && (Status == RunStatus.Cancelling || IsHalted(stage));

    /// <summary>What the child is started with.</summary>
    public RunCommand.Start StartOf(int stage, ChildRun child, PipelineVersion pipeline) => new(
        pipeline.Spec, child.Params.Fields, pipeline.Folder, child.Timeout, null, Priority, pipeline.Number,
        Occasion is { } time ? new RunOccasion(time.IntervalStart, time.IntervalEnd, time.Partition) : null,
        Parent: new ParentRun(Id, FirstStep(stage), (Parent?.Depth ?? 0) + 1));

    /// <summary>The end of the child, as the stage hears it.</summary>
    public RunCommand.ChildEnded EndOf(int stage, RunView child) => new(
        FirstStep(stage), child.Id, child.Status == RunStatus.Succeeded ? null : FaultOf(child),
        ValuesOf(child, HasItemChildren(stage) ? ItemValuesBytesMax : ValuesBytesMax));

    /// <summary>The child can never begin.</summary>
    public RunCommand.ChildEnded Unstarted(int stage, ChildRun child, Fault why) => new(FirstStep(stage), child.Run, why, []);

    private static Fault FaultOf(RunView child) => new(
        child.Fault?.Kind ?? FaultKind.Cancelled, "ETL6832",
        $"Run {child.Id} of pipeline {child.Pipeline} {(child.Status == RunStatus.Cancelled ? "was cancelled" : "failed")}"
        + (child.Fault is { } fault ? $": {fault.Code}: {fault.Message}" : "."), null,
        $"See what it did with: etl runs show {child.Id}");

    /// <summary>As many of its steps as fit into what a step may give, in their order.</summary>
    private static ImmutableArray<Field> ValuesOf(RunView child, int bytesMax)
    {
        var fields = ImmutableArray.CreateBuilder<Field>();
        var left = bytesMax - 1_000; // for the names around them
        foreach (var step in child.Steps)
        {
            var field = new Field(step.Id.Value, new SpecValue.Map([
                new("status", new SpecValue.Text(step.Status.Word())),
                .. Count("rows_in", step.RowsIn), .. Count("rows_out", step.RowsOut), .. Count("rows_rejected", step.RowsRejected),
                .. step.Values,
            ]));
            left -= Encoding.UTF8.GetByteCount(field.Value.ToJson()) + field.Name.Length + 4;
            if (left < 0) break;
            fields.Add(field);
        }
        return [new(AwaitFields.RunId, new SpecValue.Text(child.Id.Value)), new(AwaitFields.Steps, new SpecValue.Map(fields.ToImmutable()))];

        static Field[] Count(string name, long? rows) => rows is { } count ? [new(name, new SpecValue.Integer(count))] : [];
    }

    /// <summary>The same whenever it is asked for, since the step, or the item of it, has one turn in its run.</summary>
    /// <param name="whose">The step's id, or that of the step and the place of the item.</param>
    internal RunId ChildId(string whose, DateTimeOffset now) =>
        RunId.New(now, SHA256.HashData(Encoding.UTF8.GetBytes($"{Id}/{whose}")).AsSpan(0, 10));

    private static Decision DecideChildEnded(Run run, RunCommand.ChildEnded ended, DateTimeOffset now)
    {
        if (Find(run, ended.Step, out var stage) is { } unknown) return unknown;
        if (run.ChildOf(stage, ended.Child) is null) return Decision.Nothing;
        if (run.HasItemChildren(stage)) return DecideItemRejoined(run, stage, ended, now);
        var draft = new Draft(run);
        draft.Add(run.Status == RunStatus.Cancelling
            ? new RunEvent.StageCancelled(now, stage)
            : new RunEvent.StageRejoined(now, stage, ended.Fault, ended.Values));
        AdvanceFed(draft, stage, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static Decision.Refused? WaitsForChild(Run run, StepId step, int stage)
    {
        if (run.ChildrenOf(stage).FirstOrDefault() is not { } child) return null;
        return run.HasItemChildren(stage)
            ? Decision.Refuse(FaultKind.Conflict, "ETL6833", $"Items of step {step} wait for run {child.Run} of pipeline {child.Pipeline} and others.",
                $"Let no more begin, and end it when those have ended: etl pause {run.Id}")
            : Decision.Refuse(FaultKind.Conflict, "ETL6833", $"Step {step} waits for run {child.Run} of pipeline {child.Pipeline}.",
                $"End that run, and the step ends: etl cancel {child.Run}");
    }
}
