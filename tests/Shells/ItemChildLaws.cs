using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>A step starts a run of another pipeline for each item: one, whatever happens to silos and to the store; and a run that is stopped leaves
/// none behind.</summary>
public sealed class ItemChildLaws
{
    private int _goOn;
    private int _atOnce;

    private static RunCommand.Start Pipeline(string step, int concurrency, OnItemFailure policy = OnItemFailure.Fail)
    {
        var start = Given.Pipeline(step, $"after: {step}");
        var rule = new ForEachSpec(ItemSource.Range, new SpecValue.Integer(1), concurrency, policy);
        return start with { Spec = start.Spec with { Steps = start.Spec.Steps.SetItem(0, start.Spec.Steps[0] with { ForEach = rule }) } };
    }

    /// <summary>Silos that know the pipeline <c>other</c> of the steps x and y, and what a step does that starts one for each of so many items.</summary>
    private static async Task<Cluster> With(int items, short silos = 1, ShellOptions? options = null)
    {
        var cluster = await Cluster.Start(silos, options);
        var spec = Given.Pipeline("x", "y: x").Spec with { Name = "other" };
        await Cluster.Definitions(cluster.Store.GrainStates, TimeProvider.System).Tell("other", new DefinitionCommand.Register(spec, "/tmp"), default);
        foreach (var step in new[] { "child", "childLeft" })
            cluster.Runner.On(step, (work, _) => Task.FromResult<StageOutcome>(work.Items switch
            {
                ItemWork.List => ScriptedRunner.Listed(work, items),
                ItemWork.Fill fill => new StageOutcome.Filled(
                    [.. Enumerable.Range(fill.From, fill.Count).Select(item => new FilledItem(item, work.Steps[0].With, null))], fill.Ends.Length, 0),
                _ => ScriptedRunner.Succeeded(work),
            }));
        return cluster;
    }

    private static async Task<ImmutableArray<RunRow>> Children(Cluster cluster) =>
        [.. (await cluster.Store.Catalog.Runs(new RunQuery("other", Limit: 500), default)).Items];

    /// <summary>What the journal says: which item waited for which run.</summary>
    private static async Task<ItemChild[]> Written(Cluster cluster) =>
    [
        .. (await cluster.Store.Journal.Read(Given.Run, default))!.Events.Select(bytes => EventCodec.ReadEvent(bytes))
            .OfType<RunEvent.ItemsAwait>().SelectMany(e => e.Children),
    ];

    /// <summary>Whoever waits holds no slot: with one in all, each run has it in turn.</summary>
    [Fact]
    public async Task Each_item_starts_a_run_and_as_many_go_on_at_once_as_may()
    {
        await using var cluster = await With(12, options: new ShellOptions { StagesAtOnce = 1 });
        cluster.Runner.On("x", (work, _) =>
        {
            InterlockedMax(ref _atOnce, Interlocked.Increment(ref _goOn));
            return Task.FromResult(ScriptedRunner.Succeeded(work));
        });
        cluster.Runner.On("y", (work, _) =>
        {
            Interlocked.Decrement(ref _goOn);
            return Task.FromResult(ScriptedRunner.Succeeded(work));
        });
        await cluster.Run(Given.Run).Tell(Pipeline("child", concurrency: 3));
        var parent = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Succeeded, new ItemCounts(12, 12, 0, 0, 0, 0)), (parent.Status, parent.Steps[0].Items));
        var children = await Children(cluster);
        Assert.Equal(12, children.Count(child => child.Status == RunStatus.Succeeded));
        Assert.InRange(_atOnce, 1, 3);
        Assert.Equal("after", parent.Steps[1].Id.Value);
        Assert.Equal((Given.Run, "child"), (await cluster.Ended(children[0].Id)).Parent is { } from ? (from.Run, from.Step.Value) : default);
    }

    [Fact]
    public async Task Whatever_silo_dies_each_item_has_one_run_and_its_end_is_heard()
    {
        await using var cluster = await With(40, silos: 3);
        var (left, held) = (6, new TaskCompletionSource());
        cluster.Runner.On("x", async (work, stopped) =>
        {
            if (Interlocked.Decrement(ref left) == 0) held.SetResult();
            if (work.Attempt.Number == 1 && left < 6 && !held.Task.IsCompleted) await held.Task.WaitAsync(stopped);
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Pipeline("child", concurrency: 6));
        await held.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await cluster.Silos.KillSiloAsync(await cluster.Driver(Given.Run));
        var parent = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Succeeded, 40), (parent.Status, parent.Steps[0].Items!.Succeeded));
        var (children, written) = (await Children(cluster), await Written(cluster));
        Assert.Equal(Enumerable.Range(0, 40), written.Select(child => child.Item).Order());
        Assert.Equal(written.Select(child => child.Run.Run.Value).Order(), children.Select(child => child.Id.Value).Order());
        Assert.All(children, child => Assert.Equal(RunStatus.Succeeded, child.Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_is_cancelled_stops_all_of_them_also_when_its_silo_dies_meanwhile(bool dies)
    {
        await using var cluster = await With(100, silos: 3);
        var (left, held) = (5, new TaskCompletionSource());
        cluster.Runner.On("x", async (_, stopped) =>
        {
            if (Interlocked.Decrement(ref left) == 0) held.SetResult();
            await Task.WhenAny(ScriptedRunner.Forever(stopped));
            return new StageOutcome.Stopped();
        });
        await cluster.Run(Given.Run).Tell(Pipeline("child", concurrency: 5));
        await held.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await cluster.Run(Given.Run).Tell(new RunCommand.Cancel("enough"));
        if (dies) await cluster.Silos.KillSiloAsync(await cluster.Driver(Given.Run));
        var parent = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Cancelled, parent.Status);
        var children = await Children(cluster);
        Assert.Equal(5, children.Length);
        Assert.All(children, child => Assert.Equal(RunStatus.Cancelled, child.Status));
        Assert.All(children, child => Assert.True(child.EndedAt <= parent.EndedAt));
    }

    [Fact]
    public async Task Those_that_are_abandoned_go_on_when_the_run_is_cancelled()
    {
        await using var cluster = await With(10);
        var (left, held, finish) = (3, new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("x", async (work, _) =>
        {
            if (Interlocked.Decrement(ref left) == 0) held.SetResult();
            await finish.Task;
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Pipeline("childLeft", concurrency: 3));
        await held.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await cluster.Run(Given.Run).Tell(new RunCommand.Cancel("enough"));
        Assert.Equal(RunStatus.Cancelled, (await cluster.Ended(Given.Run)).Status);
        finish.SetResult();
        foreach (var child in await Children(cluster)) Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(child.Id)).Status);
        Assert.Equal(3, (await Children(cluster)).Length);
    }

    [Fact]
    public async Task One_that_fails_stops_the_others_unless_they_are_to_continue()
    {
        foreach (var (policy, succeeded, failed) in new[] { (OnItemFailure.Fail, 0, 1), (OnItemFailure.Continue, 5, 1) })
        {
            await using var cluster = await With(6);
            var begun = 0;
            cluster.Runner.On("x", async (work, stopped) =>
            {
                if (Interlocked.Increment(ref begun) == 1)
                    return new StageOutcome.Failed(new StepId("x"), new Fault(FaultKind.Invalid, "ETL5001", "no good"), []);
                if (policy == OnItemFailure.Continue) return ScriptedRunner.Succeeded(work);
                await Task.WhenAny(ScriptedRunner.Forever(stopped));
                return new StageOutcome.Stopped();
            });
            await cluster.Run(Given.Run).Tell(Pipeline("child", concurrency: 2, policy));
            var parent = await cluster.Ended(Given.Run);
            Assert.Equal((RunStatus.Failed, "ETL6201"), (parent.Status, parent.Steps[0].Fault!.Code));
            Assert.Equal((succeeded, failed), (parent.Steps[0].Items!.Succeeded, parent.Steps[0].Items!.Failed));
            Assert.Equal(policy == OnItemFailure.Fail ? 1 : 0, (await Children(cluster)).Count(child => child.Status == RunStatus.Cancelled));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task A_store_that_is_away_starts_none_twice(int succeed)
    {
        await using var cluster = await With(4);
        cluster.Journal.FailFrom(succeed, 3);
        await cluster.Run(Given.Run).Tell(Pipeline("child", concurrency: 2));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal(4, (await Children(cluster)).Length);
    }

    private static void InterlockedMax(ref int largest, int value)
    {
        for (int seen; (seen = Volatile.Read(ref largest)) < value;) Interlocked.CompareExchange(ref largest, value, seen);
    }
}
