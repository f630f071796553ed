using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>What fires over a year is exactly what a look at every minute of it says: nothing more, nothing less, across every change of
/// the clock.</summary>
public sealed class CronFiresExactly
{
    private const int Minutes = 366 * 24 * 60;

    private static readonly string[] Expressions =
    [
        "* * * * *", "*/15 * * * *", "0 * * * *", "20 * * * *", "0 */2 * * *", "*/30 2 * * *", "5/25 1-3 * * *",
        "0 0 * * *", "30 2 * * *", "0,30 2 * * *", "15 0 * * *", "59 23 * * *", "0 1,2,3 * * *", "45 1 * * SUN", "30 1,2 * * *", "59 1,2,23,0 * * *",
        "0 0 L * *", "0 6 L-3 * *", "0 6 LW * *", "0 6 W * *", "0 6 15W * *", "0 6 1W,31W * *", "0 6 L-2W * *",
        "0 6 * * MON#2", "0 6 * * 5L", "0 6 * * 7", "0 6 * * 0", "0 6 * * FRI-MON", "0 6 * * 5-7", "0 6 ? * 2-4/2", "0 22-4/2 * * *",
        "0 6 28-3 * *", "0 6 * NOV-FEB MON", "0 6 29 2 *", "0 6 13 * FRI", "0 6 */2 * MON", "0 6 1-7 * */7", "0 6 L * 3#1,5L",
    ];

    [Theory]
    [InlineData("UTC", 2026), InlineData("Europe/Berlin", 2026), InlineData("America/New_York", 2027), InlineData("Australia/Lord_Howe", 2026)]
    [InlineData("Asia/Beirut", 2024), InlineData("Africa/Cairo", 2025), InlineData("Pacific/Apia", 2011), InlineData("Asia/Kathmandu", 2026)]
    [InlineData("America/Sao_Paulo", 2018), InlineData("Africa/Casablanca", 2026), InlineData("Antarctica/Troll", 2026), InlineData("Asia/Pyongyang", 2018)]
    public void Over_a_year_in_a_zone(string zone, int year)
    {
        var walls = Walls(zone, year);
        foreach (var expression in Expressions) Compare(expression, zone, year, walls);
    }

    [Fact]
    public void Whatever_the_expression() => Seeds.Each(6, seed =>
    {
        var random = new Random(seed);
        var zone = new[] { "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/New_York" }[seed % 4];
        var walls = Walls(zone, 2025);
        for (var i = 0; i < 20; i++) Compare(Expression(random), zone, 2025, walls);
    });

    private static void Compare(string expression, string zone, int year, DateTime[] walls)
    {
        if (Cron.Read(expression) is not CronResult.Valid { Cron: var cron }) // a random one may mean a day that never comes
        {
            Assert.Empty(new NaiveCron(expression).DueOn(walls));
            return;
        }
        var begin = Begin(year);
        var expected = new NaiveCron(expression).DueOn(walls);
        var timetable = new Timetable.OnTheWall(cron, Zone.Find(zone).Value!, cron.KeepsRhythm);
        var at = begin;
        foreach (var minute in expected)
        {
            var next = timetable.Next(at);
            if (next != begin.AddMinutes(minute))
                Assert.Fail($"`{expression}` in {zone}: after {at:u} expected {begin.AddMinutes(minute):u}, found {next:u}");
            at = next.Value;
        }
        Assert.False(timetable.Next(at) < begin.AddMinutes(Minutes), $"`{expression}` in {zone}: nothing is due after {at:u}, found {timetable.Next(at):u}");
    }

    private static DateTimeOffset Begin(int year) => new(year, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What the clock of a zone shows, minute by minute.</summary>
    private static DateTime[] Walls(string zone, int year)
    {
        var found = Zone.Find(zone).Value!;
        return [.. Enumerable.Range(0, Minutes).Select(minute => Begin(year).AddMinutes(minute)).Select(at => found.At(at).Wall(at))];
    }

    private static string Expression(Random random)
    {
        return string.Join(' ', Field(0, 59), Field(0, 23), random.Next(2) == 0 ? "*" : Day(), random.Next(2) == 0 ? "*" : Field(1, 12),
            random.Next(2) == 0 ? "?" : Weekday());

        string Field(int first, int last) => string.Join(',', Enumerable.Range(0, random.Next(1, 3)).Select(_ => random.Next(6) switch
        {
            0 => "*",
            1 => $"*/{random.Next(1, last)}",
            2 => $"{random.Next(first, last + 1)}-{random.Next(first, last + 1)}",
            3 => $"{random.Next(first, last + 1)}-{random.Next(first, last + 1)}/{random.Next(1, 6)}",
            4 => $"{random.Next(first, last + 1)}/{random.Next(1, last)}",
            _ => $"{random.Next(first, last + 1)}",
        }));

        string Day() => random.Next(7) switch
        {
            0 => "L",
            1 => $"L-{random.Next(31)}",
            2 => $"{random.Next(1, 32)}W",
            3 => $"L-{random.Next(31)}W,{random.Next(1, 32)}",
            4 => "W",
            _ => Field(1, 31),
        };

        string Weekday() => random.Next(4) switch
        {
            0 => $"{random.Next(8)}#{random.Next(1, 6)}",
            1 => $"{random.Next(8)}L,{random.Next(8)}",
            _ => Field(0, 7).Replace("/7", "/6"),
        };
    }
}
