using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>What must be true of a world once it has been played.</summary>
internal static class Oracle
{
    public static void Judge(World world)
    {
        var run = Replay(world.Store);
        Hold(run.Status.IsTerminal(), $"the run ends\n{Saying.Of(run)}");
        EndsAsUndisturbed(world, run);
        PublishedOnce(world, run);
        SignalledOnce(world, run);
        ItemsEndOnce(world, run);
        ChildrenBeginOnce(world, run);
        DurableBeforeVisible(world);
    }

    /// <summary>What the journal says of each item, slice by slice.</summary>
    private static void ItemsEndOnce(World world, Run last)
    {
        var (run, ended) = (Run.None, new List<int>());
        foreach (var happened in world.Store.Journal)
        {
            if (happened is RunEvent.ItemsEnded e)
                ended.AddRange(Enumerable.Range(run.Stages[0].Items!.Find(e.Attempt)!.Value.From, e.Done)
                    .Except(e.Retries.SelectMany(retry => Enumerable.Range(retry.From, retry.Count))));
            if (happened is RunEvent.ItemsAwait { Ended: var unfit }) ended.AddRange(unfit.Select(end => end.Item));
            if (happened is RunEvent.ItemRejoined { End: var end }) ended.Add(end.Item);
            run = Run.Apply(run, happened);
        }
        Hold(ended.Count == ended.Distinct().Count(), "an item ends once");
        if (last.Stages[0] is { Items: { } items, Status: StepStatus.Succeeded, ByHand: null })
            Hold(ended.Count == items.Count && items.Failed == 0, "a step that succeeds has run all its items");
    }

    /// <summary>However often it was asked to begin, by whichever owner; and a run never ends before its children.</summary>
    private static void ChildrenBeginOnce(World world, Run run)
    {
        var (begun, journal) = (world.Children.All.ToArray(), world.Store.Journal);
        var items = journal.OfType<RunEvent.ItemsAwait>().SelectMany(e => e.Children).ToArray();
        var stages = journal.OfType<RunEvent.StageAwaits>().Where(e => e.For.Child is not null).ToArray();
        Hold(items.Length == items.Select(item => item.Item).Distinct().Count(), "an item has one child");
        Hold(stages.Length == stages.Select(e => e.Stage).Distinct().Count(), "a stage has one child");
        var written = items.Select(item => item.Run.Run).Concat(stages.Select(e => e.For.Child!.Run)).ToHashSet();
        Hold(begun.All(child => written.Contains(child.Id)), "a child is written down before it begins");
        Hold(begun.All(child => child.EndsAt <= run.EndedAt), "children end first");
        var heard = journal.Count(happened => happened is RunEvent.StageRejoined or RunEvent.ItemRejoined);
        Hold(begun.Length >= heard, "what is heard of has begun");
        var mapped = begun.Where(child => items.Any(item => item.Run.Run == child.Id)).ToArray();
        Hold(mapped.All(one => mapped.Count(other => other.BeganAt <= one.BeganAt && one.BeganAt < other.EndsAt)
            <= run.Plan!.Steps[0].Spec.ForEach!.Concurrency), "no more children go on at once than may");
    }

    private static void SignalledOnce(World world, Run run)
    {
        var received = world.Store.Journal.OfType<RunEvent.SignalReceived>().Select(e => e.Key).ToArray();
        Hold(received.Length == received.Distinct().Count() && received.Length <= world.People.Signals, "a signal counts once");
        var taken = run.Stages.All().SelectMany(stage => stage.Results).SelectMany(result => result.Values).Where(value => value.Name == "n")
            .Select(value => value.Value.ToJson()).ToArray();
        Hold(taken.Length == taken.Distinct().Count(), "a signal is taken by one step");
        Hold(taken.Length == world.Store.Journal.Count(happened => happened is RunEvent.StageSignalled), "what a signal brings is kept");
    }

    /// <summary>The history, append by append, with every promise checked after each.</summary>
    private static Run Replay(Store store)
    {
        var run = Run.None;
        foreach (var batch in store.Batches) run = Promises.Kept(run, batch);
        var successes = store.Journal.OfType<RunEvent.StageSucceeded>().Select(e => e.Stage).ToArray();
        Hold(successes.Length == successes.Distinct().Count(), "a stage succeeds once");
        return run;
    }

    private static void EndsAsUndisturbed(World world, Run run)
    {
        var expected = world.Script.Undisturbed(stage => run.Stages[stage].ByHand is not null);
        if (!world.Store.Journal.Any(happened => happened is RunEvent.CancelRequested))
        {
            Hold(run.Statuses().SequenceEqual(expected),
                $"the run ends as if undisturbed: {string.Join(' ', expected)}, not {string.Join(' ', run.Statuses())}: {run.Fault}");
            Hold(run.Status == Properties.NaiveModel.Status(expected), "and so does the run itself");
            return;
        }
        Promises.Undone(run, world.Store.Journal);
        for (var stage = 0; stage < expected.Length; stage++) // a failure is not tried again while cancelling
            Hold(run.Plan!.Compensations.Values.Contains(stage) || run.Stages[stage].Status is StepStatus.Cancelled or StepStatus.Failed || run.Stages[stage].Status == expected[stage],
                $"what a cancel leaves alone ends as if undisturbed, stage {stage} too");
    }

    private static void PublishedOnce(World world, Run run)
    {
        for (var stage = 0; stage < run.Stages.Count; stage++)
        {
            var published = world.Store.Published.Where(p => p.Stage == stage).Select(p => p.Files).ToArray();
            var state = run.Stages[stage];
            string[] expected = state.Status == StepStatus.Succeeded && run.Plan!.Steps[run.Plan.Stages[stage].Steps[0]] is { Awaits: null } or { Spec.ForEach: not null } ? [Script.Files(state.Attempt)] : [];
            Hold(published.SequenceEqual(expected),
                $"stage {stage} publishes [{string.Join(' ', expected)}], not [{string.Join(' ', published)}]");
        }
    }

    private static void DurableBeforeVisible(World world)
    {
        var journal = world.Store.Journal.ToHashSet(ReferenceEqualityComparer.Instance);
        Hold(world.Answered.All(journal.Contains), "what was answered is in the journal");
        var history = new List<string>();
        var run = Run.None;
        foreach (var happened in world.Store.Journal) history.Add(Saying.Of(run = Run.Apply(run, happened)));
        foreach (var (version, seen) in world.Seen)
            Hold(version <= history.Count && history[(int)version - 1] == seen, $"what was seen at version {version} is in the journal");
    }

    private static void Hold(bool promise, string words)
    {
        if (!promise) throw new BrokenPromise($"Broken: {words}.");
    }
}
