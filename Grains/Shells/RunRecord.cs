using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>What an append stores besides the events: the rows that people query, worked out from the same run value, so that lists and
/// journal cannot disagree.</summary>
internal static class RunRecord
{
    public static RunAppend Of(Guid id, Run before, Run after, ImmutableArray<RunEvent> events, string driver, DateTimeOffset now) => new(
        id, after.Id, before.Version,
        [.. events.Select(EventCodec.Write)],
        Snapshot: null,
        Row(after, driver),
        Steps(after, events),
        Published(after, events, now),
        after.NextWake);

    private static RunRow Row(Run run, string driver) => new(
        run.Id, run.Plan!.Spec.Name, run.Plan.Version, run.Status, run.StartedAt, run.EndedAt,
        run.Plan.Steps.Length, run.Plan.Steps.Length - run.StepsOpen,
        run.Fault?.Code, run.Fault?.Message, run.RerunOf, run.Status.IsTerminal() ? null : driver);

    private static ImmutableArray<StepRow> Steps(Run run, ImmutableArray<RunEvent> events)
    {
        var stages = events.Any(e => e is RunEvent.RunStarted)
            ? Enumerable.Range(0, run.Stages.Count)
            : events.Select(Stage).OfType<int>().Distinct();
        return [.. stages.SelectMany(stage => run.Plan!.Stages[stage].Steps).Select(position => Row(run, position))];
    }

    private static int? Stage(RunEvent happened) => happened switch
    {
        RunEvent.StageReused e => e.Stage,
        RunEvent.StageDispatched e => e.Stage,
        RunEvent.StageSucceeded e => e.Stage,
        RunEvent.StageRetryScheduled e => e.Stage,
        RunEvent.StageLost e => e.Stage,
        RunEvent.StageFailed e => e.Stage,
        RunEvent.StageSkipped e => e.Stage,
        RunEvent.StageCancelled e => e.Stage,
        _ => null,
    };

    private static StepRow Row(Run run, int position)
    {
        var view = run.View(position);
        return new StepRow(run.Id, view.Id, position, view.Kind, view.Status, view.Attempts, view.StartedAt, view.EndedAt,
            view.RowsIn, view.RowsOut, view.RowsRejected, view.Fault?.Code);
    }

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
