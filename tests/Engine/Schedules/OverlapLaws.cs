using OrleansEtl.Engine.Schedules;
using static OrleansEtl.Engine.Tests.Schedules.Diary;

namespace OrleansEtl.Engine.Tests.Schedules;

public sealed class OverlapLaws
{
    [Fact]
    public void Skip_leaves_out_what_falls_due_while_a_run_goes_on()
    {
        var diary = Running(Overlap.Skip);
        Assert.Equal("skipped 60-120 Overlap", diary.Tick(120));
        Assert.Equal("ended 60", diary.End(130, 60));
        Assert.Equal("started 180", diary.Tick(180));
    }

    [Fact]
    public void Queue_one_lets_one_wait()
    {
        var diary = Running(Overlap.QueueOne);
        Assert.Equal("queued 120", diary.Tick(120));
        Assert.Equal("skipped 120-180 Overlap", diary.Tick(180));
        Assert.Equal("ended 60, started 120", diary.End(181, 60));
        Assert.Equal("queued 240", diary.Tick(240));
    }

    [Fact]
    public void Queue_all_lets_all_wait_until_the_queue_is_full()
    {
        var diary = Running(Overlap.QueueAll);
        for (var minute = 120; minute <= 360; minute += 60) Assert.Equal($"queued {minute}", diary.Tick(minute));
        Assert.Equal("skipped 360-420 QueueFull", diary.Tick(420));
        Assert.Equal("refused ETL4722", diary.Tell(421, new ScheduleCommand.TriggerNow("t")));
        Assert.Equal("ended 60, started 120", diary.End(422, 60));
        Assert.Equal("queued now/t", diary.Tell(423, new ScheduleCommand.TriggerNow("t")));
        Assert.Equal("", diary.Tell(424, new ScheduleCommand.TriggerNow("t")));
    }

    [Fact]
    public void Cancel_other_cancels_what_runs_takes_the_place_of_what_waits_and_starts_when_all_has_ended()
    {
        var diary = Running(Overlap.CancelOther);
        Assert.Equal("cancel asked 60, queued 120", diary.Tick(120));
        Assert.Equal("cancel 60, wake 180", diary.Owed);
        Assert.Equal("dropped 120, queued 180", diary.Tick(180));
        Assert.Equal("ended 60, started 180", diary.End(181, 60, RunStatus.Cancelled));
    }

    [Fact]
    public void Allow_lets_runs_overlap_up_to_the_bound()
    {
        var diary = Running(Overlap.Allow);
        Assert.Equal("started 120", diary.Tick(120));
        Assert.Equal("started 180", diary.Tick(180));
        Assert.Equal("skipped 180-240 TooManyRuns", diary.Tick(240));
        Assert.Equal("refused ETL4722", diary.Tell(241, new ScheduleCommand.TriggerNow("t")));
        Assert.Equal("ended 120", diary.End(250, 120));
        Assert.Equal("started 300", diary.Tick(300));
    }

    [Fact]
    public void Where_runs_may_overlap_what_is_caught_up_waits_for_room_only()
    {
        var diary = Hourly(Overlap.Allow);
        Assert.Equal("started 60, started 120, started 180, queued 240", diary.Tick(250));
        Assert.Equal("ended 120, started 240", diary.End(251, 120));
    }

    [Fact]
    public void A_report_of_a_run_that_has_ended_or_was_never_started_changes_nothing()
    {
        var diary = Running(Overlap.Skip);
        Assert.Equal("", diary.End(61, 120));
        Assert.Equal("ended 60", diary.End(61, 60));
        Assert.Equal("", diary.End(61, 60, RunStatus.Failed));
    }

    [Fact]
    public void A_change_of_the_policy_starts_what_may_start_by_the_new_one()
    {
        var diary = Running(Overlap.QueueAll);
        diary.Tick(120);
        Assert.Equal("changed, started 120", diary.Tell(121, new ScheduleCommand.Change(diary.Schedule.Spec! with { Overlap = Overlap.Allow })));
    }

    /// <summary>The firing of minute 60 runs.</summary>
    private static Diary Running(Overlap overlap)
    {
        var diary = Hourly(overlap);
        Assert.Equal("started 60", diary.Tick(60));
        return diary;
    }
}
