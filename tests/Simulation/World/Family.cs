using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Engine.Tests;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Runs that steps of others start, one for a step or one for each item. Which there are to be is known from the journals of their parents: none
/// other may begin, none twice, and nobody goes on before those have ended that it waits for, nor hears another end than theirs.</summary>
internal sealed class Family(World world)
{
    private readonly Dictionary<Birth, RunId> _children = [];
    /// <summary>What attempts have written down of ended items, by the folder that each start of an attempt has for itself.</summary>
    private readonly Dictionary<(RunId, int Stage, int Attempt), List<ImmutableArray<ItemEnd>>> _notes = [];

    /// <summary>How many there are.</summary>
    public int Count => _children.Count;

    /// <summary>An event of the run is stored, and this is the run now.</summary>
    public void Happened(Run run, RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.RunStarted { Parent: { } parent }:
                if (!IsOf(run.Id, parent)) world.Oracle.Break($"{run.Id} begins, but {parent.Run} waits for no such run");
                break;
            case RunEvent.StageAwaits { For.Child: { } child } e: Conceived(run, e.Stage, null, child); break;
            case RunEvent.ItemsAwait e:
                foreach (var (item, child) in e.Children) Conceived(run, e.Stage, item, child);
                break;
            case RunEvent.StageRejoined e:
                Heard(run, e.Stage, null, e.Fault is null, e.Values);
                break;
            case RunEvent.ItemRejoined e:
                Heard(run, e.Stage, e.End.Item, e.End.Fault is null, e.End.Values);
                break;
            case RunEvent.StageSucceeded e: AllEnded(run, e.Stage, happened); break;
            case RunEvent.StageFailed e: AllEnded(run, e.Stage, happened); break;
            case RunEvent.StageCancelled e: AllEnded(run, e.Stage, happened); break;
            case RunEvent.RunEnded: AllEnded(run, null, happened); break;
        }
    }

    /// <summary>Somebody asks a run to begin: if a step does, that it is to be must be stored.</summary>
    public void Started(RunId run, RunCommand.Start start)
    {
        if (start.Parent is { } parent && !IsOf(run, parent)) world.Oracle.Break($"{run} is started, but nothing that is stored waits for it");
    }

    /// <summary>Whether the run that people do not stop may be stopped all the same: by the one that started it.</summary>
    public bool MayBeStopped(Birth birth)
    {
        var parent = world.Oracle.RunOf(birth.Parent);
        return !birth.Abandoned && (parent.Stages[birth.Stage].Status == StepStatus.Failed
            || world.Oracle.EventsOf(birth.Parent).Any(happened => happened is RunEvent.CancelRequested or RunEvent.RunTimedOut));
    }

    /// <summary>As an attempt does it whose process may die before anybody hears of it: its notes stay.</summary>
    public StageOutcome Filled(StageWork work, ItemWork.Fill fill)
    {
        var items = Enumerable.Range(fill.From, fill.Count).Select(item => new FilledItem(item, new SpecValue.Map(
            [.. work.Steps[0].With.Fields, new(AwaitFields.Params, new SpecValue.Map([new("n", new SpecValue.Integer(item))]))]), null));
        if (fill.Ends.IsEmpty) return new StageOutcome.Filled([.. items], 0, 0);
        if (!_notes.TryGetValue((work.Run, work.Stage, work.Attempt.Number), out var folders))
            _notes[(work.Run, work.Stage, work.Attempt.Number)] = folders = [];
        folders.Add(fill.Ends);
        return new StageOutcome.Filled([.. items], fill.Ends.Length, folders.Count - 1);
    }

    /// <summary>What is gathered of a step's items: each is there once and is told as its run has ended.</summary>
    public void Gathered(StageWork work, ItemWork.Gather gather)
    {
        var noted = _notes.Where(notes => (notes.Key.Item1, notes.Key.Stage) == (work.Run, work.Stage) && !gather.Unheard.Contains(notes.Key.Attempt))
            .SelectMany(notes => notes.Value.ElementAtOrDefault(gather.Elsewhere.FirstOrDefault(one => one.Attempt == notes.Key.Attempt).Start)).ToArray();
        var ends = noted.Concat(gather.Ends!.Value).ToArray();
        var items = ends.Select(end => end.Item).Concat(gather.NotRun.SelectMany(range => Enumerable.Range(range.From, range.Count)));
        if (noted.Length != gather.Kept || !items.Order().SequenceEqual(Enumerable.Range(0, (int)gather.Version.Rows)))
            world.Oracle.Break($"stage {work.Stage} of {work.Run} gathers {string.Join(' ', items)}, {noted.Length} of them noted, {gather.Kept} expected");
        foreach (var end in ends) Heard(world.Oracle.RunOf(work.Run), work.Stage, end.Item, end.Fault is null, end.Values);
    }

    /// <summary>Of a step that has succeeded.</summary>
    public void JudgeItems(Run run)
    {
        foreach (var stage in run.Plan!.Stages.Where(stage => run.Plan.Steps[stage.Steps[0]].Spec.Kind == Specs.AnotherForEach))
            if (run.Stages[stage.Index] is { Status: StepStatus.Succeeded, ByHand: null })
                foreach (var item in Enumerable.Range(0, Specs.ItemsOf(Specs.AnotherForEach)))
                    if (Find(run.Id, stage.Index, item) is not { } child || world.Oracle.RunOf(child).Status != RunStatus.Succeeded)
                        world.Oracle.Break($"stage {stage.Index} of {run.Id} has succeeded without a run of item {item} that did");
    }

    private void Conceived(Run run, int stage, int? item, ChildRun child)
    {
        if (Find(run.Id, stage, item) is { } other) world.Oracle.Break($"item {item} of stage {stage} of {run.Id} has {other} and is given {child.Run}");
        var birth = new Birth(run.Id, stage, item, child.Abandoned);
        _children[birth] = child.Run;
        world.Scripts.Add(child.Run, new Script(birth, world.Chance, world.Scripts[run.Id].FailsRun(stage, item)));
        world.People.LookAfter(child.Run);
    }

    private void Heard(Run run, int stage, int? item, bool succeeded, ImmutableArray<Field> values)
    {
        var child = Find(run.Id, stage, item) is { } id ? world.Oracle.RunOf(id) : Run.None;
        if (!child.Exists || !child.Status.IsTerminal() || succeeded != (child.Status == RunStatus.Succeeded)
            || values[0].Value.ToPlainText() != child.Id.Value || item is { } n && child.Params[0].Value.ToPlainText() != $"{n}")
            world.Oracle.Break($"item {item} of stage {stage} of {run.Id} hears that its run has {(succeeded ? "succeeded" : "failed")}: {Saying.Of(child)}");
    }

    private void AllEnded(Run run, int? stage, RunEvent happened)
    {
        foreach (var (birth, child) in _children)
            if (birth.Parent == run.Id && (stage is null || birth.Stage == stage) && !birth.Abandoned && !world.Oracle.RunOf(child).Status.IsTerminal())
                world.Oracle.Break($"{Saying.Of(happened)} of {run.Id}, while {child} goes on that item {birth.Item} of stage {birth.Stage} has started");
    }

    private RunId? Find(RunId run, int stage, int? item) =>
        _children.FirstOrDefault(child => (child.Key.Parent, child.Key.Stage, child.Key.Item) == (run, stage, item)) is { Key: not null, Value: var found }
            ? found : null;

    private bool IsOf(RunId run, ParentRun parent) => _children.Any(child => child.Value == run && child.Key.Parent == parent.Run);
}
