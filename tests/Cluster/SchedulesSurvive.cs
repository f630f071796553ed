using System.Collections.Immutable;
using OrleansEtl.Client;

namespace OrleansEtl.Cluster.Tests;

/// <summary>A schedule of a cluster fires for every interval once, whichever silo is killed.</summary>
public class SchedulesSurvive
{
    private static readonly PipelineSpec Second = new("second", null, [],
        [new StepSpec(new StepId("one"), "flow.noop", [], SpecValue.Map.Empty)]);

    [Fact]
    public async Task Every_second_has_one_run_though_silos_are_killed()
    {
        await using var cluster = await ClusterHarness.Start();
        await using var etl = await cluster.Connect();
        Assert.IsType<DefinitionAnswer.Done>(await etl.Register(new DefinitionCommand.Register(Second, ""), default));
        var spec = new ScheduleSpec(
            new Recurrence.Interval(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch), Pipeline: "second", CatchUp: CatchUp.All, Overlap: Overlap.Allow);
        Assert.IsType<ScheduleAnswer.Done>(await etl.Schedules.Put("tick", spec, false, default));
        await Fired(etl, 3);
        await cluster.Silos[0].Kill();
        await Fired(etl, 8);
        await cluster.Silos[0].Start().Ready();
        await cluster.Silos[1].Kill();
        await Fired(etl, 14);
        Assert.IsType<ScheduleAnswer.Done>(await etl.Schedules.Pause("tick", default));
        var runs = await Runs(etl);
        var times = (await Task.WhenAll(runs.Select(async run => (await etl.View(run, default))!.Occasion!.IntervalEnd.ToUnixTimeSeconds()))).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, times.Length).Select(i => times[0] + i), times);
        var view = await cluster.RunJson(0, "schedules", "show", "tick");
        Assert.True(view.GetProperty("is_paused").GetBoolean());
        Assert.All(view.GetProperty("recent").EnumerateArray(), firing => Assert.NotEqual("failed", firing.GetProperty("outcome").GetString()));
    }

    /// <summary>Waits until so many runs have succeeded.</summary>
    private static async Task Fired(IEtl etl, int count)
    {
        using var patience = new CancellationTokenSource(Program.Patience);
        foreach (var run in await Runs(etl)) await Ended(etl, run, patience.Token);
        while ((await Runs(etl)) is var runs && runs.Length < count)
            if (runs is [var newest, ..]) await Ended(etl, newest, patience.Token);
            else patience.Token.ThrowIfCancellationRequested();
    }

    private static async Task Ended(IEtl etl, RunId run, CancellationToken cancellation)
    {
        await foreach (var view in etl.Watch(run, cancellation))
            if (view.Status.IsTerminal()) Assert.Equal(RunStatus.Succeeded, view.Status);
    }

    private static async Task<ImmutableArray<RunId>> Runs(IEtl etl) =>
        [.. (await etl.Runs(new RunFilter("second", Limit: 500), default)).Items.Select(run => run.Id)];
}
