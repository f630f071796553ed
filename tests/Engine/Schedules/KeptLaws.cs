using System.Collections.Immutable;
using OrleansEtl.Engine.Schedules;
using static OrleansEtl.Engine.Tests.Schedules.Diary;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>What a schedule keeps of its past: what became of the last firings, and the time for which runs have succeeded.</summary>
public sealed class KeptLaws
{
    [Fact]
    public void What_became_of_a_firing_is_shown_from_its_wait_to_its_end()
    {
        var diary = Hourly(Overlap.QueueAll);
        diary.Tick(60);
        diary.Tick(120);
        Assert.Equal("60 Started, 120 Waiting", Recent(diary));
        diary.Tell(130, new ScheduleCommand.RunEnded(Key(60), RunStatus.Failed, "v1", new Fault(FaultKind.Invalid, "ETL9003", "It broke.")));
        Assert.Equal("60 Failed, 120 Started", Recent(diary));
        Assert.Equal("ETL9003", diary.Schedule.Recent.Firings[0].Fault!.Code);
        Assert.NotNull(diary.Schedule.Recent.Firings[1].Run);
        diary.End(140, 120);
        diary.Tell(150, new ScheduleCommand.Pause());
        diary.Tell(300, new ScheduleCommand.Resume());
        Assert.Equal("60 Failed, 120 Succeeded, 300 Skipped", Recent(diary));
    }

    [Fact]
    public void Firings_that_are_skipped_one_after_another_are_one_and_only_the_last_are_kept()
    {
        var diary = Hourly();
        diary.Tick(60);
        for (var minute = 120; minute <= 60 * 100; minute += 60) diary.Tick(minute);
        Assert.Equal("60 Started, 6000 Skipped", Recent(diary));
        Assert.Equal((At(60), SkipReason.Overlap), (diary.Schedule.Recent.Firings[1].From, diary.Schedule.Recent.Firings[1].Reason));
        for (var firing = 60; firing <= 60 * 100; firing += 60)
        {
            diary.End(6001 + firing, firing);
            diary.Tick(6001 + firing);
        }
        Assert.InRange(diary.Schedule.Recent.Firings.Count, 2, RecentFirings.FiringsMax);
    }

    [Fact]
    public void A_run_on_request_that_has_ended_is_not_started_by_the_same_request_again()
    {
        var diary = Hourly();
        diary.Tell(30, new ScheduleCommand.TriggerNow("t"));
        diary.Tell(31, new ScheduleCommand.RunEnded(StartKey.Triggered(Id, "t"), RunStatus.Succeeded));
        Assert.Equal("", diary.Tell(32, new ScheduleCommand.TriggerNow("t")));
    }

    [Fact]
    public void Time_that_runs_have_filled_one_after_another_is_one_span_and_a_later_version_takes_its_part()
    {
        var filled = FilledTime.None;
        for (var hour = 0; hour < 50; hour++) filled = filled.With(Hour(hour), "v1");
        Assert.Equal(new FilledSpan(At(-60), At(49 * 60), null, "v1"), Assert.Single(filled.Spans));
        filled = filled.With(Hour(10), "v2").With(Hour(10, "eu"), "v1");
        Assert.Equal(("v1", "v2", "v1"), (Version(filled, 9), Version(filled, 10), Version(filled, 11)));
        Assert.Equal("v1", Version(filled, 10, "eu"));
        Assert.Null(Version(filled, 11, "eu"));
        Assert.Null(Version(filled, 50));
        Assert.Null(filled.DefinitionOf(At(8 * 60), At(11 * 60), null)); // not by one version
        filled = filled.With(Hour(10), "v1");
        Assert.Equal(2, filled.Spans.Count);
    }

    [Fact]
    public void Spans_are_bounded_and_the_oldest_forgotten()
    {
        var filled = FilledTime.None;
        for (var hour = 0; hour < 2 * FilledTime.SpansMax + 20; hour += 2) filled = filled.With(Hour(hour), "v1");
        Assert.Equal(FilledTime.SpansMax, filled.Spans.Count);
        Assert.Null(Version(filled, 0));
        Assert.Equal("v1", Version(filled, 2 * FilledTime.SpansMax + 18));
    }

    [Fact]
    public void A_backfill_of_what_is_missing_leaves_out_what_succeeded_or_runs_and_one_of_what_is_stale_takes_other_versions()
    {
        var diary = Hourly(Overlap.Allow);
        foreach (var hour in new[] { 60, 120, 180 }) diary.Tick(hour);
        diary.Tell(181, new ScheduleCommand.RunEnded(Key(60), RunStatus.Succeeded, "v1"));
        diary.Tick(240);
        diary.Tell(242, new ScheduleCommand.RunEnded(Key(120), RunStatus.Failed, "v1"));
        diary.Tell(243, new ScheduleCommand.RunEnded(Key(180), RunStatus.Succeeded, "v2"));
        Assert.Equal("backfill m of 4, m[0] started", diary.Tell(250, Ask("m", BackfillOnly.Missing)));
        Assert.Equal(At(120), Assert.Single(diary.Schedule.Backfills[0].Running).Value is var run
            ? diary.Schedule.Backfills[0].OccasionOf(Id, run.Index).To : default);
        diary.Tell(251, new ScheduleCommand.RunEnded(StartKey.OfBackfill(Id, new("m"), At(120), null), RunStatus.Succeeded, "v2"));
        Assert.Equal(BackfillStatus.Succeeded, diary.Schedule.Backfills[0].Status);
        Assert.Equal("backfill s of 4, s[0] started", diary.Tell(252, Ask("s", BackfillOnly.Stale)));
        Assert.Equal(At(60), diary.Schedule.Backfills[1].OccasionOf(Id, 0).To);
        diary.Tell(253, new ScheduleCommand.RunEnded(StartKey.OfBackfill(Id, new("s"), At(60), null), RunStatus.Succeeded, "v2"));
        Assert.Equal("backfill t of 4", diary.Tell(254, Ask("t", BackfillOnly.Stale))); // there is nothing to do, and it has done it
        Assert.Equal(BackfillStatus.Succeeded, diary.Schedule.Backfills[2].Status);

        static ScheduleCommand.Backfill Ask(string id, BackfillOnly only) => new(new(id), At(0), At(240), [], 1, only, "v2");
    }

    [Fact]
    public void The_id_of_a_run_is_the_same_for_whoever_decides_the_same()
    {
        Assert.Equal(Run(60), Run(60));
        Assert.NotEqual(Run(60), Run(120));

        static RunId Run(int minute)
        {
            var diary = Hourly();
            diary.Tick(minute);
            return diary.Schedule.Running.Values.Single().Run;
        }
    }

    [Fact]
    public void A_schedule_that_was_stored_at_any_moment_goes_on_as_the_schedule_itself() => Seeds.Each(30, seed =>
    {
        var world = new ScheduleWorld(seed, new ScheduleSpec(new Recurrence.OfCron("*/15 * * * *")) { Overlap = (Overlap)(seed % 5) }, true, Small);
        world.Live(200);
        var schedule = Schedule.None;
        foreach (var happened in world.Stored)
        {
            schedule = Schedule.Apply(schedule, happened);
            var again = Schedule.Of(schedule.State());
            Assert.Equal(Say(schedule), Say(again));
            Assert.Equal(Schedule.Owed(schedule), Schedule.Owed(again));
            Assert.Equal(schedule.NextWake, again.NextWake);
            if (seed % 2 == 0) schedule = again;
        }
    });

    private static string Recent(Diary diary) => string.Join(", ", diary.Schedule.Recent.Firings.Select(firing =>
        $"{(firing.To - Given.Noon).TotalMinutes:0} {firing.Outcome}"));

    private static Occasion Hour(int hour, string? partition = null) =>
        new(Key(hour * 60), Origin.Schedule, At((hour - 1) * 60), At(hour * 60), partition);

    private static string? Version(FilledTime filled, int hour, string? partition = null) =>
        filled.DefinitionOf(At((hour - 1) * 60), At(hour * 60), partition);
}
