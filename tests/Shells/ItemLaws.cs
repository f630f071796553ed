using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Steps that run for each item of a list, over silos that may die.</summary>
public sealed class ItemLaws
{
    private readonly ConcurrentDictionary<int, int> _effects = [];

    private static RunCommand.Start Pipeline(int concurrency, OnItemFailure policy = OnItemFailure.Fail)
    {
        var start = Given.Pipeline("each", "after: each");
        var rule = new ForEachSpec(ItemSource.Range, new SpecValue.Integer(1), concurrency, policy);
        return start with { Spec = start.Spec with { Steps = start.Spec.Steps.SetItem(0, start.Spec.Steps[0] with { ForEach = rule }) } };
    }

    /// <summary>A list of so many items; each slice does its items, one after another.</summary>
    private void Run(Cluster cluster, int items, Func<ItemWork.Slice, CancellationToken, Task>? before = null, Func<int, Fault?>? fails = null) =>
        cluster.Runner.On("each", async (work, stopped) =>
        {
            switch (work.Items)
            {
                case ItemWork.List:
                    return ScriptedRunner.Listed(work, items);
                case ItemWork.Slice slice:
                    if (before is not null) await before(slice, stopped);
                    if (stopped.IsCancellationRequested) return new StageOutcome.Stopped();
                    var failures = ImmutableArray.CreateBuilder<ItemFailure>();
                    for (var item = slice.From; item < slice.From + slice.Count; item++)
                    {
                        _effects.AddOrUpdate(item, 1, (_, times) => times + 1);
                        if (fails?.Invoke(item) is { } fault) failures.Add(new ItemFailure(item, fault));
                    }
                    return new StageOutcome.Items(slice.Count, failures.ToImmutable(), 0, 0, TimeSpan.FromMilliseconds(slice.Count));
                default: return ScriptedRunner.Succeeded(work);
            }
        });

    [Fact]
    public async Task Items_run_once_each_on_many_silos_and_then_what_needs_them()
    {
        await using var cluster = await Cluster.Start(silos: 3);
        Run(cluster, 2_000);
        await cluster.Run(Given.Run).Tell(Pipeline(concurrency: 8));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Equal(new ItemCounts(2_000, 2_000, 0, 0, 0, 0), ended.Steps[0].Items);
        Assert.Equal(2_000, _effects.Count);
        Assert.All(_effects.Values, times => Assert.Equal(1, times));
        Assert.InRange(cluster.Runner.Places.Where(place => place.Key.StartsWith("each/")).Select(place => place.Value).Distinct().Count(), 2, 3);
        Assert.InRange(ended.Version, 20, 400);
    }

    [Fact]
    public async Task A_silo_that_dies_costs_the_slices_that_ran_there_and_no_item_that_had_ended()
    {
        await using var cluster = await Cluster.Start(silos: 3);
        var (left, held, release) = (6, new TaskCompletionSource(), new TaskCompletionSource());
        Run(cluster, 500, async (slice, _) =>
        {
            if (slice.From < 100) return;
            if (Interlocked.Decrement(ref left) == 0) held.SetResult();
            await release.Task;
        });
        await cluster.Run(Given.Run).Tell(Pipeline(concurrency: 6));
        await held.Task.WaitAsync(TimeSpan.FromMinutes(2));
        var driver = await cluster.Driver(Given.Run);
        await cluster.Silos.KillSiloAsync(driver);
        release.SetResult();
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Equal(500, ended.Steps[0].Items!.Succeeded);
        Assert.Equal(500, _effects.Count);
        await EachEndedOnce(cluster, 500);
    }

    [Fact]
    public async Task A_failure_stops_the_other_slices_and_leaves_the_rest()
    {
        await using var cluster = await Cluster.Start();
        var other = new TaskCompletionSource();
        Run(cluster, 100, async (slice, stopped) =>
        {
            if (slice.From == 0) await other.Task;
            else
            {
                other.TrySetResult();
                await ScriptedRunner.Forever(stopped).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }, fails: _ => new Fault(FaultKind.Invalid, "ETL9000", "Wrong."));
        await cluster.Run(Given.Run).Tell(Pipeline(concurrency: 2));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Failed, "ETL6201"), (ended.Status, ended.Steps[0].Fault!.Code));
        Assert.Equal(new ItemCounts(100, 0, 1, 0, 99, 0), ended.Steps[0].Items);
    }

    [Fact]
    public async Task What_a_slow_slice_hands_back_runs_elsewhere_meanwhile()
    {
        await using var cluster = await Cluster.Start(silos: 2);
        var (rest, isSlow) = (new TaskCompletionSource(), 0);
        cluster.Runner.On("each", async (work, _) =>
        {
            if (work.Items is not ItemWork.Slice slice)
                return work.Items is ItemWork.List
                    ? new StageOutcome.Listed(new DatasetVersion(new DatasetRef("test/each.list", "v"), "list", [], [], 50, 0, "", []), 0)
                    : ScriptedRunner.Succeeded(work);
            var done = slice.Count;
            if (slice.Count > 1 && Interlocked.Exchange(ref isSlow, 1) == 0)
            {
                done = 1;
                cluster.Runner.Say(work, new StepProgress(new StepId("each"), null, null, null, 1));
                await rest.Task;
            }
            for (var item = slice.From; item < slice.From + done; item++) _effects.AddOrUpdate(item, 1, (_, times) => times + 1);
            if (_effects.Count == 49) rest.TrySetResult();
            return new StageOutcome.Items(done, [], 0, 0, TimeSpan.FromMilliseconds(done));
        });
        await cluster.Run(Given.Run).Tell(Pipeline(concurrency: 2));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(50, ended.Steps[0].Items!.Succeeded);
        Assert.Equal(50, _effects.Count);
        Assert.All(_effects.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task A_step_of_a_thousand_items_is_told_as_it_is_in_the_journal_and_in_a_snapshot()
    {
        await using var cluster = await Cluster.Start(options: Cluster.NoPatience with { SnapshotEvents = 5 });
        var tried = new ConcurrentDictionary<int, bool>();
        Run(cluster, 1_000, fails: item => item % 7 == 0 && tried.TryAdd(item, true) ? new Fault(FaultKind.Unavailable, "ETL9001", "Away.") : null);
        await cluster.Run(Given.Run).Tell(Pipeline(concurrency: 3));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        var all = await cluster.Store.Journal.History(Given.Run, 0, 100_000, default);
        var run = Engine.Runs.Run.None;
        foreach (var one in all)
        {
            Assert.Equal(one.Bytes, EventCodec.Write(EventCodec.ReadEvent(one.Bytes)));
            run = Engine.Runs.Run.Apply(run, EventCodec.ReadEvent(one.Bytes));
            var folded = RunSnapshot.Read(RunSnapshot.Write(run));
            Assert.Equal(RunSnapshot.Write(run), RunSnapshot.Write(folded));
            Assert.Equal(Engine.Runs.Run.Owed(run), Engine.Runs.Run.Owed(folded));
            Assert.Equal(run.NextWake, folded.NextWake);
        }
        Assert.Equal(RunSnapshot.Write(run), RunSnapshot.Write((await cluster.Store.Journal.Read(Given.Run, default))!.Replay()));
    }

    /// <summary>Of a million items, with 256 slices under way.</summary>
    [Fact]
    public void A_snapshot_stays_small_however_many_items_there_are()
    {
        var start = Pipeline(concurrency: 256);
        var plan = ((PlanResult.Checked)PlanCheck.Check(start.Spec, TestKinds.All)).Plan;
        var now = DateTimeOffset.UnixEpoch;
        var run = Tell(Engine.Runs.Run.None, Engine.Runs.Run.Begin(Engine.Runs.Run.None, Given.Run, plan, start, now));
        run = Report(1, new StageOutcome.Listed(new DatasetVersion(new DatasetRef("l", "v"), "l", [], [], 1_000_000, 0, "", []), 0));
        for (var report = 0; report < 2_000 && run.Stages[0].Items!.Flying is [var slice, ..]; report++)
            run = Report(slice.Attempt, new StageOutcome.Items(slice.Count, [], 0, 0, TimeSpan.Zero));
        Assert.InRange(run.Stages[0].Items!.Succeeded, 400_000, 1_000_000);
        Assert.InRange(RunSnapshot.Write(run).Length, 1, 32 << 10);

        Run Report(int attempt, StageOutcome outcome) =>
            Tell(run, Engine.Runs.Run.Decide(run, new RunCommand.Report(0, new Attempt(attempt), outcome), now));

        static Run Tell(Run run, Decision decision) =>
            Assert.IsType<Decision.Accepted>(decision).Events.Aggregate(run, Engine.Runs.Run.Apply);
    }

    private static async Task EachEndedOnce(Cluster cluster, int items)
    {
        var (run, ended) = (Engine.Runs.Run.None, new List<int>());
        foreach (var one in await cluster.Store.Journal.History(Given.Run, 0, 100_000, default))
        {
            var happened = EventCodec.ReadEvent(one.Bytes);
            if (happened is RunEvent.ItemsEnded e)
                ended.AddRange(Enumerable.Range(run.Stages[0].Items!.Find(e.Attempt)!.Value.From, e.Done));
            run = Engine.Runs.Run.Apply(run, happened);
        }
        Assert.Equal(Enumerable.Range(0, items), ended.Order());
    }
}
