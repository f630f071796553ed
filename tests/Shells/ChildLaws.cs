using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>A step starts a run of another pipeline, one, whatever happens to silos and to the store, and hears how it ended.</summary>
public sealed class ChildLaws
{
    [Fact]
    public async Task A_child_runs_and_its_parent_goes_on_with_what_it_gave()
    {
        await using var cluster = await WithOther("x", "y: x");
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "child: a", "b: child"));
        var parent = await cluster.Ended(Given.Run);
        Assert.Equal(RunStatus.Succeeded, parent.Status);
        Assert.Equal(["a/1", "x/1", "y/1", "b/1"], cluster.Runner.Ran);
        var child = await cluster.Ended(new RunId(parent.Steps[1].Values[0].Value.ToPlainText()));
        Assert.Equal((new ParentRun(Given.Run, new StepId("child"), 1), 1), (child.Parent, child.RegisteredVersion));
        Assert.Equal("succeeded", ((parent.Steps[1].Values[1].Value as SpecValue.Map)!["y"] as SpecValue.Map)!["status"]!.ToPlainText());
    }

    [Fact]
    public async Task The_failure_of_a_child_names_it_and_its_fault()
    {
        await using var cluster = await WithOther("x");
        cluster.Runner.On("x", (_, _) => Task.FromResult<StageOutcome>(
            new StageOutcome.Failed(new StepId("x"), new Fault(FaultKind.Invalid, "ETL5001", "no good"), [])));
        await cluster.Run(Given.Run).Tell(Given.Pipeline("child", "b: child"));
        var parent = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Failed, "ETL6832"), (parent.Status, parent.Steps[0].Fault!.Code));
        Assert.Contains("ETL5001: no good", parent.Steps[0].Fault!.Message);
    }

    [Fact]
    public async Task A_pipeline_that_is_not_registered_fails_the_step()
    {
        await using var cluster = await Cluster.Start();
        await cluster.Run(Given.Run).Tell(Given.Pipeline("child"));
        Assert.Equal("ETL6100", (await cluster.Ended(Given.Run)).Steps[0].Fault!.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_store_that_is_away_starts_no_second_one(int succeed)
    {
        await using var cluster = await WithOther("x");
        cluster.Journal.FailFrom(succeed, 2);
        await cluster.Run(Given.Run).Tell(Given.Pipeline("light", "child: light"));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal(2, (await cluster.Store.Catalog.Runs(new RunQuery(null, Limit: 10), default)).Items.Length);
    }

    [Fact]
    public async Task Whatever_silo_dies_it_is_one_child_and_its_end_is_heard()
    {
        await using var cluster = await WithOther(3, "x", "y: x");
        var begun = new TaskCompletionSource();
        cluster.Runner.On("x", async (work, stopped) =>
        {
            if (begun.TrySetResult()) await ScriptedRunner.Forever(stopped); // the same attempt may be sent off again
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("child", "b: child"));
        await begun.Task;
        await cluster.Silos.KillSiloAsync(await cluster.Driver(Given.Run));
        var child = (await cluster.Run(Given.Run).View())!.Steps[0].Awaits!.Child!.Run;
        if (cluster.Silos.Silos.Any(silo => silo.SiloAddress.Equals(cluster.Runner.Places["x/1"])) && cluster.Silos.Silos.Count > 1)
            await cluster.Silos.KillSiloAsync(cluster.Silos.Silos.Single(silo => silo.SiloAddress.Equals(cluster.Runner.Places["x/1"])));
        var parent = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Succeeded, child.Value), (parent.Status, parent.Steps[0].Values[0].Value.ToPlainText()));
        Assert.Equal(2, (await cluster.Store.Catalog.Runs(new RunQuery(null, Limit: 10), default)).Items.Length);
        Assert.Single(cluster.Runner.Ran, ran => ran.StartsWith("y/"));
    }

    [Theory]
    [InlineData("child", RunStatus.Cancelled)]
    [InlineData("childLeft", RunStatus.Succeeded)]
    public async Task A_parent_that_is_cancelled_ends_after_its_child_unless_that_is_abandoned(string step, RunStatus end)
    {
        await using var cluster = await WithOther("x");
        var (begun, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("x", async (work, stopped) =>
        {
            begun.TrySetResult();
            await Task.WhenAny(finish.Task, ScriptedRunner.Forever(stopped));
            return stopped.IsCancellationRequested ? new StageOutcome.Stopped() : ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline(step));
        await begun.Task;
        var child = (await cluster.Run(Given.Run).View())!.Steps[0].Awaits!.Child!.Run;
        await cluster.Run(Given.Run).Tell(new RunCommand.Cancel("enough"));
        var parent = await cluster.Ended(Given.Run);
        finish.SetResult();
        var other = await cluster.Ended(child);
        Assert.Equal((RunStatus.Cancelled, end), (parent.Status, other.Status));
        if (end == RunStatus.Cancelled) Assert.True(other.EndedAt <= parent.EndedAt);
    }

    private static Task<Cluster> WithOther(params string[] steps) => WithOther(1, steps);

    private static async Task<Cluster> WithOther(short silos, params string[] steps)
    {
        var cluster = await Cluster.Start(silos);
        var spec = Given.Pipeline(steps).Spec with { Name = "other" };
        await Cluster.Definitions(cluster.Store.GrainStates, TimeProvider.System).Tell("other", new DefinitionCommand.Register(spec, "/tmp"), default);
        return cluster;
    }
}
