using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>
/// Stages whose items wait for runs of other pipelines, each for one of its own. An attempt fills in what the next items ask for and brings the
/// ends of others into the notes; it holds a slot while it does that, and nothing does while the runs go on. An item is given its run once: from
/// then on it waits, however many owners the stage has, until that run has ended.
/// </summary>
public sealed partial record Run
{
    /// <summary>What the run of one item gives, in bytes of JSON: it stands in the journal until it is in the notes.</summary>
    public const int ItemValuesBytesMax = 4 << 10;
    /// <summary>Characters of the fault of one item.</summary>
    private const int ItemFaultCharactersMax = 1_000;

    /// <summary>Whether each item of the stage waits for a run.</summary>
    private bool HasItemChildren(int stage) => Stages[stage].Items is { Children: not null };

    private ItemChildren? NewChildren(int stage) => Plan!.Steps[Planned(stage).Steps[0]].Awaits is AwaitKind.Run ? ItemChildren.None() : null;

    /// <summary>In a run that is held or stopped, and for a step that has failed already, nothing begins: those items wait again.</summary>
    private static void AwaitRuns(Draft draft, RunCommand.Report report, StageOutcome.Filled filled, DateTimeOffset now)
    {
        var (run, stage) = (draft.Run, report.Stage);
        var (children, ended) = (ImmutableArray.CreateBuilder<ItemChild>(), ImmutableArray.CreateBuilder<ItemEnd>());
        if (run.Status == RunStatus.Running && !run.IsHalted(stage))
            foreach (var item in filled.Next)
                if (run.ChildFor(stage, item, now) is { Succeeded: true } child) children.Add(new ItemChild(item.Item, child.Value));
                else ended.Add(new ItemEnd(item.Item, null, run.ChildFor(stage, item, now).Fault, []));
        draft.Add(new RunEvent.ItemsAwait(
            now, stage, report.Attempt, children.DrainToImmutable(), ended.DrainToImmutable(), filled.Kept, filled.Start));
    }

    private Outcome<ChildRun> ChildFor(int stage, FilledItem item, DateTimeOffset now)
    {
        if (item.Fault is { } fault) return fault;
        var awaited = Waiting.Of(AwaitKind.Run, item.With, Planned(stage).Timeout, () => ChildId($"{FirstStep(stage)}/{item.Item}", now), now);
        return awaited.Succeeded ? awaited.Value.Child! : awaited.Fault;
    }

    private static Decision DecideItemRejoined(Run run, int stage, RunCommand.ChildEnded ended, DateTimeOffset now)
    {
        var draft = new Draft(run);
        var item = run.Stages[stage].Items!.Children!.UnderWay.First(child => child.Run.Run == ended.Child).Item;
        var stopped = ended.Fault?.Kind == FaultKind.Cancelled && (run.Status == RunStatus.Cancelling || run.IsHalted(stage));
        var fault = ended.Fault is { } all ? all with { Message = Excerpt.Of(all.Message, ItemFaultCharactersMax) } : null;
        draft.Add(new RunEvent.ItemRejoined(now, stage, new ItemEnd(item, ended.Child, fault, ended.Values, stopped)));
        GoOnWithItems(draft, stage, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static ItemWork.Fill Fill(
        ItemProgress items, ItemSlice slice, ForEachSpec rule, ImmutableArray<NamedValue> names, ImmutableArray<string> sqlPaths) => new(
        items.List, slice.From, slice.Count, names, sqlPaths, items.Children!.Ended[..items.Children.BeingNoted], PartitionFields.MomentsOf(rule));

    /// <summary>What the items wait for; null: no run is under way.</summary>
    private Wait? WaitsForRuns(int stage, ItemProgress items)
    {
        if (items.Children is not { UnderWay: [var first, ..] all }) return null;
        var pipeline = all.All(child => child.Run.Pipeline == first.Run.Pipeline) ? $" of pipeline {first.Run.Pipeline}" : "";
        var text = all.Length == 1 ? $"waits for run {first.Run.Run}{pipeline}"
            : $"waits for {all.Length} runs{pipeline}: {string.Join(", ", all.Take(WaitsNamedMax).Select(child => child.Run.Run))}"
            + (all.Length > WaitsNamedMax ? $" and {all.Length - WaitsNamedMax} more" : "");
        return new Wait(WaitFor.Run, text, Stages[stage].StartedAt);
    }
}
