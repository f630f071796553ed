using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>What an append stores besides the events: the rows that people query, worked out from the same run value, so that lists and
/// journal cannot disagree.</summary>
internal static class RunRecord
{
    public static RunAppend Of(
        Guid id, Run before, Run after, ImmutableArray<RunEvent> events, byte[]? snapshot, string? driver, StartFence? fence,
        DateTimeOffset now) => new(
        id, after.Id, before.Version,
        [.. events.Select(EventCodec.Write)],
        snapshot,
        Row(after, driver),
        Steps(after, events),
        Published(after, events, now),
        after.NextWake)
    {
        Results = Results(after, events),
        Fence = fence,
    };

    private static RunRow Row(Run run, string? driver) => new(
        run.Id, run.Plan!.Spec.Name, run.Plan.Version, run.Status, run.StartedAt, run.EndedAt,
        run.Plan.Steps.Length, run.Plan.Steps.Length - run.StepsOpen,
        Fault(run)?.Code, Fault(run)?.Message, run.RerunOf, run.Status.IsAtRest() ? null : driver, run.RunKey);

    private static Fault? Fault(Run run) => run.Quarantine?.Fault ?? run.Fault;

    /// <summary>Each step has one row, written when it ends: where it stands before is the run's own to say.</summary>
    private static ImmutableArray<StepRow> Steps(Run run, ImmutableArray<RunEvent> events)
    {
        var rows = ImmutableArray.CreateBuilder<StepRow>();
        foreach (var happened in events)
            if (Ends(happened) is { } stage)
                foreach (var position in run.Plan!.Stages[stage].Steps) rows.Add(Row(run, position));
        return rows.DrainToImmutable();
    }

    private static int? Ends(RunEvent happened) => happened switch
    {
        RunEvent.StageReused e => e.Stage,
        RunEvent.StageSucceeded e => e.Stage,
        RunEvent.StageFailed e => e.Stage,
        RunEvent.StageSkipped e => e.Stage,
        RunEvent.StageCancelled e => e.Stage,
        RunEvent.StageSignalled e => e.Stage,
        RunEvent.StageReviewed e => e.Stage,
        RunEvent.StageExpired e => e.Stage,
        RunEvent.StageRejoined e => e.Stage,
        RunEvent.StageSkippedByHand e => e.Stage,
        RunEvent.StageSucceededByHand e => e.Stage,
        _ => null,
    };

    private static StepRow Row(Run run, int position)
    {
        var view = run.View(position);
        return new StepRow(run.Id, view.Id, position, view.Kind, view.Status, view.Attempts, view.StartedAt, view.EndedAt,
            view.RowsIn, view.RowsOut, view.RowsRejected, view.Fault?.Code);
    }

    /// <summary>What these events give to whoever has the same work to do: what this run has done itself.</summary>
    private static ImmutableArray<ResultRow> Results(Run run, ImmutableArray<RunEvent> events) =>
    [
        .. from happened in events
           let done = happened as RunEvent.StageSucceeded
           where done?.ReuseKey is not null
           select new ResultRow(done.ReuseKey!, run.Id, done.At, EventCodec.Write(done.Results)),
    ];

    /// <summary>The datasets that these events publish: those that this run made, not those that it passed on.</summary>
    private static ImmutableArray<DatasetRow> Published(Run run, ImmutableArray<RunEvent> events, DateTimeOffset now) =>
    [
        .. from happened in events
           from result in happened switch
           {
               RunEvent.StageSucceeded e => e.Results,
               RunEvent.StageFailed e => e.Results,
               _ => [],
           }
           from output in result.Outputs
           let made = output.Dataset
           where made?.Ref.Version == run.Id.Value
           select new DatasetRow(made.Ref.Name, made.Ref.Version, run.Id, result.Step, made.Rows, made.Bytes, now, EventCodec.Write(made)),
    ];
}
