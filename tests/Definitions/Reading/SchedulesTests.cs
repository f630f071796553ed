using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Definitions.Tests.Reading;

/// <summary>The <c>schedules</c> of a pipeline file.</summary>
public class SchedulesTests
{
    private const string Head = """
        pipeline: orders
        params: { day: { type: date, required: true }, region: eu }
        steps: [{ id: a, kind: extract.generate, with: { rows: 1 } }]
        schedules:

        """;

    [Fact]
    public void A_schedule_is_read_with_all_that_it_says()
    {
        var schedule = Assert.Single(Read("""
              - id: nightly
                cron: 30 2 * * MON-FRI
                time_zone: Europe/Berlin
                jitter: 5m
                start: 2026-01-01
                end: 2027-01-01T12:00Z
                catch_up: all
                overlap: queue_one
                paused: true
                version: 3
                params: { day: 2026-01-31, region: us }
            """).Schedules);
        Assert.Equal(("nightly", true), (schedule.Id, schedule.IsPaused));
        Assert.Equal(new ScheduleSpec(
            new Recurrence.OfCron("30 2 * * MON-FRI"), "Europe/Berlin", "", 3,
            new SpecValue.Map([new("day", new SpecValue.Text("2026-01-31")), new("region", new SpecValue.Text("us"))]),
            new DateTimeOffset(2025, 12, 31, 23, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 12, 0, 0, TimeSpan.Zero),
            TimeSpan.FromMinutes(5), CatchUp.All, Overlap.QueueOne), schedule.Spec);
    }

    [Fact]
    public void Periods_are_in_real_time_or_by_the_calendar()
    {
        var schedules = Read("""
              - { id: a, every: 15m, params: { day: 2026-01-31 } }
              - { id: b, every: 2h, anchor: 2026-01-01T00:05Z, params: { day: 2026-01-31 } }
              - { id: c, calendar: { every: 2 weeks, at: "06:00", anchor: 2026-01-05 }, params: { day: 2026-01-31 } }
            """).Schedules;
        Assert.Equal(
        [
            new Recurrence.Interval(TimeSpan.FromMinutes(15), Moments.MondayStart),
            new Recurrence.Interval(TimeSpan.FromHours(2), new DateTimeOffset(2026, 1, 1, 0, 5, 0, TimeSpan.Zero)),
            new Recurrence.Calendar(2, CalendarUnit.Week, new TimeOnly(6, 0), new DateOnly(2026, 1, 5)),
        ], schedules.Select(schedule => schedule.Spec.When));
        Assert.All(schedules, schedule => Assert.Null(schedule.IsPaused));
    }

    [Fact]
    public void When_it_runs_is_no_part_of_what_it_is()
    {
        var with = Read("  - { id: a, every: 15m, params: { day: 2026-01-31 } }").Spec!;
        Assert.Equal(PipelineYaml.Read(Head[..Head.IndexOf("schedules", StringComparison.Ordinal)], "p.yaml", SmallCatalog.Kinds).Spec!.Version(), with.Version());
    }

    [Theory]
    [InlineData("  - { id: a, every: 15m }", "ETL2020", 5)] // a parameter is missing
    [InlineData("  - { id: a, every: 15m, params: { day: soon } }", "ETL2022", 5)]
    [InlineData("  - { id: a, cron: \"61 * * * *\", params: { day: 2026-01-31 } }", "ETL4702", 5)]
    [InlineData("  - { id: a, every: 15m, time_zone: Narnia, params: { day: 2026-01-31 } }", "ETL4710", 5)]
    [InlineData("  - { id: a, every: 15m, timezone: UTC }", "ETL1007", 5)]
    [InlineData("  - { id: a, every: fortnight }", "ETL1009", 5)]
    [InlineData("  - { id: a, every: 15m, cron: \"@daily\" }", "ETL1008", 5)]
    [InlineData("  - { id: a }", "ETL1008", 5)]
    [InlineData("  - { every: 15m }", "ETL1008", 5)]
    [InlineData("  - { id: a, every: 15m, overlap: queue, params: { day: 2026-01-31 } }", "ETL1009", 5)]
    [InlineData("  - { id: a, calendar: 2 weeks }", "ETL1009", 5)]
    [InlineData("  - { id: a, calendar: { every: 2 fortnights } }", "ETL1009", 5)]
    [InlineData("  - { id: a, every: 15m, start: soon, params: { day: 2026-01-31 } }", "ETL1009", 5)]
    [InlineData("  - { id: a, every: 15m, params: { day: 2026-01-31 } }\n  - { id: a, every: 1h, params: { day: 2026-01-31 } }", "ETL1006", 6)]
    [InlineData("  - { id: a, every: 15m, overlap: queue, start: soon }", "ETL2020 ETL1009 ETL1009", 5)]
    [InlineData("  - { id: a, every: 15m, params: { day: 2026-01-31 } }\n  - { id: b, every: 0s, params: { day: 2026-01-31 } }", "ETL4711", 6)]
    [InlineData("  nightly: \"@daily\"", "ETL1004", 5)]
    public void What_is_wrong_is_said_with_its_place(string yaml, string code, int line)
    {
        var found = Read(yaml).Diagnostics;
        Assert.Equal((code, line), (string.Join(' ', found.Select(one => one.Code)), found[^1].Line));
    }

    private static ReadResult Read(string yaml) => PipelineYaml.Read(Head + yaml, "p.yaml", SmallCatalog.Kinds);
}
