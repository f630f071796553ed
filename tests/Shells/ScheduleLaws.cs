using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;
using static OrleansEtl.Shells.Tests.Support.ScheduleHouse;

namespace OrleansEtl.Shells.Tests;

/// <summary>What a schedule decides becomes of the world: its runs start once, their ends are heard, and what cannot start is said so.</summary>
public sealed class ScheduleLaws
{
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task What_is_due_starts_one_run_for_its_time_and_its_end_is_heard_at_once()
    {
        await using var house = await Open(_store, Noon, "light");
        Assert.IsType<ScheduleAnswer.Done>(await house.Schedule().Put(Hourly(), false));
        var ended = house.States.Written(view => view.Recent is [{ Outcome: FiringOutcome.Succeeded }]);
        house.Clock.Now = Hour(1);
        await house.WakeIfDue();
        await ended;
        var run = Assert.Single(await house.Runs());
        var view = (await house.Cluster.Run(run.Id).View())!;
        Assert.Equal(new RunOccasion(Hour(0), Hour(1), null, "s"), view.Occasion);
        Assert.Equal(Hour(2), (await house.View()).NextFiring);
        await house.WakeIfDue();
        Assert.Single(await house.Runs());
    }

    [Fact]
    public async Task It_is_given_its_parameters_and_wrong_ones_are_refused_when_it_is_made()
    {
        await using var house = await Open(_store, Noon, "light");
        house.Pipelines["test"] = house.Pipelines["test"] with { Params = [new ParamSpec("day", ValueType.Integer, null, null)] };
        var wrong = Assert.IsType<ScheduleAnswer.Refused>(await house.Schedule().Put(Hourly(), false));
        Assert.Equal("ETL2020", wrong.Faults[0].Code);
        var gone = Assert.IsType<ScheduleAnswer.Refused>(await house.Schedule().Put(Hourly() with { Pipeline = "none" }, false));
        Assert.Equal("ETL9003", gone.Faults[0].Code);
        Assert.Equal("ETL3833", Assert.IsType<ScheduleAnswer.Refused>(await house.Schedule("a/b/c").Put(Hourly(), false)).Faults[0].Code);
        var day = new SpecValue.Map([new Field("day", new SpecValue.Integer(7))]);
        await house.Schedule().Put(Hourly() with { Params = day }, false);
        house.Clock.Now = Hour(1);
        await house.WakeIfDue();
        Assert.Equal([day.Fields[0]], (await house.Cluster.Run((await house.Runs())[0].Id).View())!.Params);
    }

    [Fact]
    public async Task What_cannot_be_started_for_good_is_a_failed_firing_and_the_next_one_runs()
    {
        await using var house = await Open(_store, Noon, "light");
        await house.Schedule().Put(Hourly(), false);
        house.Pipelines.Remove("test", out var spec);
        house.Clock.Now = Hour(1);
        await house.WakeIfDue();
        var failed = Assert.Single((await house.View()).Recent);
        Assert.Equal((FiringOutcome.Failed, "ETL9003", Hour(1)), (failed.Outcome, failed.Fault!.Code, failed.IntervalEnd));
        Assert.Empty(await house.Runs());
        house.Pipelines["test"] = spec!;
        house.Clock.Now = Hour(2);
        await house.WakeIfDue();
        Assert.Single(await house.Runs());
    }

    [Fact]
    public async Task A_run_on_request_is_told_and_is_one_however_often_it_is_asked_for()
    {
        await using var house = await Open(_store, Noon, "light");
        await house.Schedule().Put(Hourly(), false);
        house.Clock.Now = Hour(0.5);
        var ended = house.States.Written(view => view.Running.IsEmpty && view.Recent.Length == 1);
        var first = Assert.IsType<ScheduleAnswer.Done>(await house.Schedule().Trigger("t")).Run;
        await ended;
        house.Clock.Now = Hour(0.6);
        Assert.Equal(first, Assert.IsType<ScheduleAnswer.Done>(await house.Schedule().Trigger("t")).Run);
        Assert.Equal(first, Assert.Single(await house.Runs()).Id);
    }

    [Fact]
    public async Task A_pause_a_change_and_a_deletion_hold()
    {
        await using var house = await Open(_store, Noon, "light");
        await house.Schedule().Put(Hourly(), false);
        await house.Schedule().Pause();
        await house.Schedule().Put(Hourly(Overlap.Allow), keepsPause: true);
        Assert.True((await house.View()).Spec is { IsPaused: true, Overlap: Overlap.Allow });
        Assert.Empty(await _store.GrainStates.Due(Hour(1000), null, 10, default));
        await house.Schedule().Put(Hourly(Overlap.Allow), keepsPause: false);
        Assert.False((await house.View()).Spec.IsPaused);
        Assert.IsType<ScheduleAnswer.Done>(await house.Schedule().Delete());
        Assert.Null(await house.Schedule().View());
        Assert.Equal("ETL4720", Assert.IsType<ScheduleAnswer.Refused>(await house.Schedule().Delete()).Faults[0].Code);
        Assert.Equal("ETL4720", Assert.IsType<ScheduleAnswer.Refused>(await house.Schedule().Pause()).Faults[0].Code);
        await house.Schedule().Wake();
        Assert.Empty(await _store.GrainStates.Due(Hour(1000), null, 10, default));
    }

    [Fact]
    public async Task Cancel_other_ends_the_run_that_goes_on_and_starts_the_new_one_then()
    {
        await using var house = await Open(_store, Noon, "signal");
        await house.Schedule().Put(Hourly(Overlap.CancelOther), false);
        house.Clock.Now = Hour(1);
        await house.WakeIfDue();
        var second = new TaskCompletionSource();
        house.AfterStart = _ =>
        {
            second.SetResult();
            return Task.CompletedTask;
        };
        house.Clock.Now = Hour(2);
        await house.WakeIfDue();
        await second.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var runs = await house.Runs();
        Assert.Equal([RunStatus.Cancelled, RunStatus.Running], runs.OrderBy(run => run.Id).Select(run => run.Status));
    }

    [Fact]
    public async Task A_backfill_runs_each_interval_and_partition_once_and_later_only_what_is_missing()
    {
        await using var house = await Open(_store, Noon, "light");
        await house.Schedule().Put(Hourly(), false);
        var asked = new BackfillRequest("b", Hour(-4), Hour(-1), ["eu", "us"], 2);
        Assert.Equal(6, (await house.Schedule().PreviewBackfill(asked)).Runs.Length);
        Assert.Empty((await house.View()).Backfills);
        var done = house.States.Written(view => view.Backfills is [{ Status: BackfillStatus.Succeeded }]);
        await house.Schedule().Backfill(asked);
        await done;
        var runs = await house.Runs();
        var occasions = await Task.WhenAll(runs.Select(async run => (await house.Cluster.Run(run.Id).View())!.Occasion!));
        Assert.Equal(
            from hour in new[] { -3, -2, -1 } from partition in new[] { "eu", "us" } select (Hour(hour), partition, "b"),
            occasions.Select(occasion => (occasion.IntervalEnd, occasion.Partition!, occasion.Backfill!)).Order());
        var missing = await house.Schedule().PreviewBackfill(asked with { Id = "c", From = Hour(-5), Only = BackfillOnly.Missing });
        Assert.Equal([(Hour(-4), "eu"), (Hour(-4), "us")], missing.Runs.Select(run => (run.IntervalEnd, run.Partition!)));
        Assert.Empty((await house.Schedule().PreviewBackfill(asked with { Id = "c", Only = BackfillOnly.Stale })).Runs);
        house.Pipelines["test"] = Given.Pipeline("light", "lighter: light").Spec;
        Assert.Equal(6, (await house.Schedule().PreviewBackfill(asked with { Id = "c", Only = BackfillOnly.Stale })).Runs.Length);
    }
}
