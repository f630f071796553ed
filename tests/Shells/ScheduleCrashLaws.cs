using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;
using static OrleansEtl.Shells.Tests.Support.ScheduleHouse;

namespace OrleansEtl.Shells.Tests;

/// <summary>Whatever dies between a decision and its run, and however many processes see to one schedule: none twice, none lost.</summary>
public sealed class ScheduleCrashLaws
{
    private readonly MemoryStore _store = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_dies_between_the_decision_and_the_start_starts_one_run_all_the_same(bool isHeard)
    {
        await using (var first = await Open(_store, Noon, "light"))
        {
            await first.Schedule().Put(Hourly(), false);
            first.Clock.Now = Hour(1);
            Func<RunId, Task> dies = _ => throw new TimeoutException("nobody answers");
            if (isHeard) first.AfterStart = dies;
            else first.BeforeStart = dies;
            await first.WakeIfDue();
            Assert.Equal(isHeard ? 1 : 0, (await first.Runs()).Length);
        }
        await using var second = await Open(_store, Hour(1).AddSeconds(6), "light");
        var ended = second.States.Written(view => view.Recent is [{ Outcome: FiringOutcome.Succeeded }]);
        await second.WakeIfDue();
        if ((await second.View()).Recent is not [{ Outcome: FiringOutcome.Succeeded }]) await ended; // the first may have heard it yet
        Assert.Single(await second.Runs());
        Assert.Single((await second.View()).Recent);
    }

    [Fact]
    public async Task The_same_process_tries_a_start_again_too()
    {
        await using var house = await Open(_store, Noon, "light");
        await house.Schedule().Put(Hourly(), false);
        house.Clock.Now = Hour(1);
        house.BeforeStart = _ => throw new TimeoutException("nobody answers");
        await house.WakeIfDue();
        house.BeforeStart = _ => Task.CompletedTask;
        await house.WakeIfDue();
        Assert.Empty(await house.Runs());
        house.Clock.Now += TimeSpan.FromSeconds(6);
        var ended = house.States.Written(view => view.Recent is [{ Outcome: FiringOutcome.Succeeded }]);
        await house.WakeIfDue();
        await ended;
        Assert.Single(await house.Runs());
        Assert.Single(house.Asked.Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_is_away_when_it_is_decided_loses_nothing_and_doubles_nothing(bool isStored)
    {
        await using var house = await Open(_store, Noon, "light");
        await house.Schedule().Put(Hourly(), false);
        house.Clock.Now = Hour(1);
        if (isStored) house.States.FailAfter(1);
        else house.States.FailBefore(1);
        await Assert.ThrowsAsync<FaultException>(() => house.Schedule().Wake());
        Assert.Empty(house.Asked);
        house.Clock.Now += TimeSpan.FromSeconds(6);
        await house.WakeIfDue();
        Assert.Equal(Hour(1), (await house.Cluster.Run(Assert.Single(await house.Runs()).Id).View())!.Occasion!.IntervalEnd);
    }

    [Fact]
    public async Task Two_processes_that_are_woken_for_the_same_firings_start_each_of_them_once()
    {
        await using var one = await Open(_store, Noon, "light");
        await using var other = await Open(_store, Noon, "light");
        await one.Schedule().Put(Hourly(Overlap.Allow), false);
        for (var hour = 1; hour <= 40; hour++)
        {
            one.Clock.Now = other.Clock.Now = Hour(hour);
            await Task.WhenAll(one.Schedule().Wake(), other.Schedule().Wake(), one.Schedule().Wake(), other.Schedule().Wake());
        }
        var runs = await one.Runs();
        Assert.Equal(40, runs.Length);
        var times = await Task.WhenAll(runs.Select(async run => (await one.Cluster.Run(run.Id).View())!.Occasion!.IntervalEnd));
        Assert.Equal(Enumerable.Range(1, 40).Select(hour => Hour(hour)), times.Order());
    }

    [Fact]
    public async Task An_end_that_nobody_told_is_found_and_what_waits_for_it_starts()
    {
        await using (var first = await Open(_store, Noon, "signal"))
        {
            await first.Schedule().Put(Hourly(), false);
            first.Clock.Now = Hour(1);
            await first.WakeIfDue();
            first.Clock.Now = Hour(2);
            await first.WakeIfDue();
            Assert.Equal([Hour(2)], (await first.View()).Waiting);
        }
        var run = (await _store.Catalog.Runs(new RunQuery(), default)).Items.Single().Id;
        await using (var deaf = await Cluster.Start(over: _store))
        {
            await deaf.Run(run).Tell(new RunCommand.Signal("go", []));
            await deaf.Ended(run);
        }
        await using var second = await Open(_store, Hour(2).AddSeconds(40), "signal");
        await second.WakeIfDue();
        var view = await second.View();
        Assert.Equal(Hour(2), Assert.Single(view.Running).IntervalEnd);
        Assert.Equal(FiringOutcome.Succeeded, view.Recent[^1].Outcome);
        Assert.Equal(2, (await second.Runs()).Length);
    }

    [Fact]
    public async Task A_pipeline_that_changes_between_two_tries_of_a_start_makes_no_failure_of_it()
    {
        await using var house = await Open(_store, Noon, "signal");
        await house.Schedule().Put(Hourly(), false);
        house.Clock.Now = Hour(1);
        var reads = 0;
        house.AfterStart = _ =>
        {
            house.Pipelines["test"] = Given.Pipeline("signal", "light: signal").Spec;
            return ++reads == 1 ? throw new TimeoutException("nobody answers") : Task.CompletedTask;
        };
        await house.WakeIfDue();
        await using var other = await Open(_store, Hour(1).AddSeconds(6), "signal", "light: signal");
        await other.WakeIfDue();
        Assert.Equal(FiringOutcome.Started, Assert.Single((await other.View()).Recent).Outcome);
        Assert.Single(await other.Runs());
    }

    [Fact]
    public async Task What_a_process_that_starts_no_runs_decides_is_due_at_once_for_one_that_does()
    {
        await using var house = await Open(_store, Noon, "light");
        var idle = new Schedules.ScheduleDesk(_store.GrainStates, _store.Catalog, house.Find, house.Clock, Guid.NewGuid);
        await house.Schedule().Put(Hourly(), false);
        await idle.Trigger(new Schedules.KeptSchedule(idle, "s"), "t");
        await idle.Tell(new Schedules.KeptSchedule(idle, "s"), new Engine.Schedules.ScheduleCommand.Pause());
        Assert.Empty(await house.Runs());
        await house.WakeIfDue();
        Assert.Single(await house.Runs());
    }
}
