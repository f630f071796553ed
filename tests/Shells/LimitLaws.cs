using System.Collections.Concurrent;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Steps and runs of different silos share a named limit, whoever of them dies.</summary>
public sealed class LimitLaws
{
    private static readonly ShellOptions Quick = new()
    {
        StagesAtOnce = 64, HeartbeatEvery = TimeSpan.FromMilliseconds(20), RepayEvery = TimeSpan.FromMilliseconds(100),
    };

    [Fact]
    public async Task A_step_waits_for_its_limit_says_so_with_its_place_and_runs_when_it_is_free()
    {
        await using var cluster = await Cluster.Start(options: Quick);
        var steps = new HeldSteps("a", "b");
        steps.On(cluster.Runner);
        await Set(cluster, 1);
        await cluster.Run(Given.Run).Tell(Given.Limited("db", "a"));
        await steps.Begun("a");
        await cluster.Run(Given.Other(1)).Tell(Given.Limited("db", "b"));
        var step = (await Until(cluster, Given.Other(1), run => run.Steps[0].Wait is { Before: not null })).Steps[0];
        Assert.Equal(
            (StepStatus.Waiting, null, WaitFor.Limit, "db", 0, "waits for limit db, next in line"),
            (step.Status, step.StartedAt, step.Wait!.For, step.Wait.Limit, step.Wait.Before, step.Waiting));
        var view = (await cluster.Limit("db").View())!;
        Assert.Equal((1L, "test/a", "test/b"), (view.Held, view.Holders.Single().For, view.Line.Single().For));
        Assert.Equal(["a/1"], cluster.Runner.Ran);
        steps.Finish("a");
        await steps.Begun("b");
        steps.Finish("b");
        Assert.Equal(RunStatus.Succeeded, (await Ended(cluster, Given.Other(1))).Status);
        await Free(cluster);
    }

    [Fact]
    public async Task Who_waits_for_a_limit_holds_no_slot()
    {
        await using var cluster = await Cluster.Start(options: Quick with { StagesAtOnce = 1 });
        await Set(cluster, 1);
        Assert.Null(await cluster.Limit("db").Tell(new LimitOrder.Pause("closed", null)));
        await cluster.Run(Given.Run).Tell(Given.Limited("db", "a"));
        await Until(cluster, Given.Run, run => run.Steps[0].Wait?.For == WaitFor.Limit);
        await cluster.Run(Given.Other(1)).Tell(Given.Pipeline("b"));
        Assert.Equal(RunStatus.Succeeded, (await Ended(cluster, Given.Other(1))).Status);
        Assert.Null(await cluster.Limit("db").Tell(new LimitOrder.Resume(null)));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_pause_and_a_cancel_take_it_out_of_line(bool isPause)
    {
        await using var cluster = await Cluster.Start(options: Quick);
        await cluster.Run(Given.Run).Tell(Given.Limited("db", "a")); // a limit that nobody has set keeps everybody waiting
        await Until(cluster, Given.Run, run => run.Steps[0].Wait?.For == WaitFor.Limit);
        await Look(cluster, view => view is { LineTotal: 1 });
        await cluster.Run(Given.Run).Tell(isPause ? new RunCommand.Pause("lunch") : new RunCommand.Cancel("never mind"));
        await Look(cluster, view => view is null);
        await Set(cluster, 1);
        if (isPause) await cluster.Run(Given.Run).Tell(new RunCommand.Resume());
        Assert.Equal(isPause ? RunStatus.Succeeded : RunStatus.Cancelled, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal(isPause ? 1 : 0, cluster.Runner.Ran.Count);
        await Free(cluster);
    }

    [Fact]
    public async Task A_whole_run_waits_for_a_limit_of_runs_and_keeps_it_to_its_end()
    {
        await using var cluster = await Cluster.Start(options: Quick);
        var steps = new HeldSteps("a", "b");
        steps.On(cluster.Runner);
        await Set(cluster, 1, LimitOf.Runs);
        await cluster.Run(Given.Run).Tell(Given.LimitedRun("db", "a", "b: a"));
        await steps.Begun("a");
        await cluster.Run(Given.Other(1)).Tell(Given.LimitedRun("db", "light", "c: light"));
        var waiting = await Until(cluster, Given.Other(1), run => run.Wait is { Before: not null });
        Assert.Equal((WaitFor.Limit, "waits for limit db, next in line"), (waiting.Wait!.For, waiting.Wait.Text));
        steps.Finish("a");
        await steps.Begun("b"); // it holds the limit already
        Assert.Equal(Given.Run.Value, (await cluster.Limit("db").View())!.Holders.Single().Ticket.ToString());
        steps.Finish("b");
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal(RunStatus.Succeeded, (await Ended(cluster, Given.Other(1))).Status);
        Assert.Equal(["a/1", "b/1", "light/1", "c/1"], cluster.Runner.Ran);
        await Free(cluster);
    }

    [Fact]
    public async Task What_a_killed_silo_held_comes_back_and_the_next_one_is_let_in()
    {
        await using var cluster = await Cluster.Start(silos: 3, Quick, number => number == 0 ? "control.h" : $"data.h{number}");
        var steps = new HeldSteps("a", "b");
        steps.On(cluster.Runner);
        await Set(cluster, 1);
        await cluster.Run(Given.Run).Tell(Given.Limited("db", "a"));
        await steps.Begun("a");
        await cluster.Run(Given.Other(1)).Tell(Given.Limited("db", "b"));
        await Look(cluster, view => view is { LineTotal: 1 });
        await cluster.Silos.KillSiloAsync(cluster.Silos.Silos.Single(silo => silo.SiloAddress.Equals(cluster.Runner.Places["a/1"])));
        await Look(cluster, view => view!.Holders.Any(holder => holder.Ticket != new LimitTicket(Given.Run, 0, new Attempt(1))));
        steps.Finish("a");
        steps.Finish("b");
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal(RunStatus.Succeeded, (await Ended(cluster, Given.Other(1))).Status);
        await Free(cluster);
    }

    [Fact]
    public async Task When_the_limit_itself_dies_holders_keep_theirs_and_no_more_are_let_in()
    {
        await using var cluster = await Cluster.Start(silos: 3, Quick, number => number < 2 ? $"control.h{number}" : "data.h");
        var steps = new HeldSteps("a", "b", "c", "d");
        steps.On(cluster.Runner);
        await Set(cluster, 2);
        await cluster.Run(Given.Run).Tell(Given.Limited("db", "a", "b", "c", "d"));
        await steps.Begun();
        await steps.Begun();
        await Look(cluster, view => view is { LineTotal: 2 });
        var before = (await cluster.Limit("db").View())!.Holders.Select(holder => holder.Ticket).ToHashSet();
        foreach (var silo in cluster.Silos.Silos.Where(silo => cluster.Name(silo).StartsWith("control.h1", StringComparison.Ordinal)).ToArray())
            await cluster.Silos.KillSiloAsync(silo);
        await Look(cluster, view => view is { LineTotal: 2, HoldersTotal: 2 });
        Assert.Equal(before, (await cluster.Limit("db").View())!.Holders.Select(holder => holder.Ticket).ToHashSet());
        Assert.Equal(2, cluster.Runner.Ran.Count);
        steps.FinishAll();
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal((4, 2), (cluster.Runner.Ran.Count, steps.AtOnceMax));
        await Free(cluster);
    }

    [Fact]
    public async Task A_holder_of_whose_run_nobody_knows_loses_what_it_holds()
    {
        await using var cluster = await Cluster.Start(options: Quick);
        await Set(cluster, 1);
        var (ghost, next) = (new LimitTicket(Given.Other(7), 0, new Attempt(1)), new LimitTicket(Given.Other(8), 0, new Attempt(1)));
        Assert.IsType<LimitAnswer.Granted>(await cluster.Limit("db").Ask(Ask(ghost), TimeSpan.Zero));
        Assert.IsType<LimitAnswer.Granted>(await cluster.Limit("db").Ask(Ask(next), TimeSpan.FromSeconds(20)));
        Assert.Equal([ghost], await cluster.Limit("db").Renew([ghost, next]));
    }

    [Fact]
    public async Task A_step_from_which_the_limit_is_taken_is_stopped_and_stands_in_line_again()
    {
        await using var cluster = await Cluster.Start(options: Quick);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Runner.On("a", async (work, token) =>
        {
            if (work.Attempt.Number > 1) return ScriptedRunner.Succeeded(work);
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                stopped.SetResult();
            }
            return new StageOutcome.Stopped();
        });
        await Set(cluster, 1);
        await cluster.Run(Given.Run).Tell(Given.Limited("db", "a"));
        var view = await Look(cluster, view => view is { HoldersTotal: 1 });
        Assert.Null(await cluster.Limit("db").Tell(new LimitOrder.Free(view!.Holders[0].Ticket, "it hangs", "ann")));
        await stopped.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal("ann: released", (await cluster.Limit("db").View())!.Acts[0] is var act ? $"{act.By}: {act.What[..8]}" : "");
    }

    [Fact]
    public async Task Two_clusters_over_one_store_never_let_in_more_than_there_is()
    {
        var (store, shared) = (new MemoryStore(), Quick with { StatesAreShared = true });
        await using var one = await Cluster.Start(options: shared, over: store);
        await using var other = await Cluster.Start(options: shared, over: store);
        await Set(one, 3);
        var (inside, most, all) = (0, 0, new ConcurrentBag<LimitTicket>());
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            var limit = (number % 2 == 0 ? one : other).Limit("db");
            var ticket = new LimitTicket(Given.Other(number), 0, new Attempt(1));
            while (await limit.Ask(Ask(ticket), TimeSpan.FromSeconds(5)) is not LimitAnswer.Granted) { }
            all.Add(ticket);
            var now = Interlocked.Increment(ref inside);
            for (var seen = most; now > seen; seen = most) Interlocked.CompareExchange(ref most, now, seen);
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            await limit.Release(ticket);
        })).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(40, all.Distinct().Count());
        Assert.InRange(most, 1, 3);
    }

    private static LimitAsk Ask(LimitTicket ticket) => new(ticket, 1, 0, "test", DateTimeOffset.UnixEpoch, "test");

    internal static async Task Set(Cluster cluster, int concurrency, LimitOf of = LimitOf.Steps) =>
        Assert.Null(await cluster.Limit("db").Tell(new LimitOrder.Set(new LimitSpec(concurrency, null, of, []), "ann")));

    /// <summary>Done when nobody holds it and nobody waits.</summary>
    internal static Task Free(Cluster cluster) => Look(cluster, view => view is { HoldersTotal: 0, LineTotal: 0, Held: 0 });

    internal static async Task<LimitView?> Look(Cluster cluster, Func<LimitView?, bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (await cluster.Limit("db").View() is var view && holds(view)) return view;
            patience.Token.ThrowIfCancellationRequested();
            await Task.Delay(10, patience.Token);
        }
    }

    private static async Task<RunView> Until(Cluster cluster, RunId id, Func<RunView, bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        for (RunView? view = null; ; view = await cluster.Run(id).Watch(view?.Version ?? 0, TimeSpan.FromMilliseconds(50), patience.Token))
        {
            if (view is not null && holds(view)) return view;
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static Task<RunView> Ended(Cluster cluster, RunId id) => Until(cluster, id, run => run.Status.IsTerminal());

    /// <summary>Steps that run until they are told to finish.</summary>
    private sealed class HeldSteps(params string[] steps)
    {
        private readonly Dictionary<string, TaskCompletionSource> _finish = steps.ToDictionary(step => step, _ => Signal());
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _begun = new(steps.ToDictionary(step => step, _ => Signal()));
        private readonly SemaphoreSlim _some = new(0);
        private int _running;
        private int _most;

        public int AtOnceMax => _most;

        public void On(ScriptedRunner runner)
        {
            foreach (var step in steps)
                runner.On(step, async (work, _) =>
                {
                    var now = Interlocked.Increment(ref _running);
                    for (var seen = _most; now > seen; seen = _most) Interlocked.CompareExchange(ref _most, now, seen);
                    _begun[step].TrySetResult();
                    _some.Release();
                    await _finish[step].Task;
                    Interlocked.Decrement(ref _running);
                    return ScriptedRunner.Succeeded(work);
                });
        }

        public Task Begun(string step) => _begun[step].Task.WaitAsync(TimeSpan.FromMinutes(2));
        public async Task Begun() => Assert.True(await _some.WaitAsync(TimeSpan.FromMinutes(2)));
        public void Finish(string step) => _finish[step].TrySetResult();
        public void FinishAll() => Array.ForEach(steps, Finish);

        private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
