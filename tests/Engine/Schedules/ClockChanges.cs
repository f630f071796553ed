using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>Real changes of real clocks: what fires around them, by the clock of the zone.</summary>
public sealed class ClockChanges
{
    [Theory]
    // A fixed time that is jumped over fires at the jump, once, however many are.
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", "03-29 03:00 +2 moved, 03-30 02:30 +2")]
    [InlineData("Europe/Berlin", "0,30 2 * * *", "2026-03-28T12:00Z", "03-29 03:00 +2 moved, 03-30 02:00 +2, 03-30 02:30 +2")]
    [InlineData("Europe/Berlin", "30 2,3 * * *", "2026-03-28T12:00Z", "03-29 03:00 +2 moved, 03-29 03:30 +2")]
    [InlineData("Europe/Berlin", "45 1,2 * * *", "2026-03-29T00:40Z", "03-29 01:45 +1, 03-29 03:00 +2 moved, 03-30 01:45 +2")]
    [InlineData("America/New_York", "15 2 * * *", "2026-03-07T12:00Z", "03-08 03:00 -4 moved, 03-09 02:15 -4")]
    [InlineData("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00Z", "10-04 02:30 +11 moved, 10-05 02:15 +11")]
    [InlineData("Asia/Beirut", "0 0 * * *", "2025-03-29T12:00Z", "03-30 01:00 +3 moved, 03-31 00:00 +3")]
    [InlineData("Africa/Cairo", "30 0 * * *", "2026-04-23T12:00Z", "04-24 01:00 +3 moved, 04-25 00:30 +3")]
    // One that is shown twice fires the first time.
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00Z", "10-25 02:30 +2 first, 10-26 02:30 +1")]
    [InlineData("Europe/Berlin", "0 3 * * *", "2026-10-24T12:00Z", "10-25 03:00 +1, 10-26 03:00 +1")]
    [InlineData("America/New_York", "30 1 * * *", "2026-10-31T12:00Z", "11-01 01:30 -4 first, 11-02 01:30 -5")]
    [InlineData("Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00Z", "04-05 01:45 +11 first, 04-06 01:45 +10.5")]
    [InlineData("Africa/Cairo", "30 23 * * *", "2025-10-30T12:00Z", "10-30 23:30 +3 first, 10-31 23:30 +2")]
    // A rhythm goes on in real time: nothing in a gap, both times in an overlap.
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-03-29T00:30Z", "03-29 01:30 +1, 03-29 03:00 +2 left out, 03-29 03:30 +2")]
    [InlineData("Europe/Berlin", "20 * * * *", "2026-03-29T00:20Z", "03-29 01:20 +1, 03-29 03:20 +2 left out, 03-29 04:20 +2")]
    [InlineData("Europe/Berlin", "0 */2 * * *", "2026-03-28T23:00Z", "03-29 00:00 +1, 03-29 04:00 +2 left out")]
    [InlineData("Europe/Berlin", "0 * * * *", "2026-10-24T23:00Z", "10-25 01:00 +2, 10-25 02:00 +2 first, 10-25 02:00 +1 second, 10-25 03:00 +1")]
    [InlineData("Europe/Berlin", "*/30 2 * * *", "2026-10-24T12:00Z", "10-25 02:00 +2 first, 10-25 02:30 +2 first, 10-25 02:00 +1 second, 10-25 02:30 +1 second, 10-26 02:00 +1")]
    [InlineData("Australia/Lord_Howe", "*/15 * * * *", "2026-04-04T14:45Z", "04-05 01:45 +11 first, 04-05 01:30 +10.5 second, 04-05 01:45 +10.5 second, 04-05 02:00 +10.5")]
    // A whole day can be missing.
    [InlineData("Pacific/Apia", "0 12 * * *", "2011-12-29T00:00Z", "12-29 12:00 -10, 12-31 00:00 +14 moved, 12-31 12:00 +14")]
    [InlineData("Pacific/Apia", "0 0 * * *", "2011-12-29T00:00Z", "12-29 00:00 -10, 12-31 00:00 +14 moved, 01-01 00:00 +14")]
    [InlineData("Pacific/Apia", "0 */12 * * *", "2011-12-29T12:00Z", "12-29 12:00 -10, 12-31 00:00 +14 left out, 12-31 12:00 +14")]
    // Zones whose clock never changes, and those at odd offsets.
    [InlineData("Asia/Kolkata", "30 2 * * *", "2026-03-28T12:00Z", "03-29 02:30 +5.5, 03-30 02:30 +5.5")]
    [InlineData("UTC", "30 2 * * *", "2026-03-28T12:00Z", "03-29 02:30 +0, 03-30 02:30 +0")]
    public void Around_a_change(string zone, string cron, string from, string expected)
    {
        var timetable = Tell.Timetable(new Recurrence.OfCron(cron), zone);
        Assert.Equal(expected, Tell.Firings(timetable, zone, Tell.Moment(from), expected.Split(", ").Length));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-28T12:00Z", "03-29 03:00 +2 moved, 03-30 02:30 +2")]
    [InlineData("Europe/Berlin", "2026-10-24T12:00Z", "10-25 02:30 +2 first, 10-26 02:30 +1")]
    public void Days_by_the_calendar_follow_the_wall_as_fixed_times_do(string zone, string from, string expected)
    {
        var timetable = Tell.Timetable(new Recurrence.Calendar(1, CalendarUnit.Day, new TimeOnly(2, 30), new DateOnly(2001, 1, 1)), zone);
        Assert.Equal(expected, Tell.Firings(timetable, zone, Tell.Moment(from), 2));
    }

    [Fact]
    public void An_interval_knows_no_clock()
    {
        var timetable = Tell.Timetable(new Recurrence.Interval(TimeSpan.FromMinutes(90), Tell.Moment("2026-01-01T00:00Z")), "Europe/Berlin");
        Assert.Equal("03-29 01:00 +1, 03-29 03:30 +2, 03-29 05:00 +2", Tell.Firings(timetable, "Europe/Berlin", Tell.Moment("2026-03-29T00:00Z"), 3));
    }

    /// <summary>What <see cref="Timetable"/> takes for granted about clocks.</summary>
    [Fact]
    public void In_no_zone_is_a_time_shown_again_across_two_changes()
    {
        var broken = new List<string>();
        foreach (var name in Zone.Names)
        {
            var zone = Zone.Find(name).Value!;
            var before = zone.At(Tell.Moment("1900-01-01T00:00Z"));
            var shown = DateTime.MinValue;
            while (before.Until is { } until && until.Year < 2100)
            {
                if (before.Wall(until) < shown) broken.Add($"{name} {until:u}");
                shown = before.Wall(until);
                before = zone.At(until);
            }
        }
        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("europe/berlin", "Europe/Berlin"), InlineData("Berlin", "Europe/Berlin"), InlineData("Europe/Berln", "Europe/Berlin")]
    [InlineData("New York", "America/New_York"), InlineData("Narnia/Lantern Waste", null)]
    public void A_zone_that_is_not_there_is_refused_with_the_one_that_was_meant(string name, string? meant)
    {
        var fault = Zone.Find(name).Fault;
        Assert.Equal(ScheduleCodes.UnknownZone, fault?.Code);
        Assert.Equal(meant is null ? null : $"Did you mean `{meant}`?", fault?.Hint);
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z"), InlineData("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z")]
    [InlineData("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z"), InlineData("America/New_York", "2026-07-01T00:00", "2026-07-01T04:00:00Z")]
    public void A_time_of_the_wall_is_the_first_instant_that_shows_it_or_jumps_over_it(string zone, string wall, string instant) =>
        Assert.Equal(instant, Instants.Text(Zone.Find(zone).Value!.First(DateTime.Parse(wall, System.Globalization.CultureInfo.InvariantCulture))));
}
