using System.Collections.Immutable;
using OrleansEtl.Silo.Embedded;

namespace OrleansEtl.Client.Tests;

/// <summary>A home that somebody drives runs its schedules, and takes up what nobody drives.</summary>
public sealed class HomeScheduleTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string _home = Directory.CreateTempSubdirectory("etl-home-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Every_second_has_one_run_while_the_home_is_driven_by_one_process_after_another()
    {
        await using (var first = Open())
        {
            Assert.IsType<DefinitionAnswer.Done>(await first.Register(new DefinitionCommand.Register(Spec("flow.noop"), _home), default));
            var everySecond = new ScheduleSpec(
                new Recurrence.Interval(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch), Pipeline: "p", CatchUp: CatchUp.All, Overlap: Overlap.QueueAll);
            Assert.IsType<ScheduleAnswer.Done>(await first.Schedules.Put("tick", everySecond, false, default));
            Assert.False(first.IsDriven);
            await Driven(first, _ => { }, async () =>
            {
                await Fired(first, 2);
                await using var other = Open();
                Assert.True(other.IsDriven);
                var refused = await Assert.ThrowsAsync<FaultException>(() => other.Drive(_ => { }, default));
                Assert.Equal("ETL3835", refused.Fault.Code);
            });
        }
        await using var second = Open();
        Assert.False(second.IsDriven);
        await Driven(second, _ => { }, async () =>
        {
            await Fired(second, 5);
            await second.Schedules.Pause("tick", default);
        });
        var runs = await Task.WhenAll((await Runs(second)).Select(async run => (await second.View(run, default))!));
        var seconds = runs.Select(run => run.Occasion!.IntervalEnd.ToUnixTimeSeconds()).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, seconds.Length).Select(i => seconds[0] + i), seconds);
    }

    [Fact]
    public async Task What_was_asked_of_a_schedule_while_nobody_was_there_is_done_when_somebody_is()
    {
        await using var home = Open();
        await home.Register(new DefinitionCommand.Register(Spec("flow.noop"), _home), default);
        await home.Schedules.Put("yearly", new ScheduleSpec(new Recurrence.OfCron("@yearly"), Pipeline: "p"), false, default);
        var run = Assert.IsType<ScheduleAnswer.Done>(await home.Schedules.Trigger("yearly", null, default)).Run!.Value;
        Assert.Null(await home.View(run, default));
        await Driven(home, _ => { }, () => Until(async () =>
            (await home.Schedules.View("yearly", default))!.Recent[0].Outcome == FiringOutcome.Succeeded));
        Assert.Equal(run, (await home.Schedules.View("yearly", default))!.Recent[0].Run);
        Assert.Equal(RunStatus.Succeeded, (await home.View(run, default))!.Status);
    }

    [Fact]
    public async Task A_run_that_nobody_drives_is_taken_up()
    {
        RunId run;
        await using (var first = Open())
            run = Assert.IsType<Begun.Run>(await first.Start(new StartRequest(Spec("flow.signal"), [], _home), default)).Id;
        await using var second = Open();
        var taken = new TaskCompletionSource<RunId>();
        await Driven(second, one => taken.TrySetResult(one), async () => Assert.Equal(run, await taken.Task.WaitAsync(Patience)));
    }

    private IHome Open() => EmbeddedEtl.Open(new EmbeddedOptions(_home) { MemoryBytes = 256 << 20, Threads = 1 }, TimeProvider.System);

    private static PipelineSpec Spec(string kind) => new("p", null, [], [new StepSpec(new StepId("a"), kind, [], kind == "flow.signal"
        ? new SpecValue.Map([new Field("name", new SpecValue.Text("go"))]) : SpecValue.Map.Empty)]);

    /// <summary>Drives the home until this is done.</summary>
    private static async Task Driven(IHome home, Action<RunId> took, Func<Task> meanwhile)
    {
        using var stop = new CancellationTokenSource();
        var driving = home.Drive(took, stop.Token);
        var done = meanwhile();
        if (await Task.WhenAny(driving, done) == driving) await driving;
        await done;
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driving);
    }

    /// <summary>Waits until so many runs have succeeded, each told by the run itself.</summary>
    private static Task Fired(IEtl etl, int count) => Until(async () =>
    {
        var runs = await Runs(etl);
        foreach (var run in runs)
            await foreach (var view in etl.Watch(run, default))
                if (view.Status.IsTerminal()) Assert.Equal(RunStatus.Succeeded, view.Status);
        return runs.Length >= count;
    });

    private static async Task Until(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo()) await Task.Delay(20, patience.Token);
    }

    private static async Task<ImmutableArray<RunId>> Runs(IEtl etl) =>
        [.. (await etl.Runs(new RunFilter("p", Limit: 500), default)).Items.Select(run => run.Id)];
}
