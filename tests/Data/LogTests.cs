using OrleansEtl.Data.Logs;

namespace OrleansEtl.Data.Tests;

public sealed class LogTests : IDisposable
{
    private static readonly RunId Run = RunId.New(DateTimeOffset.UnixEpoch.AddYears(51), new byte[10]);
    private static readonly StepId Orders = new("orders");
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("etl-logs-");
    private readonly StandingClock _clock = new();

    public void Dispose() => _root.Delete(recursive: true);

    private LogStore Store(LogBounds? bounds = null) => new(Path.Combine(_root.FullName, "logs"), bounds ?? new LogBounds(), _clock);

    private static LogPage Read(LogStore store, LogFilter? filter = null, bool hasEnded = false) =>
        store.Read(filter ?? new LogFilter(Run), filter?.Step is null ? null : Orders, hasEnded);

    private static string[] Messages(LogPage page) => [.. page.Lines.Select(line => line.Message)];

    [Fact]
    public async Task What_is_said_is_read_with_all_that_belongs_to_it()
    {
        var store = Store();
        await using (var log = store.Open(Run, Orders, new Attempt(2), "call-7"))
            log.Say(LineLevel.Warn, [Orders, new("load")], "rows are missing",
                new("rows", new SpecValue.Integer(3)), new("part", new SpecValue.Real(0.5)), new("file", new SpecValue.Text("a \"b\".csv")));

        var line = Assert.Single(Read(store).Lines);
        Assert.Equal(_clock.Now, line.At);
        Assert.Equal((LineLevel.Warn, new Attempt(2), "rows are missing", "call-7"), (line.Level, line.Attempt, line.Message, line.Correlation));
        Assert.Equal(["orders", "load"], line.Steps.Select(step => step.Value));
        Assert.Equal(
            [new("rows", new SpecValue.Integer(3)), new("part", new SpecValue.Real(0.5)), new("file", new SpecValue.Text("a \"b\".csv"))], line.Fields);
        var text = File.ReadAllText(Assert.Single(store.Files(Run)).Path);
        Assert.StartsWith($"{{\"at\":\"2026-01-01T12:00:00.000000Z\",\"level\":\"warn\",\"run\":\"{Run}\",\"steps\":[\"orders\",\"load\"],\"attempt\":2,", text);
    }

    [Fact]
    public void A_line_is_in_the_file_a_moment_after_it_was_said_and_no_sooner()
    {
        var store = Store();
        var log = store.Open(Run, Orders, new Attempt(1));
        log.Say(LineLevel.Info, [Orders], "first");
        log.Say(LineLevel.Info, [Orders], "second");
        _clock.Advance(store.Bounds.FlushAfter - TimeSpan.FromMilliseconds(1));
        Assert.Empty(store.Files(Run));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["first", "second"], Messages(Read(store)));
    }

    [Fact]
    public void Much_is_written_at_once()
    {
        var store = Store(new LogBounds { FlushBytes = 200 });
        var log = store.Open(Run, Orders, new Attempt(1));
        log.Say(LineLevel.Info, [Orders], new string('x', 300));
        _clock.Advance(TimeSpan.Zero);
        Assert.Single(Read(store).Lines);
    }

    [Fact]
    public async Task An_attempt_that_says_too_much_is_cut_and_its_error_is_kept()
    {
        var store = Store(new LogBounds { AttemptBytesMax = 10_000, ErrorBytes = 2_000 });
        await using (var log = store.Open(Run, Orders, new Attempt(1)))
        {
            for (var i = 0; i < 1_000; i++) log.Say(LineLevel.Info, [Orders], $"line {i}");
            log.Say(LineLevel.Error, [Orders], "why it failed");
            for (var i = 0; i < 1_000; i++) log.Say(LineLevel.Error, [Orders], $"error {i}");
        }

        var lines = Read(store).Lines;
        Assert.InRange(new FileInfo(Assert.Single(store.Files(Run)).Path).Length, 11_500, 12_500);
        var cut = Assert.Single(lines, line => line.Message.Contains("full"));
        Assert.Equal("why it failed", lines[lines.IndexOf(cut) + 1].Message);
        var left = Assert.IsType<SpecValue.Integer>(lines[^1].Fields.Single().Value).Value;
        Assert.Equal(2_001, lines.Length - 2 + left);
    }

    [Fact]
    public async Task The_attempts_of_a_run_together_are_bounded_too()
    {
        var store = Store(new LogBounds { LookAtRunBytes = 1_000, RunBytesMax = 3_000, FlushBytes = 1 });
        foreach (var attempt in Enumerable.Range(1, 10))
        {
            await using var log = store.Open(Run, Orders, new Attempt(attempt));
            for (var i = 0; i < 50; i++)
            {
                log.Say(LineLevel.Info, [Orders], $"line {i}");
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
        }
        Assert.InRange(store.Files(Run).Sum(file => new FileInfo(file.Path).Length), 3_000, 10 * 1_800);
        Assert.Contains(Read(store).Lines, line => line.Message.Contains("full"));
    }

    [Theory]
    [InlineData("a\u001b[2Jb", "a␛[2Jb")]
    [InlineData("one\ntwo\r", "one␊two␍")]
    [InlineData("right\u202eleft", "right\\u202eleft")]
    public async Task What_would_steer_a_terminal_is_shown_as_a_sign(string said, string shown)
    {
        var store = Store();
        await using (var log = store.Open(Run, Orders, new Attempt(1)))
            log.Say(LineLevel.Info, [Orders], said, new Field(said, new SpecValue.Text(said)));
        var line = Assert.Single(Read(store).Lines);
        Assert.Equal((shown, new Field(shown, new SpecValue.Text(shown))), (line.Message, line.Fields.Single()));
    }

    [Fact]
    public async Task Half_a_character_is_a_question_and_no_fault()
    {
        var store = Store();
        await using (var log = store.Open(Run, Orders, new Attempt(1)))
            log.Say(LineLevel.Info, [Orders], "half \ud83d", new Field("half \ud83d", new SpecValue.Text("half \ud83d")));
        Assert.Equal("half \ufffd", Assert.Single(Read(store).Lines).Message);
    }

    [Fact]
    public async Task A_long_line_is_cut_and_can_be_read()
    {
        var store = Store();
        await using (var log = store.Open(Run, Orders, new Attempt(1)))
        {
            log.Say(LineLevel.Info, [Orders], new string('\u202e', 1 << 20), new Field("x", new SpecValue.Text(new string('"', 1 << 20))));
            log.Say(LineLevel.Info, [Orders], "next", new Field("y", new SpecValue.Text("z")));
        }
        var lines = Read(store).Lines;
        Assert.Equal(["next"], lines.Skip(1).Select(line => line.Message));
        Assert.Equal(store.Bounds.CharactersMax + 1, lines[0].Message.Length);
    }

    [Fact]
    public async Task Two_starts_of_one_attempt_write_to_files_of_their_own()
    {
        var store = Store();
        await using (var one = store.Open(Run, Orders, new Attempt(1)))
        await using (var other = store.Open(Run, Orders, new Attempt(1)))
            for (var i = 0; i < 100; i++)
            {
                one.Say(LineLevel.Info, [Orders], "one");
                other.Say(LineLevel.Info, [Orders], "other");
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
        Assert.Equal(["orders.1.0", "orders.1.1"], store.Files(Run).Select(file => file.Name));
        Assert.Equal(100, Messages(Read(store)).Count(message => message == "one"));
        Assert.Equal(100, Messages(Read(store)).Count(message => message == "other"));
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("")]
    [InlineData("a\0")]
    public void Names_that_lead_elsewhere_are_refused(string name)
    {
        Assert.Equal(DataCodes.StagingKeyInvalid, Code(() => Store().Open(Run, new StepId(name), new Attempt(1))));
        Assert.Equal(DataCodes.StagingKeyInvalid, Code(() => Store().Open(new RunId(name), Orders, new Attempt(1))));
        Assert.Empty(Store().Files(new RunId(name)));
    }

    [Fact]
    public void Attempts_begin_with_one() => Assert.Equal(DataCodes.StagingKeyInvalid, Code(() => Store().Open(Run, Orders, new Attempt(-1))));

    [Fact]
    public async Task Files_that_are_no_logs_of_ours_are_not_read()
    {
        var store = Store();
        await using (var log = store.Open(Run, Orders, new Attempt(1))) log.Say(LineLevel.Info, [Orders], "ours");
        var folder = Path.GetDirectoryName(store.Files(Run)[0].Path)!;
        var secret = Path.Combine(_root.FullName, "secret.jsonl");
        File.Copy(store.Files(Run)[0].Path, secret);
        File.CreateSymbolicLink(Path.Combine(folder, "load.1.0.jsonl"), secret);
        File.WriteAllText(Path.Combine(folder, "load.x.0.jsonl"), "{}\n");
        File.AppendAllText(store.Files(Run)[0].Path, $"no json\n{{}}\n{new string('x', 200_000)}\n");
        Assert.Equal(["ours"], Messages(Read(store)));
        Directory.CreateSymbolicLink(Path.Combine(store.Root, RunId.New(_clock.Now, new byte[10]).Value), folder);
        Assert.Equal([Run], store.Runs());
    }

    private static string? Code(Action act) => Assert.Throws<FaultException>(act).Fault.Code;
}
