using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>A run survives what happens to its process and to its store: nothing that finished runs again.</summary>
public sealed class CrashLaws
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_store_that_is_away_for_a_while_costs_no_finished_work(int appends)
    {
        await using var cluster = await Cluster.Start();
        var begun = new TaskCompletionSource();
        cluster.Runner.On("a", (work, _) =>
        {
            cluster.Journal.FailBefore(appends);
            begun.TrySetResult();
            return Task.FromResult(ScriptedRunner.Succeeded(work));
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Equal(["a/1", "b/1"], cluster.Runner.Ran.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_append_whose_answer_was_lost_is_not_done_twice(int appends)
    {
        await using var cluster = await Cluster.Start();
        cluster.Runner.On("a", (work, _) =>
        {
            cluster.Journal.FailAfter(appends);
            return Task.FromResult(ScriptedRunner.Succeeded(work));
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Single(cluster.Runner.Ran, ran => ran.StartsWith("a/"));
        Assert.Single(cluster.Runner.Ran, ran => ran.StartsWith("b/"));
        var history = (await cluster.Store.Journal.Read(Given.Run, default))!.Events.Select(bytes => EventCodec.ReadEvent(bytes));
        Assert.Equal(2, history.Count(e => e is Engine.Runs.RunEvent.StageSucceeded));
    }

    [Fact]
    public async Task Somebody_else_who_writes_to_the_run_is_noticed_and_believed()
    {
        await using var cluster = await Cluster.Start();
        var (begun, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("a", async (work, _) =>
        {
            begun.TrySetResult();
            await finish.Task;
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        await begun.Task;
        await Rival.Cancel(cluster.Store, Given.Run);
        finish.SetResult();
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Cancelled, ended.Status);
        Assert.Null(await cluster.Store.Catalog.Dataset("test/a", null, default));
    }

    [Fact]
    public async Task A_killed_silos_run_goes_on_and_its_finished_steps_do_not_run_again()
    {
        await using var cluster = await Cluster.Start(silos: 2, new ShellOptions
        {
            StagesAtOnce = 8, RepayEvery = TimeSpan.FromMilliseconds(100), HeartbeatPatience = TimeSpan.FromMilliseconds(500),
            LeavePatience = TimeSpan.FromMilliseconds(500),
        });
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Runner.On("b", async (work, stopped) =>
        {
            // The same attempt may be sent off again, if the silo dies before it has said that it has it.
            if (begun.TrySetResult()) await ScriptedRunner.Forever(stopped);
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a", "c: b"));
        await begun.Task;
        await cluster.Silos.KillSiloAsync(cluster.Silos.Silos[1]);
        await cluster.Silos.RestartSiloAsync(cluster.Silos.Silos[0]);
        await cluster.Run(Given.Run).Wake();
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Single(cluster.Runner.Ran, ran => ran.StartsWith("a/"));
        Assert.Single(cluster.Runner.Ran, ran => ran.StartsWith("c/"));
    }
}
