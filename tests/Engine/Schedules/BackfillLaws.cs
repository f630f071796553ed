using System.Collections.Immutable;
using OrleansEtl.Engine.Schedules;
using static OrleansEtl.Engine.Tests.Schedules.Diary;

namespace OrleansEtl.Engine.Tests.Schedules;

public sealed class BackfillLaws
{
    [Fact]
    public void A_backfill_runs_what_was_due_in_its_range_in_order_and_keeps_its_concurrency()
    {
        var diary = Hourly();
        Assert.Equal("backfill b of 4, b[0] started, b[1] started", diary.Tell(1, Ask(-240, 0, 2)));
        Assert.Equal("start backfill/b/-180, start backfill/b/-120, wake 60", diary.Owed);
        Assert.Equal("backfill/b/-120 Succeeded, b[2] started", Ended(diary, -120));
        Assert.Equal("backfill/b/-180 Succeeded, b[3] started", Ended(diary, -180));
        Assert.Equal("backfill/b/0 Succeeded", Ended(diary, 0));
        Assert.Equal(BackfillStatus.Running, diary.Schedule.Backfills[0].Status);
        Assert.Equal("backfill/b/-60 Succeeded", Ended(diary, -60));
        Assert.Equal(BackfillStatus.Succeeded, diary.Schedule.Backfills[0].Status);
        Assert.Equal("", Ended(diary, -60));
    }

    [Fact]
    public void Each_partition_of_each_firing_is_a_run()
    {
        var diary = Hourly();
        Assert.Equal("backfill b of 2, b[0] started, b[1] started, b[2] started", diary.Tell(1, Ask(-120, 0, 3, "eu", "us")));
        Assert.Equal("start backfill/b/-60/eu, start backfill/b/-60/us, start backfill/b/0/eu, wake 60", diary.Owed);
        var occasion = diary.Schedule.Backfills[0].OccasionOf(Id, 3);
        Assert.Equal((At(-60), At(0), "us", Origin.Backfill), (occasion.From, occasion.To, occasion.Partition, occasion.Origin));
    }

    [Fact]
    public void Neither_a_pause_nor_the_overlap_policy_nor_the_start_concerns_a_backfill()
    {
        var diary = Of(new ScheduleSpec(new Recurrence.OfCron("0 * * * *")) { Start = At(0), IsPaused = true });
        Assert.Equal("backfill b of 3, b[0] started", diary.Tell(1, Ask(-180, 0, 1)));
        Assert.Equal("backfill/b/-120 Failed, b[1] started", Ended(diary, -120, RunStatus.Failed));
    }

    [Fact]
    public void A_cancelled_backfill_starts_nothing_more_and_ends_when_what_runs_has_ended()
    {
        var diary = Hourly();
        diary.Tell(1, Ask(-240, 0, 2));
        Assert.Equal("b cancelled", diary.Tell(2, new ScheduleCommand.CancelBackfill(new("b"))));
        Assert.Equal("cancel backfill/b/-120, cancel backfill/b/-180, wake 60", string.Join(", ", diary.Owed.Split(", ").Order()));
        Assert.Equal("", diary.Tell(2, new ScheduleCommand.CancelBackfill(new("b"))));
        Assert.Equal(BackfillStatus.Cancelling, diary.Schedule.Backfills[0].Status);
        Assert.Equal("backfill/b/-180 Cancelled", Ended(diary, -180, RunStatus.Cancelled));
        Assert.Equal("backfill/b/-120 Succeeded", Ended(diary, -120));
        Assert.Equal(BackfillStatus.Cancelled, diary.Schedule.Backfills[0].Status);
        Assert.Equal("refused ETL4727", Again(diary, "b2", () => diary.Tell(9, new ScheduleCommand.CancelBackfill(new("b2")))));
        Assert.Equal("refused ETL4726", diary.Tell(3, new ScheduleCommand.CancelBackfill(new("none"))));

        static string Again(Diary diary, string id, Func<string> then)
        {
            diary.Tell(4, new ScheduleCommand.Backfill(new(id), At(-60), At(0), [], 1));
            diary.Tell(5, new ScheduleCommand.RunEnded(StartKey.OfBackfill(Id, new(id), At(0), null), RunStatus.Succeeded));
            return then();
        }
    }

    [Fact]
    public void The_same_backfill_twice_is_one_and_another_of_its_id_is_refused()
    {
        var diary = Hourly();
        diary.Tell(1, Ask(-120, 0, 1, "eu"));
        Assert.Equal("", diary.Tell(1, Ask(-120, 0, 1, "eu")));
        Assert.Equal("refused ETL4725", diary.Tell(1, Ask(-120, 0, 2, "eu")));
        Assert.Equal("refused ETL4725", diary.Tell(1, Ask(-120, 0, 1, "us")));
    }

    [Theory]
    [InlineData(0, 0, 1, "refused ETL4723")] // no range
    [InlineData(-60, 61, 1, "refused ETL4723")] // the future
    [InlineData(-60, 0, 0, "refused ETL4723")]
    [InlineData(-60, 0, 4, "refused ETL4723")]
    [InlineData(-59, -1, 1, "refused ETL4723")] // nothing was due
    [InlineData(0, 100, 9, "refused ETL4723 ETL4723")] // all faults at once
    [InlineData(-13 * 60, 0, 1, "refused ETL4724")] // more runs than may be
    [InlineData(-12 * 60, 0, 1, "backfill b of 12, b[0] started")]
    [InlineData(-60, 0, 1, "refused ETL4723", "a", "b", "c")]
    [InlineData(-60, 0, 1, "refused ETL4723", "a", "a")]
    [InlineData(-7 * 60, 0, 1, "refused ETL4724", "a", "b")]
    public void What_cannot_be_is_refused(int after, int through, int concurrency, string says, params string[] partitions) =>
        Assert.Equal(says, Hourly().Tell(1, Ask(after, through, concurrency, partitions)));

    [Fact]
    public void Backfills_are_bounded_and_old_ones_forgotten()
    {
        var diary = Hourly();
        diary.Tell(1, Ask(-60, 0, 1));
        diary.Tell(1, new ScheduleCommand.Backfill(new("c"), At(-60), At(0), [], 1));
        Assert.Equal("refused ETL4724", diary.Tell(1, new ScheduleCommand.Backfill(new("d"), At(-60), At(0), [], 1)));
        for (var i = 0; i < Schedule.EndedBackfillsMax + 10; i++)
        {
            diary.Tell(2, new ScheduleCommand.RunEnded(StartKey.OfBackfill(Id, new($"e{i - 1}"), At(0), null), RunStatus.Succeeded));
            if (i == 0) diary.Tell(2, new ScheduleCommand.RunEnded(StartKey.OfBackfill(Id, new("c"), At(0), null), RunStatus.Succeeded));
            Assert.StartsWith("backfill", diary.Tell(2, new ScheduleCommand.Backfill(new($"e{i}"), At(-60), At(0), [], 1)));
        }
        Assert.Equal(Schedule.EndedBackfillsMax + 2, diary.Schedule.Backfills.Count); // b never ended and is still there, and so is the last
        Assert.Equal("b", diary.Schedule.Backfills[0].Id.Value);
    }

    [Theory]
    [InlineData(1, 0, 0, 3, 1, 1, BackfillStatus.Running), InlineData(0, 1, 0, 0, 9, 0, BackfillStatus.Running)]
    [InlineData(0, 0, 1, 0, 1, 1, BackfillStatus.Cancelling), InlineData(0, 0, 0, 5, 1, 1, BackfillStatus.Failed)]
    [InlineData(0, 0, 0, 5, 0, 1, BackfillStatus.Cancelled), InlineData(0, 0, 0, 5, 0, 0, BackfillStatus.Succeeded)]
    public void Its_status_is_that_of_its_runs(int waiting, int running, int cancelling, int succeeded, int failed, int cancelled, BackfillStatus status) =>
        Assert.Equal(status, new BackfillCounts(waiting, running, cancelling, succeeded, failed, cancelled).Status);

    private static ScheduleCommand.Backfill Ask(int after, int through, int concurrency, params string[] partitions) =>
        new(new("b"), At(after), At(through), [.. partitions], concurrency);

    private static string Ended(Diary diary, int firing, RunStatus status = RunStatus.Succeeded) =>
        diary.Tell(5, new ScheduleCommand.RunEnded(StartKey.OfBackfill(Id, new("b"), At(firing), null), status));
}
