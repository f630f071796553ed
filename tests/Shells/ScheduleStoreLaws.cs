using System.Text;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Shells.Schedules;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What the store holds of a schedule is all of it, and is read for ever.</summary>
public sealed class ScheduleStoreLaws
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_schedule_that_was_stored_is_the_same_when_it_is_read()
    {
        var schedule = Lived();
        var bytes = ScheduleCodec.Write(schedule, Noon.AddHours(9));
        var (again, dueAt) = ScheduleCodec.Read(bytes);
        Assert.Equal(Noon.AddHours(9), dueAt);
        Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(ScheduleCodec.Write(again, dueAt)));
        Assert.Equal(Schedule.Owed(schedule), Schedule.Owed(again));
        Assert.Equal((schedule.NextWake, schedule.Spec), (again.NextWake, again.Spec));
        Assert.Equal(schedule.Backfills.Select(one => one.Counts), again.Backfills.Select(one => one.Counts));
    }

    [Theory]
    [InlineData("every")]
    [InlineData("calendar")]
    public void Every_kind_of_time_is_kept(string kind)
    {
        Recurrence when = kind == "every"
            ? new Recurrence.Interval(TimeSpan.FromMinutes(15), Noon)
            : new Recurrence.Calendar(2, CalendarUnit.Week, new TimeOnly(6, 30), new DateOnly(2026, 1, 5));
        var schedule = Begun(new ScheduleSpec(when, "Europe/Berlin", "p"));
        Assert.Equal(schedule.Spec, ScheduleCodec.Read(ScheduleCodec.Write(schedule, null)).Schedule.Spec);
    }

    /// <summary>The file was written by the first version that had schedules. It never changes.</summary>
    [Fact]
    public void The_first_form_is_read_for_ever()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Journals", "schedule-form-1.json");
        var (schedule, dueAt) = ScheduleCodec.Read(File.ReadAllBytes(file));
        var lived = Lived();
        Assert.Equal(Noon.AddHours(9), dueAt);
        Assert.Equal(Encoding.UTF8.GetString(ScheduleCodec.Write(lived, dueAt)), Encoding.UTF8.GetString(ScheduleCodec.Write(schedule, dueAt)));
    }

    [Fact]
    public void A_later_form_is_refused_by_name()
    {
        var later = Encoding.UTF8.GetString(ScheduleCodec.Write(Lived(), null)).Replace("\"form\":1", "\"form\":2");
        Assert.Equal("ETL4213", Assert.Throws<FaultException>(() => ScheduleCodec.Read(Encoding.UTF8.GetBytes(later))).Fault.Code);
    }

    [Fact]
    public void A_large_backfill_is_stored_in_little()
    {
        var schedule = Then(Begun(Hourly), new ScheduleCommand.Backfill(new("b"), Noon.AddHours(-9_000), Noon, [], 10), Noon);
        Assert.InRange(ScheduleCodec.Write(schedule, null).Length, 1_000, 20_000);
    }

    private static readonly ScheduleSpec Hourly = new(
        new Recurrence.OfCron("0 * * * *"), "Europe/Berlin", "orders", 3, new SpecValue.Map([new("day", new SpecValue.Text("2026-01-31"))]),
        Noon.AddDays(-1), Noon.AddDays(400), TimeSpan.FromMinutes(5), CatchUp.All, Overlap.QueueAll);

    /// <summary>A schedule that has met with everything.</summary>
    private static Schedule Lived()
    {
        var schedule = Begun(Hourly with { Start = null });
        schedule = Then(schedule, new ScheduleCommand.Tick(), Noon.AddHours(3.2));
        foreach (var (status, fault) in new[] { (RunStatus.Succeeded, null), (RunStatus.Failed, new Fault(FaultKind.Invalid, "ETL9003", "It broke.")) })
            schedule = Then(schedule, new ScheduleCommand.RunEnded(schedule.Running.Keys.First(), status, "0123456789abcdef", fault), Noon.AddHours(3.5));
        schedule = Then(schedule, new ScheduleCommand.TriggerNow("t"), Noon.AddHours(3.6));
        schedule = Then(schedule, new ScheduleCommand.Backfill(
            new("b"), Noon.AddHours(-8), Noon, ["eu", "us"], 3, BackfillOnly.Missing, "0123456789abcdef"), Noon.AddHours(3.7));
        schedule = Then(schedule, new ScheduleCommand.RunEnded(
            schedule.Backfills[0].Running.Keys.First(), RunStatus.Failed, null, new Fault(FaultKind.NotFound, "ETL6100", "Gone.")), Noon.AddHours(3.8));
        schedule = Then(schedule, new ScheduleCommand.CancelBackfill(new("b")), Noon.AddHours(3.9));
        schedule = Then(schedule, new ScheduleCommand.Pause(), Noon.AddHours(4));
        return Then(schedule, new ScheduleCommand.Resume(), Noon.AddHours(8.5));
    }

    private static Schedule Begun(ScheduleSpec spec) =>
        Applied(Schedule.None, Schedule.Begin(Schedule.None, new ScheduleId("orders/hourly"), spec, Noon, ScheduleBounds.Default));

    private static Schedule Then(Schedule schedule, ScheduleCommand command, DateTimeOffset now) =>
        Applied(schedule, Schedule.Decide(schedule, command, now, ScheduleBounds.Default));

    private static Schedule Applied(Schedule schedule, ScheduleDecision decision) =>
        Assert.IsType<ScheduleDecision.Accepted>(decision).Events.Aggregate(schedule, Schedule.Apply);
}
