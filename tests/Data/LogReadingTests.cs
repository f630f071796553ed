using OrleansEtl.Data.Logs;

namespace OrleansEtl.Data.Tests;

public sealed class LogReadingTests : IDisposable
{
    private static readonly RunId Run = RunId.New(DateTimeOffset.UnixEpoch.AddYears(51), new byte[10]);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("etl-logs-");
    private readonly StandingClock _clock = new();
    private readonly LogStore _store;

    public LogReadingTests() => _store = new LogStore(_root.FullName, new LogBounds(), _clock);

    public void Dispose() => _root.Delete(recursive: true);

    /// <summary>Writes lines of several attempts in turn, a second apart.</summary>
    private async Task Said(params (string Step, int Attempt, LineLevel Level, string Message)[] lines)
    {
        var logs = lines.Select(line => (line.Step, line.Attempt)).Distinct()
            .ToDictionary(one => one, one => _store.Open(Run, new StepId(one.Step), new Attempt(one.Attempt)));
        foreach (var (step, attempt, level, message) in lines)
        {
            logs[(step, attempt)].Say(level, [new StepId(step)], message, new Field("step", new SpecValue.Text($"of {step}")));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        foreach (var log in logs.Values) await log.DisposeAsync();
    }

    private string[] Messages(LogFilter filter, out LogPage page)
    {
        page = _store.Read(filter, filter.Step, hasEnded: false);
        return [.. page.Lines.Select(line => line.Message)];
    }

    private string[] Messages(LogFilter filter) => Messages(filter, out _);

    [Fact]
    public async Task The_lines_of_all_steps_come_in_the_order_of_time()
    {
        await Said(("b", 1, LineLevel.Info, "1"), ("a", 1, LineLevel.Info, "2"), ("b", 1, LineLevel.Info, "3"), ("b", 2, LineLevel.Info, "4"),
            ("a", 1, LineLevel.Info, "5"));
        Assert.Equal(["1", "2", "3", "4", "5"], Messages(new LogFilter(Run), out var page));
        Assert.True(page.IsLast);
    }

    [Fact]
    public async Task A_filter_keeps_what_is_asked_for()
    {
        await Said(("b", 1, LineLevel.Info, "Begins"), ("a", 1, LineLevel.Warn, "odd"), ("b", 1, LineLevel.Error, "failed"), ("b", 2, LineLevel.Debug, "begins"));
        Assert.Equal(["Begins", "failed", "begins"], Messages(new LogFilter(Run, Step: new("b"))));
        Assert.Equal(["begins"], Messages(new LogFilter(Run, Step: new("b"), Attempt: new(2))));
        Assert.Equal(["odd", "failed"], Messages(new LogFilter(Run, Level: LineLevel.Warn)));
        Assert.Equal(["failed", "begins"], Messages(new LogFilter(Run, Since: StandingClock.Noon.AddSeconds(2))));
        Assert.Equal(["Begins", "begins"], Messages(new LogFilter(Run, Text: "BEGINS")));
        Assert.Equal(["odd"], Messages(new LogFilter(Run, Text: "of a")));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        var lines = Enumerable.Range(0, 100).Select(i => ($"s{i % 7}", 1, LineLevel.Info, $"{i}")).ToArray();
        await Said(lines);
        var (all, filter, isLast) = (new List<string>(), new LogFilter(Run, Limit: 9), false);
        while (!isLast)
        {
            all.AddRange(Messages(filter, out var page));
            (filter, isLast) = (filter with { Cursor = page.Next }, page.IsLast);
        }
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), all);
    }

    [Fact]
    public void A_tail_gives_each_line_once_while_it_is_written_and_none_in_part()
    {
        var log = _store.Open(Run, new StepId("a"), new Attempt(1));
        var filter = new LogFilter(Run);
        foreach (var i in Enumerable.Range(0, 20))
        {
            log.Say(LineLevel.Info, [new StepId("a")], $"{i}");
            _clock.Advance(_store.Bounds.FlushAfter);
            Assert.Equal([$"{i}"], Messages(filter, out var page));
            filter = filter with { Cursor = page.Next };
        }

        var path = _store.Files(Run)[0].Path;
        var line = File.ReadLines(path).First();
        File.AppendAllText(path, line[..30]); // what a kill leaves
        Assert.Empty(Messages(filter, out var torn));
        File.AppendAllText(path, line[30..] + "\n");
        Assert.Equal(["0"], Messages(filter with { Cursor = torn.Next }));
    }

    [Fact]
    public async Task A_step_that_begins_later_is_followed_too()
    {
        await Said(("b", 1, LineLevel.Info, "1"));
        Messages(new LogFilter(Run), out var page);
        await Said(("a", 1, LineLevel.Info, "2"), ("b", 2, LineLevel.Info, "3"));
        Assert.Equal(["2", "3"], Messages(new LogFilter(Run, Cursor: page.Next)));
    }

    [Fact]
    public async Task One_reading_looks_at_a_bounded_part()
    {
        await Said([.. Enumerable.Range(0, 50).Select(i => ("a", 1, LineLevel.Info, $"{i}"))]);
        var narrow = new LogStore(_root.FullName, new LogBounds { LookedAtBytesMax = 1_000, PageBytesMax = 500 }, _clock);
        Assert.InRange(narrow.Read(new LogFilter(Run), null, false).Lines.Length, 1, 6);
        var (filter, pages, found) = (new LogFilter(Run, Text: "49"), 0, 0);
        for (var isLast = false; !isLast; pages++)
        {
            var page = narrow.Read(filter, null, false);
            (filter, isLast, found) = (filter with { Cursor = page.Next }, page.IsLast, found + page.Lines.Length);
        }
        Assert.Equal(1, found);
        Assert.True(pages > 5);
    }

    [Fact]
    public async Task What_is_swept_is_gone_and_is_not_made_again_by_one_who_still_writes()
    {
        var log = _store.Open(Run, new StepId("a"), new Attempt(1));
        log.Say(LineLevel.Info, [new StepId("a")], "before");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(Messages(new LogFilter(Run), out var page));
        _store.Remove(Run);
        _store.Remove(Run);
        log.Say(LineLevel.Info, [new StepId("a")], "after");
        await log.DisposeAsync();
        Assert.Empty(Messages(new LogFilter(Run, Cursor: page.Next)));
        Assert.Empty(_store.Runs());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a@")]
    [InlineData("a@-1")]
    [InlineData("a@1,a@2")]
    public void A_cursor_of_somewhere_else_is_refused(string cursor) => Assert.Equal(DataCodes.LogCursorInvalid,
        Assert.Throws<FaultException>(() => Messages(new LogFilter(Run, Cursor: cursor))).Fault.Code);

    [Fact]
    public async Task A_cursor_cannot_lead_to_other_files()
    {
        await Said(("a", 1, LineLevel.Info, "1"));
        Assert.Equal(["1"], Messages(new LogFilter(Run, Cursor: "../../../etc/passwd@0")));
    }

    [Fact]
    public void What_is_looked_for_is_bounded() => Assert.Equal(DataCodes.LogTextInvalid,
        Assert.Throws<FaultException>(() => Messages(new LogFilter(Run, Text: new string('x', 201)))).Fault.Code);
}

/// <summary>Stands until it is moved; what is due by then rings at once.</summary>
internal sealed class StandingClock : TimeProvider
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly List<Alarm> _alarms = [];

    public DateTimeOffset Now { get; private set; } = Noon;

    public override DateTimeOffset GetUtcNow() => Now;

    public void Advance(TimeSpan by)
    {
        Now += by;
        foreach (var alarm in _alarms.ToArray()) alarm.RingIfDue(Now);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        _alarms.Add(alarm);
        return alarm;
    }

    private sealed class Alarm(StandingClock clock, Action ring) : ITimer
    {
        private DateTimeOffset? _due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.Now + dueTime;
            return true;
        }

        public void RingIfDue(DateTimeOffset now)
        {
            if (_due is not { } due || due > now) return;
            _due = null;
            ring();
        }

        public void Dispose() => _due = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
