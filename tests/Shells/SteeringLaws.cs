using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What people say to a run while it goes on survives what happens to silos.</summary>
public sealed class SteeringLaws
{
    [Fact]
    public async Task A_paused_run_starts_nothing_until_it_is_resumed()
    {
        await using var cluster = await Cluster.Start();
        var (begun, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("a", async (work, _) =>
        {
            begun.SetResult();
            await finish.Task;
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a"));
        await begun.Task;
        var paused = Assert.IsType<Answer.Done>(await cluster.Run(Given.Run).Tell(new RunCommand.Pause("lunch", "ann")));
        Assert.Equal(RunStatus.Paused, paused.Status);
        finish.SetResult();
        await cluster.Journal.Stored(Given.Run, events: 4); // started, dispatched, paused, succeeded
        var view = (await cluster.Run(Given.Run).View())!;
        Assert.Equal(("lunch", "ann", StepStatus.Waiting), (view.Paused!.Reason, view.Paused.By, view.Steps[1].Status));
        Assert.Equal(RunStatus.Paused, (await cluster.Store.Catalog.Run(Given.Run, default))!.Status);
        Assert.Equal(["a/1"], cluster.Runner.Ran);
        await cluster.Run(Given.Run).Tell(new RunCommand.Resume());
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal(["a/1", "b/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task A_run_that_is_rescued_stays_paused_and_what_was_lost_begins_anew_when_it_is_resumed()
    {
        await using var cluster = await Cluster.Start(silos: 2, Cluster.NoPatience);
        var begun = new TaskCompletionSource();
        cluster.Runner.On("a", async (work, stopped) =>
        {
            if (begun.TrySetResult()) await ScriptedRunner.Forever(stopped); // the same attempt may be sent off again
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        await begun.Task;
        await cluster.Run(Given.Run).Tell(new RunCommand.Pause("lunch"));
        var there = cluster.Silos.Silos.Single(silo => silo.SiloAddress.Equals(cluster.Runner.Places["a/1"]));
        await cluster.Silos.StopSiloAsync(there);
        await cluster.Journal.Stored(Given.Run, events: 4); // the fourth: lost
        Assert.Equal((RunStatus.Paused, StepStatus.Retrying),
            ((await cluster.Run(Given.Run).View())!.Status, (await cluster.Run(Given.Run).View())!.Steps[0].Status));
        Assert.Equal(["a/1"], cluster.Runner.Ran);
        await cluster.Run(Given.Run).Tell(new RunCommand.Resume());
        await cluster.Journal.End(Given.Run);
        Assert.Equal(["a/1", "a/2"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task A_step_that_is_skipped_while_it_runs_is_stopped_and_its_report_is_not_heard()
    {
        await using var cluster = await Cluster.Start();
        var (begun, stop) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("a", async (work, stopped) =>
        {
            begun.SetResult();
            stopped.Register(stop.SetResult);
            await stop.Task;
            return ScriptedRunner.Succeeded(work); // it was just about to end
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a", "c"));
        await begun.Task;
        await cluster.Run(Given.Run).Tell(new RunCommand.Skip(new StepId("a"), "not today", "ann"));
        await stop.Task.WaitAsync(TimeSpan.FromMinutes(2));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal([StepStatus.Skipped, StepStatus.Skipped, StepStatus.Succeeded], ended.Steps.Select(step => step.Status));
        Assert.Equal(("not today", "ann"), (ended.Steps[0].ByHand!.Reason, ended.Steps[0].ByHand!.By));
        Assert.Null(await cluster.Store.Catalog.Dataset("test/a", null, default));
    }

    [Fact]
    public async Task A_step_that_waits_for_a_signal_is_never_taken_for_dead_and_moves_with_its_run()
    {
        await using var cluster = await Cluster.Start(silos: 2, Cluster.NoPatience with
        {
            HeartbeatPatience = TimeSpan.FromMilliseconds(1), RepayEvery = TimeSpan.FromMilliseconds(10),
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("signal", "b: signal"));
        await cluster.Silos.KillSiloAsync(await cluster.Driver(Given.Run));
        await cluster.Run(Given.Run).Wake();
        var waits = (await cluster.Run(Given.Run).View())!;
        Assert.Equal((StepStatus.Awaiting, 1, 2L), (waits.Steps[0].Status, waits.Steps[0].Attempts, waits.Version));
        RunCommand signal = new RunCommand.Signal("go", [new Field("n", new SpecValue.Integer(7))], "k");
        await cluster.Run(Given.Run).Tell(signal);
        var ended = await cluster.Ended(Given.Run);
        Assert.IsType<Answer.Done>(await cluster.Run(Given.Run).Tell(signal)); // its answer may have been lost
        Assert.Equal("7", Assert.Single(ended.Steps[0].Values).Value.ToJson());
        Assert.Equal(["b/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task Steps_that_wait_for_an_answer_or_a_time_need_no_slot()
    {
        await using var cluster = await Cluster.Start(options: new ShellOptions { StagesAtOnce = 1 });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("ask", "nap", "a", "b: ask, nap"));
        await cluster.Journal.Stored(Given.Run, events: 6); // started, three begun, one succeeded, one expired
        await cluster.Run(Given.Run).Tell(new RunCommand.Review(new StepId("ask"), true, "ann", "fine"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Equal(["a/1", "b/1"], cluster.Runner.Ran);
        var row = (await cluster.Store.Catalog.Steps(Given.Run, default)).Single(step => step.Position == 0);
        Assert.Equal(StepStatus.Succeeded, row.Status);
    }

    [Fact]
    public async Task What_is_said_to_a_run_that_nobody_drives_is_stored_and_found_by_whoever_takes_it_up()
    {
        var store = new MemoryStore();
        await Rival.Begin(store, Given.Run, "1.2.3.4:5@6");
        var desk = new RunDesk(store.Journal, _ => throw new InvalidOperationException(), TimeProvider.System, null, Guid.NewGuid, new ShellOptions());
        var answer = await UndrivenRun.Tell(desk, Given.Run, new RunCommand.Pause("lunch"), default);
        Assert.Equal(RunStatus.Paused, Assert.IsType<Answer.Done>(answer).Status);
        Assert.Null((await store.Catalog.Run(Given.Run, default))!.Driver);
        Assert.IsType<Answer.Refused>(await UndrivenRun.Tell(
            desk, Given.Run, new RunCommand.Skip(new StepId("nowhere"), "why not"), default));
        await using var cluster = await Cluster.Start(silos: 1, Cluster.NoPatience, over: store);
        await cluster.Run(Given.Run).Tell(new RunCommand.Resume());
        await cluster.Journal.End(Given.Run);
        Assert.Equal(["a/2"], cluster.Runner.Ran);
    }

    [Theory]
    [InlineData("""{"type":"pause","reason":"lunch","by":"ann"}""")]
    [InlineData("""{"type":"resume"}""")]
    [InlineData("""{"type":"skip","step":"a","reason":"not today","whole_stage":true}""")]
    [InlineData("""{"type":"succeed","step":"a","reason":"done","values":[{"name":"n","value":1}],"whole_stage":false}""")]
    [InlineData("""{"type":"signal","name":"go","data":[{"name":"n","value":{"a":[1,null]}}],"key":"k"}""")]
    [InlineData("""{"type":"review","step":"ask","approved":true,"by":"ann","comment":"fine"}""")]
    public void A_letter_to_another_process_is_read_as_it_was_written(string letter) =>
        Assert.Equal(letter, System.Text.Encoding.UTF8.GetString(EventCodec.Write(EventCodec.ReadCommand(System.Text.Encoding.UTF8.GetBytes(letter)))));
}
