using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>What SCHEDULES.md says is so.</summary>
public sealed class TheDocument
{
    [Fact]
    public void Its_changes_of_clocks_are_those_of_the_engine()
    {
        var rows = Rows().Where(row => row.Length == 4 && row[0].Contains('/')).ToArray();
        Assert.True(rows.Length >= 7);
        foreach (var row in rows)
            Assert.Equal(row[3], Tell.Firings(Tell.Cron(row[1], row[0]), row[0], Tell.Moment(row[2]), row[3].Split(", ").Length));
    }

    [Fact]
    public void Its_macros_are_those_of_the_engine()
    {
        var rows = Rows().Where(row => row[0].StartsWith('@')).ToArray();
        Assert.Equal(5, rows.Length);
        foreach (var row in rows)
            foreach (var macro in row[0].Split(", "))
                Assert.Equal(Read(row[1]) with { Text = macro }, Read(macro));
    }

    [Fact]
    public void Its_bounds_are_the_defaults()
    {
        var inTheDocument = Rows().Where(row => row.Length == 3 && row[0].EndsWith("Max", StringComparison.Ordinal))
            .ToDictionary(row => row[0], row => row[1].Replace(",", ""));
        var inTheEngine = typeof(ScheduleBounds).GetProperties().Where(bound => bound.Name.EndsWith("Max", StringComparison.Ordinal))
            .ToDictionary(bound => bound.Name, bound => bound.GetValue(ScheduleBounds.Default) switch
            {
                TimeSpan time => $"{time.TotalMinutes} min",
                var count => $"{count}",
            });
        Assert.Equal(inTheEngine.OrderBy(bound => bound.Key), inTheDocument.OrderBy(bound => bound.Key));
    }

    private static Cron Read(string expression) => Assert.IsType<CronResult.Valid>(Cron.Read(expression)).Cron;

    private static IEnumerable<string[]> Rows() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "SCHEDULES.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Replace("`", "").Split('|', StringSplitOptions.TrimEntries)[1..^1]);
}
