using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>A time in parts: they meet, cover it and nothing else, and follow the calendar where they are days, weeks or months.</summary>
public class TimePartitionTests
{
    private static TimePartitions Time(string from, string to, string every, string zone = "UTC")
    {
        var faults = new List<Fault>();
        var time = TimePartitions.Read(Of(("from", from), ("to", to), ("every", every), ("time_zone", zone)), faults);
        return time ?? throw new InvalidOperationException(string.Join('\n', faults));
    }

    private static SpecValue.Map Of(params (string Name, string Value)[] fields) =>
        new([.. fields.Select(field => new Field(field.Name, new SpecValue.Text(field.Value)))]);

    private static string[] Starts(TimePartitions time) => [.. time.All().Select(part => Instants.Text(part.Start, time.Zone))];

    private static double[] Hours(TimePartitions time) => [.. time.All().Select(part => (part.End - part.Start).TotalHours)];

    [Theory]
    [InlineData("2026-01-01", "2026-02-01", "1d", 31), InlineData("2026-01-01", "2026-01-02", "1h", 24), InlineData("2026-01-01", "2026-01-01", "1d", 0)]
    [InlineData("2026-01-01", "2027-01-01", "1 month", 12), InlineData("2026-01-01T06:30", "2026-01-03T06:31", "1 day", 3)]
    [InlineData("2026-01-31", "2027-01-31", "1 month", 12), InlineData("2026-03-01", "2026-03-31", "2 weeks", 3), InlineData("2026-01-01", "2026-01-02", "7h", 4)]
    public void Parts_meet_and_cover_the_time_whatever_the_zone(string from, string to, string every, int count)
    {
        foreach (var zone in new[] { "UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia" })
        {
            var time = Time(from, to, every, zone);
            var all = time.All().ToArray();
            Assert.Equal(count, all.Length);
            if (count == 0) continue;
            Assert.Equal((time.From, time.To), (all[0].Start, all[^1].End));
            Assert.All(all.Zip(all.Skip(1)), two => Assert.Equal(two.First.End, two.Second.Start));
            Assert.All(all, part => Assert.True(part.Start < part.End));
            Assert.Equal(count, Starts(time).Distinct().Count());
        }
    }

    [Fact]
    public void A_day_is_as_long_as_its_clock_makes_it_and_24_hours_always_are()
    {
        Assert.Equal([24, 23, 24], Hours(Time("2026-03-28", "2026-03-31", "1d", "Europe/Berlin")));
        Assert.Equal([24, 25, 24], Hours(Time("2026-10-24", "2026-10-27", "1 day", "Europe/Berlin")));
        Assert.Equal([24, 24, 23], Hours(Time("2026-03-28", "2026-03-31", "24h", "Europe/Berlin")));
        Assert.Equal(
            ["2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"],
            Starts(Time("2026-03-28", "2026-03-31", "1d", "Europe/Berlin")));
        Assert.Equal(
            ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"], Starts(Time("2026-10-25T00:00Z", "2026-10-25T02:00Z", "1h", "Europe/Berlin")));
    }

    [Fact]
    public void They_are_counted_from_the_beginning_and_the_last_is_cut_off()
    {
        Assert.Equal(
            ["2026-01-15T06:30:00Z", "2026-02-15T06:30:00Z", "2026-03-15T06:30:00Z"], Starts(Time("2026-01-15T06:30", "2026-03-16", "1 month")));
        Assert.Equal([48, 48, 1], Hours(Time("2026-01-01", "2026-01-05T01:00", "2 days")));
        Assert.Equal("2026-01-01T00:00:00.25Z", Starts(Time("2026-01-01T00:00:00.250Z", "2026-01-01T00:00:01Z", "1s"))[0]);
    }

    [Fact]
    public void What_is_not_there_is_not_found_wrong_but_makes_no_time()
    {
        var faults = new List<Fault>();
        Assert.Null(TimePartitions.Read(Of(("every", "1d")), faults));
        Assert.Empty(faults);
        Assert.Null(TimePartitions.Read(new SpecValue.Map([new("from", new SpecValue.Null()), new("every", new SpecValue.Integer(3))]), faults));
        Assert.Equal(["from", "every"], faults.Select(fault => fault.Path));
        Assert.Contains("--interval-start", faults[0].Hint, StringComparison.Ordinal);
    }
}
