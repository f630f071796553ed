using OrleansEtl.Engine.Schedules;
using static OrleansEtl.Engine.Tests.Schedules.Diary;

namespace OrleansEtl.Engine.Tests.Schedules;

public sealed class FiringLaws
{
    [Fact]
    public void A_firing_starts_a_run_for_the_time_since_the_one_before_and_owes_the_next_wake()
    {
        var diary = Hourly();
        Assert.Equal("wake 60", diary.Owed);
        Assert.Equal("started 60", diary.Tick(60));
        var run = Assert.Single(diary.Schedule.Running).Value;
        Assert.Equal((At(0), At(60), Origin.Schedule), (run.Occasion.From, run.Occasion.To, run.Occasion.Origin));
        Assert.Equal("schedule/s/2026-01-01T13:00:00Z", run.Occasion.Key.Value);
        Assert.Equal("start 60, wake 120", diary.Owed);
        Assert.Equal("ended 60", diary.End(61, 60));
        Assert.Equal("wake 120", diary.Owed);
    }

    [Fact]
    public void Ticking_early_twice_or_with_a_clock_put_back_changes_nothing()
    {
        var diary = Hourly();
        Assert.Equal("", diary.Tick(59.9));
        Assert.Equal("started 60", diary.Tick(60));
        Assert.Equal("", diary.Tick(60));
        Assert.Equal("", diary.Tick(-500));
        Assert.Equal("start 60, wake 120", diary.Owed);
    }

    [Fact]
    public void A_clock_that_jumps_ahead_and_back_fires_nothing_twice()
    {
        var diary = Hourly(Overlap.Allow);
        Assert.Equal("started 60, started 120, started 180", diary.Tick(185));
        Assert.Equal("", diary.Tick(60));
        Assert.Equal("", diary.Tick(180));
        diary.End(190, 60);
        Assert.Equal("started 240", diary.Tick(240));
    }

    [Theory]
    [InlineData(CatchUp.All, 245, "started 60, queued 120, queued 180, queued 240")]
    [InlineData(CatchUp.Latest, 245, "skipped 0-180 Missed, started 240")]
    [InlineData(CatchUp.None, 245, "skipped 0-240 Missed")]
    [InlineData(CatchUp.All, 240.5, "started 60, queued 120, queued 180, skipped 180-240 Overlap")] // what was not missed keeps to the policy
    [InlineData(CatchUp.Latest, 240.5, "skipped 0-180 Missed, started 240")]
    [InlineData(CatchUp.None, 240.5, "skipped 0-180 Missed, started 240")]
    [InlineData(CatchUp.None, 61, "started 60")] // as late as it may be
    [InlineData(CatchUp.None, 61.01, "skipped 0-60 Missed")]
    [InlineData(CatchUp.All, 100 * 60 + 5, "skipped 0-5760 BacklogFull, started 5820, queued 5880, queued 5940, queued 6000")]
    public void What_was_missed_is_caught_up_as_the_policy_says(CatchUp policy, double minutes, string happened) =>
        Assert.Equal(happened, Hourly(catchUp: policy).Tick(minutes));

    [Fact]
    public void What_is_caught_up_runs_one_after_another()
    {
        var diary = Hourly();
        diary.Tick(185);
        Assert.Equal("ended 60, started 120", diary.End(186, 60));
        Assert.Equal("ended 120, started 180", diary.End(187, 120));
        Assert.Equal("ended 180", diary.End(188, 180));
        Assert.Equal("started 240", diary.Tick(240));
    }

    [Fact]
    public void An_absence_of_years_costs_no_more_than_the_backlog()
    {
        const double tenYears = 60 * 24 * 3650;
        var spec = new ScheduleSpec(new Recurrence.OfCron("* * * * * *")) { CatchUp = CatchUp.All, End = At(tenYears - 2) };
        var diary = Of(spec);
        Assert.Equal(1 + Small.BacklogMax, diary.Tick(tenYears).Split(", ").Length); // one event says what is skipped
        Assert.Equal(Small.BacklogMax - 1, diary.Schedule.Queue.Count);
    }

    [Fact]
    public void A_start_in_the_past_is_caught_up_from_and_the_end_is_kept()
    {
        var spec = new ScheduleSpec(new Recurrence.OfCron("0 * * * *"))
        {
            Start = At(-120), End = At(120), CatchUp = CatchUp.All, Overlap = Overlap.QueueAll,
        };
        var diary = Of(spec);
        Assert.Equal("created, started -120, queued -60, queued 0", string.Join(", ", diary.History.Select(Say)));
        Assert.Equal("queued 60", diary.Tick(600));
        Assert.Null(diary.Schedule.NextWake);
    }

    [Fact]
    public void Nothing_is_due_before_a_start_to_come()
    {
        var diary = Of(new ScheduleSpec(new Recurrence.OfCron("0 * * * *")) { Start = At(150) });
        Assert.Equal("wake 180", diary.Owed);
        Assert.Equal("", diary.Tick(179));
        Assert.Equal("started 180", diary.Tick(180));
    }

    [Fact]
    public void Jitter_delays_a_firing_always_by_the_same_and_never_past_the_next()
    {
        var spec = new ScheduleSpec(new Recurrence.OfCron("*/10 * * * *")) { Jitter = TimeSpan.FromHours(1), Overlap = Overlap.Allow };
        var diary = Of(spec);
        var delays = new List<double>();
        for (var firing = 10; firing <= 1_000; firing += 10)
        {
            var wake = (diary.Schedule.NextWake!.Value - Given.Noon).TotalMinutes;
            Assert.InRange(wake, firing, firing + 9.9999999);
            Assert.Equal("", diary.Tick(wake - 0.001));
            Assert.Equal($"started {firing}", diary.Tick(wake + 0.001));
            diary.End(wake + 0.002, firing);
            delays.Add(wake - firing);
        }
        Assert.InRange(delays.Average(), 4, 6);
        Assert.InRange(delays.Count(delay => delay < 1), 3, 25);
        Assert.Equal(Jitter.Part(Id, At(10)), Jitter.Part(Id, At(10)));
        Assert.NotEqual(Jitter.Part(Id, At(10)), Jitter.Part(new ScheduleId("t"), At(10)));
    }

    [Fact]
    public void What_falls_due_while_paused_is_skipped_and_said_so_once()
    {
        var diary = Hourly();
        Assert.Equal("started 60, paused", diary.Tell(60.5, new ScheduleCommand.Pause()));
        Assert.Equal("", diary.Tell(61, new ScheduleCommand.Pause()));
        Assert.Equal("", diary.Tick(200));
        Assert.Equal("start 60", diary.Owed);
        Assert.Equal("skipped 60-180 Paused, resumed", diary.Tell(200, new ScheduleCommand.Resume()));
        Assert.Equal("", diary.Tell(200, new ScheduleCommand.Resume()));
        Assert.Equal("start 60, wake 240", diary.Owed);
    }

    [Fact]
    public void A_pause_holds_what_waits_and_lets_go_on_what_runs()
    {
        var diary = Hourly();
        diary.Tick(125);
        Assert.Equal("paused", diary.Tell(126, new ScheduleCommand.Pause()));
        Assert.Equal("ended 60", diary.End(127, 60));
        Assert.Equal("resumed, started 120", diary.Tell(128, new ScheduleCommand.Resume()));
    }

    [Fact]
    public void A_change_decides_what_was_due_by_the_old_spec_and_nothing_twice()
    {
        var diary = Hourly();
        var often = diary.Schedule.Spec! with { When = new Recurrence.OfCron("*/15 * * * *") };
        Assert.Equal("started 60, changed", diary.Tell(61, new ScheduleCommand.Change(often)));
        Assert.Equal("", diary.Tell(61, new ScheduleCommand.Change(often)));
        Assert.Equal("start 60, wake 75", diary.Owed);
        var wrong = often with { Zone = "Nowhere" };
        Assert.Equal("refused ETL4710", diary.Tell(62, new ScheduleCommand.Change(wrong)));
    }

    [Fact]
    public void A_firing_that_only_waits_for_its_jitter_is_not_lost_by_a_change()
    {
        var diary = Of(new ScheduleSpec(new Recurrence.OfCron("0 * * * *")) { Jitter = TimeSpan.FromMinutes(50) });
        Assert.InRange((diary.Schedule.NextWake!.Value - Given.Noon).TotalMinutes, 60.1, 110);
        Assert.Equal("started 60, changed", diary.Tell(60.05, new ScheduleCommand.Change(diary.Schedule.Spec! with { Zone = "Asia/Tokyo" })));
    }

    [Fact]
    public void A_schedule_is_made_once()
    {
        var diary = Hourly();
        var same = Schedule.Begin(diary.Schedule, Id, diary.Schedule.Spec!, At(1), Small);
        Assert.Same(ScheduleDecision.Nothing, same);
        var other = Schedule.Begin(diary.Schedule, Id, diary.Schedule.Spec! with { Zone = "Asia/Tokyo" }, At(1), Small);
        Assert.Equal("ETL4721", Assert.IsType<ScheduleDecision.Refused>(other).Faults.Single().Code);
        var none = Schedule.Decide(Schedule.None, new ScheduleCommand.Tick(), At(0), Small);
        Assert.Equal("ETL4720", Assert.IsType<ScheduleDecision.Refused>(none).Faults.Single().Code);
    }

    [Fact]
    public void A_run_on_request_is_one_however_often_it_is_asked_for()
    {
        var diary = Hourly();
        Assert.Equal("started now/t", diary.Tell(30, new ScheduleCommand.TriggerNow("t")));
        Assert.Equal("", diary.Tell(31, new ScheduleCommand.TriggerNow("t")));
        var run = Assert.Single(diary.Schedule.Running).Value.Occasion;
        Assert.Equal((At(0), At(30)), (run.From, run.To));
        Assert.Equal("refused ETL4722", diary.Tell(32, new ScheduleCommand.TriggerNow("u")));
        Assert.Equal("skipped 0-60 Overlap", diary.Tick(60));
        diary.Tell(61, new ScheduleCommand.RunEnded(run.Key, RunStatus.Failed));
        diary.Tell(62, new ScheduleCommand.Pause());
        Assert.Equal("started now/u", diary.Tell(63, new ScheduleCommand.TriggerNow("u")));
    }
}
