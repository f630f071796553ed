using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

public sealed class RunLaws
{
    [Fact]
    public async Task A_run_goes_to_its_end_and_every_step_runs_once()
    {
        await using var cluster = await Cluster.Start();
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a", "c: a", "d: b, c"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Equal(["a/1", "b/1", "c/1", "d/1"], cluster.Runner.Ran.Order());
    }

    [Fact]
    public async Task What_a_step_gave_is_published_when_it_finished_and_not_before()
    {
        await using var cluster = await Cluster.Start();
        var (begun, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("a", async (work, _) =>
        {
            begun.SetResult();
            await finish.Task;
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        await begun.Task;
        Assert.Null(await cluster.Store.Catalog.Dataset("test/a", null, default));
        finish.SetResult();
        await cluster.Ended(Given.Run);
        Assert.NotNull(await cluster.Store.Catalog.Dataset("test/a", Given.Run.Value, default));
    }

    [Fact]
    public async Task The_same_start_twice_is_one_run()
    {
        await using var cluster = await Cluster.Start();
        var answers = await Task.WhenAll(
            cluster.Run(Given.Run).Tell(Given.Pipeline("a")), cluster.Run(Given.Run).Tell(Given.Pipeline("a")));
        await cluster.Ended(Given.Run);
        Assert.All(answers, answer => Assert.IsType<Answer.Done>(answer));
        Assert.Equal(["a/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task Faults_of_a_definition_come_back_all_at_once_and_nothing_is_stored()
    {
        await using var cluster = await Cluster.Start();
        var answer = await cluster.Run(Given.Run).Tell(Given.Pipeline("a: nowhere", "b: neither"));
        Assert.Equal(2, Assert.IsType<Answer.Refused>(answer).Faults.Length);
        Assert.Null(await cluster.Run(Given.Run).View());
        Assert.Null(await cluster.Store.Journal.Read(Given.Run, default));
    }

    [Fact]
    public async Task Cancel_stops_the_step_that_runs_and_starts_no_other()
    {
        await using var cluster = await Cluster.Start();
        var begun = new TaskCompletionSource();
        cluster.Runner.On("a", async (_, stopped) =>
        {
            begun.SetResult();
            await ScriptedRunner.Forever(stopped).ContinueWith(_ => { }, TaskScheduler.Default);
            return new StageOutcome.Stopped();
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a"));
        await begun.Task;
        await cluster.Run(Given.Run).Tell(new RunCommand.Cancel("enough"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Cancelled, ended.Status);
        Assert.Equal(["a/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task Whatever_a_stopped_step_throws_it_was_stopped()
    {
        await using var cluster = await Cluster.Start();
        var begun = new TaskCompletionSource();
        cluster.Runner.On("a", async (_, stopped) =>
        {
            begun.SetResult();
            await Task.WhenAny(ScriptedRunner.Forever(stopped));
            throw new IOException("The pipe is broken.");
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        await begun.Task;
        await cluster.Run(Given.Run).Tell(new RunCommand.Cancel("enough"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Cancelled, StepStatus.Cancelled), (ended.Status, ended.Steps[0].Status));
    }

    [Fact]
    public async Task A_transient_fault_is_tried_again_and_a_lasting_one_is_not()
    {
        await using var cluster = await Cluster.Start();
        cluster.Runner.On("a", (work, _) => Task.FromResult(work.Attempt.Number < 3
            ? new StageOutcome.Failed(new StepId("a"), new Fault(FaultKind.Unavailable, "ETL4000", "Away."), [])
            : ScriptedRunner.Succeeded(work)));
        cluster.Runner.On("b", (_, _) => Task.FromResult<StageOutcome>(
            new StageOutcome.Failed(new StepId("b"), new Fault(FaultKind.Invalid, "ETL2000", "Wrong."), [])));
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a", "c: b"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Failed, ended.Status);
        Assert.Equal(["a/1", "a/2", "a/3", "b/1"], cluster.Runner.Ran.Order());
        Assert.Equal(StepStatus.Skipped, ended.Steps[2].Status);
    }

    [Fact]
    public async Task A_step_that_throws_fails_the_step_and_not_the_process()
    {
        await using var cluster = await Cluster.Start();
        cluster.Runner.On("a", (_, _) => throw new InvalidOperationException("broken"));
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(FaultKind.Bug, ended.Fault!.Kind);
    }

    [Fact]
    public async Task A_thousand_steps_that_report_together_are_few_commits()
    {
        await using var cluster = await Cluster.Start(options: new ShellOptions { StagesAtOnce = 2000 });
        var steps = Enumerable.Range(0, 1000).Select(i => $"s{i}").ToArray();
        await cluster.Run(Given.Run).Tell(Given.Pipeline(steps));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, ended.Status);
        Assert.Equal(1000, cluster.Runner.Ran.Distinct().Count());
        Assert.Equal(2002, ended.Version); // started, dispatched and succeeded a thousand times each, ended
    }
}
