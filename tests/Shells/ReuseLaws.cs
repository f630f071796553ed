using System.Collections.Immutable;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Steps;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What was done once is not done again where that is asked for; whatever is in doubt is.</summary>
public sealed class ReuseLaws
{
    private static RunCommand.Start Reusing(TimeSpan age, params string[] steps) =>
        Given.Pipeline(steps) is var start ? start with { Spec = start.Spec with { Reuse = age } } : start;

    private static readonly RunCommand.Start Pipeline = Reusing(TimeSpan.FromDays(7), "a", "b: a");

    private static string Name(StageWork work) =>
        $"{work.Steps[0].Id}({string.Join(',', work.Steps[0].Inputs.Select(input => input.Dataset.ContentHash))})";

    private static async Task<Cluster> Started()
    {
        var cluster = await Cluster.Start();
        cluster.Runner.Names = Name;
        return cluster;
    }

    private static async Task<RunView> Ended(Cluster cluster, int run, RunCommand.Start start)
    {
        Assert.IsType<Answer.Done>(await cluster.Run(Given.Other(run)).Tell(start));
        return await cluster.Ended(Given.Other(run));
    }

    [Fact]
    public async Task The_same_work_is_done_once_and_later_runs_refer_to_what_it_gave()
    {
        await using var cluster = await Started();
        var first = await Ended(cluster, 1, Pipeline);
        var second = await Ended(cluster, 2, Pipeline);
        var third = await Ended(cluster, 3, Pipeline);
        Assert.Equal(["a/1", "b/1"], cluster.Runner.Ran);
        Assert.All(first.Steps, step => Assert.Equal((StepStatus.Succeeded, null), (step.Status, step.ReusedFrom)));
        Assert.Equal(RunStatus.Succeeded, second.Status);
        foreach (var step in second.Steps.Concat(third.Steps))
            Assert.Equal((StepStatus.Reused, first.Id, first.Id.Value), (step.Status, step.ReusedFrom, step.Outputs[0].Dataset!.Ref.Version));
        Assert.Empty(await cluster.Store.Catalog.Published(second.Id, default));
        Assert.All(await cluster.Store.Catalog.Steps(second.Id, default), row => Assert.Equal(StepStatus.Reused, row.Status));
        Assert.Equal(first.Steps[1].Outputs[0].Dataset, (await cluster.Ended(second.Id)).Steps[1].Outputs[0].Dataset, new SameDataset());
    }

    [Fact]
    public async Task Only_what_reads_something_else_is_done_again()
    {
        await using var cluster = await Started();
        var start = Reusing(TimeSpan.FromDays(7), "a", "b: a", "c", "d: c");
        await Ended(cluster, 1, start);
        cluster.Runner.Names = work => Name(work) + (work.Steps[0].Id.Value == "c" ? " of another file" : "");
        cluster.Runner.On("c", (work, _) => Task.FromResult(Changed((StageOutcome.Succeeded)ScriptedRunner.Succeeded(work))));
        var second = await Ended(cluster, 2, start);
        Assert.Equal(["a/1", "b/1", "c/1", "c/1", "d/1", "d/1"], cluster.Runner.Ran.Order());
        Assert.Equal("a b", string.Join(' ', second.Steps.Where(step => step.Status == StepStatus.Reused).Select(step => step.Id)));

        static StageOutcome Changed(StageOutcome.Succeeded outcome) => outcome with
        {
            Results = [.. outcome.Results.Select(result => result with
            {
                Outputs = [.. result.Outputs.Select(output => output with { Dataset = output.Dataset! with { ContentHash = "other" } })],
            })],
        };
    }

    [Fact]
    public async Task Nothing_is_used_again_unless_the_pipeline_asks_for_it()
    {
        await using var cluster = await Started();
        await Ended(cluster, 1, Given.Pipeline("a"));
        await Ended(cluster, 2, Reusing(TimeSpan.FromDays(7), "a"));
        Assert.Equal(["a/1", "a/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task What_is_too_old_is_done_again()
    {
        await using var cluster = await Started();
        var brief = Reusing(TimeSpan.FromMicroseconds(1), "a");
        await Ended(cluster, 1, brief);
        await Ended(cluster, 2, brief);
        Assert.Equal(["a/1", "a/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task A_step_that_is_refreshed_is_done_and_later_runs_get_what_it_gave_then()
    {
        await using var cluster = await Started();
        await Ended(cluster, 1, Pipeline);
        await Ended(cluster, 2, Pipeline with { Refresh = new Refresh(false, [new StepId("a")]) });
        Assert.Equal(["a/1", "b/1", "a/1"], cluster.Runner.Ran); // b got the same rows
        await Ended(cluster, 3, Pipeline with { Refresh = new Refresh(true, []) });
        Assert.Equal(5, cluster.Runner.Ran.Count);
        Assert.All((await Ended(cluster, 4, Pipeline)).Steps, step => Assert.Equal(Given.Other(3), step.ReusedFrom));
    }

    [Fact]
    public async Task What_changed_while_it_was_read_is_not_used_again()
    {
        await using var cluster = await Started();
        var start = Reusing(TimeSpan.FromDays(7), "a");
        cluster.Runner.On("a", (work, _) =>
        {
            cluster.Runner.Names = _ => "as it is now";
            return Task.FromResult(ScriptedRunner.Succeeded(work));
        });
        await Ended(cluster, 1, start);
        cluster.Runner.Names = Name;
        await Ended(cluster, 2, start); // its name is again what it was before
        cluster.Runner.Names = _ => "as it is now";
        await Ended(cluster, 3, start);
        Assert.Equal(["a/1", "a/1", "a/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task What_failed_or_was_marked_by_hand_is_done_again()
    {
        await using var cluster = await Started();
        var start = Reusing(TimeSpan.FromDays(7), "a");
        var tries = 0;
        var begun = new TaskCompletionSource();
        cluster.Runner.On("a", async (work, stopped) =>
        {
            if (++tries == 1) return new StageOutcome.Failed(new StepId("a"), new Fault(FaultKind.Invalid, "ETL5040", "bad rows"), []);
            if (tries > 2) return ScriptedRunner.Succeeded(work);
            begun.SetResult();
            await ScriptedRunner.Forever(stopped);
            return new StageOutcome.Stopped();
        });
        Assert.Equal(RunStatus.Failed, (await Ended(cluster, 1, start)).Status);
        await cluster.Run(Given.Other(2)).Tell(start);
        await begun.Task;
        await cluster.Run(Given.Other(2)).Tell(new RunCommand.Succeed(new StepId("a"), "by hand", []));
        Assert.Equal(StepStatus.Succeeded, (await cluster.Ended(Given.Other(2))).Steps[0].Status);
        Assert.Equal(StepStatus.Succeeded, (await Ended(cluster, 3, start)).Steps[0].Status);
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task What_is_not_there_any_more_is_done_again()
    {
        await using var cluster = await Started();
        await Ended(cluster, 1, Pipeline);
        cluster.Runner.Finds = results => results[0].Step.Value != "b";
        await Ended(cluster, 2, Pipeline);
        Assert.Equal(["a/1", "b/1", "b/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task A_store_that_cannot_be_asked_costs_the_work_and_not_the_step()
    {
        var runner = new ScriptedRunner { Names = Name };
        var work = new StageWork(
            Given.Run, "test", 0, new Attempt(1), [new StepWork(new StepId("a"), "test.step", SpecValue.Map.Empty, [], true)], "/", null,
            Reuse: TimeSpan.FromDays(7));
        var outcome = await new StageReuse(runner, new AwayResults(), TimeProvider.System).Run(work, _ => { }, default);
        Assert.Equal("a()", Assert.IsType<StageOutcome.Succeeded>(outcome).ReuseKey);
        Assert.Equal(["a/1"], runner.Ran);
    }

    [Fact]
    public async Task The_history_says_where_results_come_from()
    {
        await using var cluster = await Started();
        await Ended(cluster, 1, Pipeline);
        await Ended(cluster, 2, Pipeline);
        var page = (await new Catalog.RunHistory(cluster.Store.Journal).Read(new HistoryFilter(Given.Other(2)), default))!;
        var reused = page.Entries.Where(entry => entry.What == "step_reused").ToArray();
        Assert.Equal(["a", "b"], reused.Select(entry => string.Join(' ', entry.Steps)));
        Assert.All(reused, entry => Assert.Equal($"from {Given.Other(1)}", entry.Reason));
    }

    private sealed class AwayResults : IStepResults
    {
        public Task<ResultRow?> Find(string reuseKey, DateTimeOffset notBefore, CancellationToken cancellation) =>
            Task.FromException<ResultRow?>(new FaultException(new Fault(FaultKind.Unavailable, "ETL4403", "away")));
    }

    private sealed class SameDataset : IEqualityComparer<DatasetVersion?>
    {
        public bool Equals(DatasetVersion? x, DatasetVersion? y) => EventCodec.Write(x!).AsSpan().SequenceEqual(EventCodec.Write(y!));
        public int GetHashCode(DatasetVersion? version) => version!.Ref.GetHashCode();
    }
}
