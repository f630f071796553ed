using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

public sealed class TimetableLaws
{
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "America/New_York"];

    [Fact]
    public void Backwards_comes_by_the_same_instants_as_forwards() => Seeds.Each(60, seed =>
    {
        var random = new Random(seed);
        var timetable = Any(random);
        var at = Tell.Moment("2011-11-01T00:00Z").AddSeconds(random.Next(400_000_000));
        var forwards = new List<DateTimeOffset>();
        for (var next = timetable.Next(at); forwards.Count < 30; next = timetable.Next(next!.Value)) forwards.Add(next!.Value);
        for (var i = forwards.Count - 1; i > 0; i--)
        {
            Assert.True(forwards[i] > forwards[i - 1], $"{timetable}");
            Assert.Equal(forwards[i - 1], timetable.Previous(forwards[i]));
            Assert.Equal(forwards[i - 1], timetable.Previous(forwards[i - 1].AddTicks(1 + random.NextInt64((forwards[i] - forwards[i - 1]).Ticks))));
        }
        Assert.True(timetable.Previous(forwards[0]) <= at);
        Assert.Equal(forwards[0], timetable.From(forwards[0]));
        Assert.Equal(forwards[0], timetable.Through(forwards[0]));
        Assert.Equal(new Firing(forwards[3], forwards[4]), timetable.FiringAt(forwards[4]));
    });

    [Fact]
    public void Intervals_are_aligned_to_their_anchor_on_both_sides()
    {
        var timetable = Tell.Timetable(new Recurrence.Interval(TimeSpan.FromMinutes(15), Tell.Moment("2026-01-01T00:05Z")));
        Assert.Equal("2026-01-01T00:05:00Z", Instants.Text(timetable.From(Tell.Moment("2025-12-31T23:51Z"))!.Value));
        Assert.Equal("2025-12-31T23:50:00Z", Instants.Text(timetable.Previous(Tell.Moment("2026-01-01T00:05Z"))!.Value));
        Assert.Equal("2026-01-01T00:20:00Z", Instants.Text(timetable.Next(Tell.Moment("2026-01-01T00:05Z"))!.Value));
    }

    [Theory]
    [InlineData(1, CalendarUnit.Month, "2026-01-31", "2026-01-01", "2026-01-31, 2026-02-28, 2026-03-31, 2026-04-30")]
    [InlineData(1, CalendarUnit.Month, "2026-01-31", "2027-12-31", "2027-12-31, 2028-01-31, 2028-02-29, 2028-03-31")]
    [InlineData(3, CalendarUnit.Month, "2026-05-31", "2025-10-01", "2025-11-30, 2026-02-28, 2026-05-31, 2026-08-31")]
    [InlineData(2, CalendarUnit.Week, "2026-01-05", "2025-12-20", "2025-12-22, 2026-01-05, 2026-01-19")]
    [InlineData(3, CalendarUnit.Day, "2026-01-01", "2025-12-28", "2025-12-29, 2026-01-01, 2026-01-04")]
    public void Periods_by_the_calendar_are_counted_from_their_anchor(int every, CalendarUnit unit, string anchor, string from, string days)
    {
        var timetable = Tell.Timetable(new Recurrence.Calendar(every, unit, new TimeOnly(6, 0), DateOnly.Parse(anchor)), "Europe/Berlin");
        var found = new List<string>();
        for (var at = timetable.From(Tell.Moment(from + "T00:00Z")); found.Count < days.Split(", ").Length; at = timetable.Next(at!.Value))
            found.Add($"{at:yyyy-MM-dd}");
        Assert.Equal(days, string.Join(", ", found));
    }

    [Theory]
    [InlineData("0 0 29 2 MON", 12 * 8)]
    [InlineData("0 0 */28 2 MON#5", 12 * Timetable.PauseYearsMax)] // 29 February on a Monday
    [InlineData("* * * * * *", 1), InlineData("0 0 L * *", 2), InlineData("0 0 31 12 *", 13)]
    public void A_search_looks_at_each_month_once(string expression, int monthsMax)
    {
        var cron = ((CronResult.Valid)Cron.Read(expression)).Cron;
        var longest = 0;
        for (var from = new DateTime(1990, 1, 1); from.Year < 2120; from = from.AddDays(97))
        {
            var search = new CronSearch(cron);
            Assert.NotNull(search.Next(from, from.AddYears(Timetable.PauseYearsMax)));
            longest = Math.Max(longest, search.MonthsSeen);
        }
        Assert.InRange(longest, 1, monthsMax + 1);
    }

    [Fact]
    public void The_longest_pause_there_can_be_is_within_the_bound()
    {
        for (var weekday = 0; weekday < 7; weekday++)
        {
            var timetable = Tell.Cron($"0 0 */28 2 {weekday}#5", "Europe/Berlin");
            for (var at = Tell.Moment("1890-01-01T00:00Z"); at.Year < 2290;)
            {
                Assert.NotNull(timetable.Next(at));
                at = timetable.Next(at)!.Value;
            }
        }
    }

    [Theory]
    [InlineData("0 0 * * *"), InlineData("* * * * * *"), InlineData("0 0 29 2 *")]
    public void Nothing_is_due_before_or_after_all_time(string expression)
    {
        foreach (var zone in Zones)
        {
            var timetable = Tell.Cron(expression, zone);
            Assert.Null(timetable.Next(DateTimeOffset.MaxValue));
            Assert.Null(timetable.Previous(DateTimeOffset.MinValue));
            Assert.NotNull(timetable.Next(DateTimeOffset.MinValue));
            Assert.NotNull(timetable.Previous(DateTimeOffset.MaxValue));
        }
        var interval = Tell.Timetable(new Recurrence.Interval(TimeSpan.FromDays(7), Given.Noon));
        Assert.Null(interval.Next(DateTimeOffset.MaxValue));
        Assert.Null(interval.Previous(DateTimeOffset.MinValue));
    }

    [Theory]
    [InlineData("ETL4711 every"), InlineData("ETL4711 every", 0, 401), InlineData("ETL4713 jitter", 60, 1, -1), InlineData("ETL4713 jitter", 60, 1, 90_000)]
    [InlineData("ETL4712 end", 60, 1, 0, 0), InlineData("ETL4712 end", 86_400, 1, 0, 60)]
    public void A_spec_that_cannot_be_is_refused(string says, int everySeconds = 0, int everyDays = 1, int jitterSeconds = 0, int? endsAfterSeconds = null)
    {
        Recurrence when = everyDays > 1
            ? new Recurrence.Calendar(everyDays, CalendarUnit.Day, default, new DateOnly(2026, 1, 1))
            : new Recurrence.Interval(TimeSpan.FromSeconds(everySeconds), Given.Noon.AddSeconds(-1));
        var spec = new ScheduleSpec(when)
        {
            Jitter = TimeSpan.FromSeconds(jitterSeconds),
            Start = endsAfterSeconds is null ? null : Given.Noon,
            End = endsAfterSeconds is { } seconds ? Given.Noon.AddSeconds(seconds) : null,
        };
        var fault = Assert.Single(Assert.IsType<ScheduleCheckResult.Faulty>(ScheduleCheck.Of(spec)).Faults);
        Assert.Equal(says, $"{fault.Code} {fault.Path}");
    }

    [Fact]
    public void All_faults_of_a_spec_are_told_at_once()
    {
        var spec = new ScheduleSpec(new Recurrence.OfCron("61 25 * * *"), "Europe/Berln")
        {
            Jitter = TimeSpan.FromDays(2), Start = Given.Noon, End = Given.Noon,
        };
        Assert.Equal(["zone ETL4710", "cron ETL4702", "cron ETL4702", "jitter ETL4713", "end ETL4712"],
            Assert.IsType<ScheduleCheckResult.Faulty>(ScheduleCheck.Of(spec)).Faults.Select(fault => $"{fault.Path} {fault.Code}"));
    }

    private static Timetable Any(Random random)
    {
        var zone = Zones[random.Next(Zones.Length)];
        string[] crons = ["*/15 * * * *", "30 2 * * *", "0 0 * * *", "0,30 0-3 * * MON-FRI", "0 */2 * * *", "0 6 L * *", "*/20 * * * * *", "0 0 29 2 *"];
        return Tell.Timetable(random.Next(4) switch
        {
            0 => new Recurrence.Interval(TimeSpan.FromSeconds(random.Next(1, 100_000)), Given.Noon.AddTicks(random.Next())),
            1 => new Recurrence.Calendar(random.Next(1, 10), (CalendarUnit)random.Next(3), new TimeOnly(random.Next(24), random.Next(60)),
                new DateOnly(2026, 1, 1).AddDays(random.Next(60))),
            _ => new Recurrence.OfCron(crons[random.Next(crons.Length)]),
        }, zone);
    }
}
