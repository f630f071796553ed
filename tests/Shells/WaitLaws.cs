using System.Collections.Concurrent;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What does not go on says why, and no longer than it is true.</summary>
public sealed class WaitLaws
{
    private static readonly ShellOptions OneSlot = new() { StagesAtOnce = 1, HeartbeatEvery = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task An_attempt_that_waits_for_its_slot_says_so_with_its_place_and_no_more_once_it_has_it()
    {
        await using var cluster = await Cluster.Start(options: OneSlot);
        var begun = new BlockingSteps("a", "b", "c");
        begun.On(cluster.Runner);
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b", "c"));

        var first = await begun.Next();
        var view = await Until(cluster, run => Held(run) == 2);
        Assert.Equal(
            ["waits for a processor slot and memory, 1 before it", "waits for a processor slot and memory, next in line"],
            view.Steps.Where(step => step.Id.Value != first).Select(step => step.Waiting).Order());
        Assert.All(view.Steps.Where(step => step.Id.Value != first), step =>
        {
            Assert.Equal((StepStatus.Waiting, null, 1), (step.Status, step.StartedAt, step.Attempts));
            Assert.NotNull(step.Wait!.Since);
        });
        Assert.Null(view.Wait); // one step runs

        begun.Finish(first);
        var second = await begun.Next();
        await Until(cluster, run => Held(run) == 1 && run.Steps.Single(step => step.Id.Value == second) is { Status: StepStatus.Running, Wait: null });
        begun.Finish(second);
        begun.Finish(await begun.Next());
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);

        static int Held(RunView run) => run.Steps.Count(step => step.Wait?.For == WaitFor.Slot);
    }

    [Fact]
    public async Task What_stands_in_line_does_not_begin_while_the_run_is_paused()
    {
        await using var cluster = await Cluster.Start(options: OneSlot);
        var begun = new BlockingSteps("a", "b");
        begun.On(cluster.Runner);
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b"));
        var first = await begun.Next();
        await cluster.Run(Given.Run).Tell(new RunCommand.Pause("lunch"));
        await Until(cluster, run => run.Steps.Single(step => step.Id.Value != first).Wait?.For == WaitFor.Resume);
        begun.Finish(first);
        await Until(cluster, run => run.Steps.Count(step => step.Status == StepStatus.Succeeded) == 1);
        Assert.Single(cluster.Runner.Ran);
        await cluster.Run(Given.Run).Tell(new RunCommand.Resume());
        begun.Finish(await begun.Next());
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
    }

    [Fact]
    public async Task What_held_up_one_attempt_is_not_said_of_the_next()
    {
        await using var cluster = await Cluster.Start(options: Cluster.NoPatience with { HeartbeatEvery = TimeSpan.FromHours(1) });
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("a", async (work, stopped) =>
        {
            if (work.Attempt.Number == 2)
            {
                second.SetResult();
                await ScriptedRunner.Forever(stopped);
            }
            await first.Task;
            return new StageOutcome.Failed(new StepId("a"), new Fault(FaultKind.Unavailable, "ETL9003", "away"), []);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        var slot = new SlotWait(DateTimeOffset.UnixEpoch, 4, false, true);
        await cluster.Run(Given.Run).Heartbeat(new Heartbeat(0, new Attempt(1), [], slot));
        Assert.Equal(slot.Wait(), (await cluster.Run(Given.Run).View())!.Steps[0].Wait);
        first.SetResult();
        await second.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal((StepStatus.Running, null), (await cluster.Run(Given.Run).View())!.Steps[0] is var step ? (step.Status, step.Wait) : default);
    }

    [Fact]
    public async Task Without_a_silo_that_could_run_it_a_step_says_which_role_is_missing()
    {
        await using var cluster = await Cluster.Start(
            options: OneSlot, name: number => number == 0 ? "control.zero" : "control+data.one");
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        var view = await Until(cluster, run => run.Wait is not null);
        Assert.Equal((WaitFor.Silo, "No silo has the role `data`."), (view.Wait!.For, view.Wait.Text));
        Assert.Equal((StepStatus.Waiting, view.Wait), (view.Steps[0].Status, view.Steps[0].Wait));
        Assert.NotNull(view.Wait.Since);
        await cluster.Silos.StartAdditionalSiloAsync();
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Succeeded, null, null), (ended.Status, ended.Wait, ended.Steps[0].Wait));
    }

    [Fact]
    public async Task While_the_store_does_not_take_what_happened_the_run_says_so()
    {
        await using var cluster = await Cluster.Start(options: new ShellOptions { StoreSlow = TimeSpan.Zero });
        var begun = new BlockingSteps("a");
        begun.On(cluster.Runner);
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        await begun.Next();
        Assert.Null((await cluster.Run(Given.Run).View())!.Wait);
        cluster.Journal.Hang();
        begun.Finish("a");
        await cluster.Journal.Hangs.WaitAsync(TimeSpan.FromMinutes(2));
        var hung = await cluster.Run(Given.Run).View();
        cluster.Journal.GoOn();
        Assert.Equal(WaitFor.Store, hung!.Wait?.For);
        Assert.Null((await cluster.Ended(Given.Run)).Wait);
    }

    /// <summary>The first view for which that holds.</summary>
    private static async Task<RunView> Until(Cluster cluster, Func<RunView, bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        for (RunView? view = null; ; view = await cluster.Run(Given.Run).Watch(view?.Version ?? 0, TimeSpan.FromMilliseconds(50), patience.Token))
        {
            if (view is not null && holds(view)) return view;
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Steps that run until they are told to finish.</summary>
    private sealed class BlockingSteps(params string[] steps)
    {
        private readonly ConcurrentQueue<string> _begun = [];
        private readonly SemaphoreSlim _some = new(0);
        private readonly Dictionary<string, TaskCompletionSource> _finish = steps.ToDictionary(
            step => step, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        public void On(ScriptedRunner runner)
        {
            foreach (var step in steps)
                runner.On(step, async (work, _) =>
                {
                    _begun.Enqueue(step);
                    _some.Release();
                    await _finish[step].Task;
                    return ScriptedRunner.Succeeded(work);
                });
        }

        public async Task<string> Next()
        {
            Assert.True(await _some.WaitAsync(TimeSpan.FromMinutes(2)));
            return _begun.TryDequeue(out var step) ? step : throw new InvalidOperationException();
        }

        public void Finish(string step) => _finish[step].SetResult();
    }
}
