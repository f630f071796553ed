using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

public sealed class CronReading
{
    [Theory]
    [InlineData("* * * * FUNDAY", "ETL4702", 8, 6, "FUNDAY")]
    [InlineData("60 * * * *", "ETL4702", 0, 2, "minute: found `60`, expected 0 to 59")]
    [InlineData("* 24 * * *", "ETL4702", 2, 2, "hour: found `24`, expected 0 to 23")]
    [InlineData("* * 0 * *", "ETL4702", 4, 1, "day of month: found `0`, expected 1 to 31")]
    [InlineData("* * 32 * *", "ETL4702", 4, 2, "found `32`")]
    [InlineData("* * * 13 *", "ETL4702", 6, 2, "month: found `13`, expected 1 to 12, JAN to DEC")]
    [InlineData("* * * * 8", "ETL4702", 8, 1, "day of week: found `8`, expected 0 to 7, SUN to SAT")]
    [InlineData("* * * JAM *", "ETL4702", 6, 3, "Did you mean `JAN`?")]
    [InlineData("* * * * MONDAY", "ETL4702", 8, 6, "Did you mean `MON`?")]
    [InlineData("* * * * MON-FRY", "ETL4702", 12, 3, "Did you mean `FRI`?")]
    [InlineData("1, * * * *", "ETL4702", 1, 1, "found nothing beside a comma")]
    [InlineData("1- * * * *", "ETL4702", 1, 1, "found nothing where a value belongs")]
    [InlineData("-5 * * * *", "ETL4702", 0, 1, "found nothing where a value belongs")]
    [InlineData("/5 * * * *", "ETL4702", 0, 1, "found nothing where a value belongs")]
    [InlineData("1-2-3 * * * *", "ETL4702", 2, 3, "found `2-3`")]
    [InlineData("99999999999999999999 * * * *", "ETL4702", 0, 20, "minute")]
    [InlineData("* * L-31 * *", "ETL4702", 4, 4, "found `L-31`")]
    [InlineData("* * LX * *", "ETL4702", 4, 2, "found `LX`")]
    [InlineData("* * 32W * *", "ETL4702", 4, 3, "found `32W`")]
    [InlineData("* * * * MON#6", "ETL4702", 8, 5, "1 to 5 after #")]
    [InlineData("* * * * #2", "ETL4702", 8, 1, "found nothing where a value belongs")]
    [InlineData("*/0 * * * *", "ETL4703", 2, 1, "a number from 1 to 59 after /")]
    [InlineData("*/60 * * * *", "ETL4703", 2, 2, "found step `60`")]
    [InlineData("*/ * * * *", "ETL4703", 1, 1, "found step ``")]
    [InlineData("1/2/3 * * * *", "ETL4703", 2, 3, "found step `2/3`")]
    [InlineData("L * * * *", "ETL4704", 0, 1, "L and W stand in the day of month")]
    [InlineData("? * * * *", "ETL4704", 0, 1, "here * means every value")]
    [InlineData("1* * * * *", "ETL4704", 0, 2, "* and ? stand alone")]
    [InlineData("* * MON#2 * *", "ETL4704", 4, 5, "# stands in the day of week only")]
    [InlineData("* * * * L", "ETL4704", 8, 1, "5L or FRIL")]
    [InlineData("* * * * 15W", "ETL4704", 8, 3, "L and W stand in the day of month")]
    [InlineData("0 0 30 2 *", "ETL4705", 4, 4, "No year has such a day")]
    [InlineData("0 0 31 4,6,9,11 *", "ETL4705", 4, 11, "day of month `31`")]
    [InlineData("0 0 L-30 FEB,APR ?", "ETL4705", 4, 12, "No year")]
    [InlineData("0 0 30W 2 *", "ETL4705", 4, 5, "No year")]
    [InlineData("0 0 1-7 * */7,MON#5", null, 0, 0, "")]
    [InlineData("0 0 */31 * MON#5", "ETL4705", 4, 6, "day of week `MON#5`")]
    [InlineData("@dayly", "ETL4706", 0, 6, "Did you mean `@daily`?")]
    [InlineData("@reboot", "ETL4706", 0, 7, "expected one of @hourly")]
    [InlineData("* * * *", "ETL4701", 0, 7, "Found 4 fields, expected five")]
    [InlineData("0 0 1 1 * 2026 *", "ETL4701", 0, 16, "Found 7 fields")]
    [InlineData("", "ETL4701", 0, 0, "Found 0 fields")]
    [InlineData("  ", "ETL4701", 0, 2, "Found 0 fields")]
    public void What_is_wrong_is_said_with_its_place(string expression, string? code, int start, int length, string says)
    {
        var read = Cron.Read(expression);
        if (code is null)
        {
            Assert.IsType<CronResult.Valid>(read);
            return;
        }
        var fault = Assert.Single(Assert.IsType<CronResult.Faulty>(read).Faults);
        Assert.Equal((code, start, length), (fault.Fault.Code, fault.Start, fault.Length));
        Assert.Contains(says, fault.Fault.ToString());
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = Assert.IsType<CronResult.Faulty>(Cron.Read("61 */0 L-99 JUNE,13 MON#9")).Faults;
        Assert.Equal([(0, "ETL4702"), (5, "ETL4703"), (7, "ETL4702"), (12, "ETL4702"), (17, "ETL4702"), (20, "ETL4702")],
            faults.Select(fault => (fault.Start, fault.Fault.Code)));
    }

    [Theory]
    [InlineData("@hourly", "0 * * * *"), InlineData("@daily", "0 0 * * *"), InlineData("@midnight", "0 0 * * *"), InlineData("@weekly", "0 0 * * SUN")]
    [InlineData("@monthly", "0 0 1 * *"), InlineData("@yearly", "0 0 1 1 *"), InlineData("@annually", "0 0 1 JAN ?"), InlineData("@DAILY", "0 0 * * *")]
    [InlineData("0 0 * * 7", "0 0 * * 0"), InlineData("0 0 * * fri-mon", "0 0 * * 5,6,0,1"), InlineData("0 0 * * 5-7", "0 0 * * FRI,SAT,SUN")]
    [InlineData("50-10/5 * * * *", "50,55,0,5,10 * * * *"), InlineData("  5\t* * *  *", "5 * * * *"), InlineData("30 5 * * * *", "30 5 */1 * * *")]
    public void Two_ways_to_say_the_same(string one, string other)
    {
        var (a, b) = (Tell.Cron(one, "Europe/Berlin"), Tell.Cron(other, "Europe/Berlin"));
        var at = Tell.Moment("2026-01-01T00:00Z");
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(b.Next(at), a.Next(at));
            at = a.Next(at)!.Value;
        }
    }

    [Fact]
    public void Six_fields_begin_with_the_second()
    {
        var timetable = Tell.Cron("15,45 59 23 31 12 *");
        var first = timetable.Next(Tell.Moment("2026-12-31T23:59:15Z"));
        Assert.Equal("2026-12-31T23:59:45Z", Instants.Text(first!.Value));
        Assert.Equal("2027-12-31T23:59:15Z", Instants.Text(timetable.Next(first.Value)!.Value));
        Assert.Equal("2026-12-31T23:59:15Z", Instants.Text(timetable.Next(Tell.Moment("2026-12-31T23:59:14.5Z"))!.Value));
    }

    [Theory]
    [InlineData("0 0 1,15 * MON", "2026-06-30T00:00Z", "2026-07-01, 2026-07-06, 2026-07-13, 2026-07-15, 2026-07-20")] // either
    [InlineData("0 0 * * MON", "2026-06-30T00:00Z", "2026-07-06, 2026-07-13")]
    [InlineData("0 0 */2 * MON", "2026-06-30T00:00Z", "2026-07-13, 2026-07-27, 2026-08-03")] // both
    [InlineData("0 0 1W * *", "2026-07-30T00:00Z", "2026-08-03, 2026-09-01")] // 1 August is a Saturday
    [InlineData("0 0 31W * *", "2026-01-01T00:00Z", "2026-01-30, 2026-03-31, 2026-05-29")]
    [InlineData("0 0 LW * *", "2026-01-01T00:00Z", "2026-01-30, 2026-02-27, 2026-03-31, 2026-04-30, 2026-05-29")]
    [InlineData("0 0 L-30 * *", "2026-01-02T00:00Z", "2026-03-01, 2026-05-01")]
    [InlineData("0 0 * * 5L", "2026-01-01T00:00Z", "2026-01-30, 2026-02-27")]
    [InlineData("0 0 * * FRI#5", "2026-01-01T00:00Z", "2026-01-30, 2026-05-29")]
    [InlineData("0 0 29 2 *", "2096-03-01T00:00Z", "2104-02-29, 2108-02-29")] // 2100 has none
    public void Days_are_found(string expression, string from, string days)
    {
        var timetable = Tell.Cron(expression);
        var found = new List<string>();
        for (var at = timetable.Next(Tell.Moment(from)); found.Count < days.Split(", ").Length; at = timetable.Next(at!.Value))
            found.Add($"{at:yyyy-MM-dd}");
        Assert.Equal(days, string.Join(", ", found));
    }

    [Fact]
    public void Whatever_is_typed_is_read_or_refused_and_never_breaks() => Seeds.Each(20, seed =>
    {
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => "0123456789*/-,#?LW  @MONFEBxß"[random.Next(29)]));
            if (random.Next(2) == 0) text = $"{text.Replace(" ", "")} {text.Replace(" ", "")} * * *";
            switch (Cron.Read(text))
            {
                case CronResult.Faulty faulty:
                    Assert.NotEmpty(faulty.Faults);
                    Assert.All(faulty.Faults, fault => Assert.InRange(fault.Start + fault.Length, 0, Math.Max(1, text.Length)));
                    break;
                case CronResult.Valid valid: // all that is accepted comes, and within the bound
                    Assert.NotNull(new Timetable.OnTheWall(valid.Cron, Zone.Utc, valid.Cron.KeepsRhythm).Next(Given.Noon));
                    break;
            }
        }
    });
}
