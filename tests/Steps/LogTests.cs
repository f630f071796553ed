using OrleansEtl.Data.Logs;

namespace OrleansEtl.Steps.Tests;

/// <summary>What an attempt leaves in its log, for those who ask why.</summary>
public sealed class LogTests(Warehouse warehouse)
{
    private static LogLine[] Said(Home home, RunId run, string? step = null) =>
        [.. home.Logs.Read(new LogFilter(run, step is null ? null : new StepId(step)), null, true).Lines];

    private static string Text(LogLine line) =>
        $"{line.Level} {string.Join('+', line.Steps)} {line.Message} {string.Join(' ', line.Fields.Select(field => $"{field.Name}={field.Value.ToPlainText()}"))}";

    [Fact]
    public void An_attempt_tells_its_query_its_rows_and_what_it_wrote()
    {
        using var home = new Home();
        home.Write("in.csv", "a,b\n1,x\n2,y\nbad,z\n");
        var ran = home.Run("""
            pipeline: test
            steps:
              - {id: raw, kind: extract.csv, with: {path: in.csv, columns: {a: integer, b: varchar}, header: true, rejects_max: 5, rejects_max_ratio: 1}}
              - {id: even, kind: transform.filter, depends_on: [raw], with: {where: a % 2 = 0}}
              - {id: out, kind: load.csv, depends_on: [even], with: {path: out/even.csv}}
            """).Succeeded();
        var lines = Said(home, ran.View.Id);

        Assert.StartsWith("Info raw+even+out attempt 1 begins host=", Text(lines[0]));
        Assert.Contains(lines, line => line is { Level: LineLevel.Debug } && line.Message.StartsWith("query: WITH ") && line.Message.Contains("a % 2 = 0"));
        Assert.Contains(lines, line => line.Level == LineLevel.Warn && line.Message == "puts malformed rows aside" && line.Steps[0].Value == "raw");
        Assert.Contains(lines, line => Text(line) == "Info raw rows rows_in=3 rows_out=2 rows_rejected=1");
        Assert.Contains(lines, line => Text(line) == "Info even rows rows_in=2 rows_out=1");
        Assert.Contains(lines, line => line.Message == $"wrote {home.At("out/even.csv")}" && line.Steps[0].Value == "out");
        Assert.StartsWith("Info raw+even+out succeeded seconds=", Text(lines[^1]));
        Assert.Equal(lines.Where(line => line.Steps.Contains(new("even"))).Select(Text), Said(home, ran.View.Id, "even").Select(Text));
    }

    [Fact]
    public void Why_it_failed_is_the_last_line()
    {
        using var home = new Home();
        home.Write("in.csv", "a\n1\n1\n");
        var ran = home.Run("""
            pipeline: test
            steps:
              - {id: raw, kind: extract.csv, with: {path: in.csv}}
              - {id: sure, kind: check.unique, depends_on: [raw], with: {columns: [a]}}
            """);
        var lines = Said(home, ran.View.Id);
        Assert.Contains(lines, line => line.Level == LineLevel.Warn && line.Message.StartsWith("not so: a"));
        Assert.Equal((LineLevel.Error, ran.Fault("sure").Message), (lines[^1].Level, lines[^1].Message));
        Assert.Equal(new SpecValue.Text(StepCodes.CheckFailed), lines[^1].Fields[0].Value);
    }

    [Fact]
    public async Task What_a_program_prints_can_be_read_while_it_runs()
    {
        using var home = new Home(Programs.Shell);
        var work = Programs.Work(home, $"""
            echo one; printf 'steer\033[2J\n' >&2; echo 'ETL_PROGRESS rows=1'
            while [ ! -e {home.At("go")} ]; do sleep 0.01; done
            echo two
            """);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = home.Runner.Run(work, steps =>
        {
            if (steps is [{ Rows: not null }] && Said(home, work.Run).Any(line => line.Message.StartsWith("steer"))) told.TrySetResult();
        }, CancellationToken.None);
        await told.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(Said(home, work.Run), line => line.Message == "two");

        home.Write("go", "");
        Assert.IsType<StageOutcome.Succeeded>(await running);
        var lines = Said(home, work.Run);
        Assert.Contains(lines, line => Text(line) == "Info prog one stream=stdout");
        Assert.Contains(lines, line => Text(line) == "Warn prog steer␛[2J stream=stderr");
        Assert.Contains(lines, line => line.Message == "two");
        Assert.DoesNotContain(lines, line => line.Message.Contains("ETL_PROGRESS"));
    }

    [Fact]
    public async Task An_attempt_that_is_stopped_says_so()
    {
        using var home = new Home(Programs.Shell);
        Assert.IsType<StageOutcome.Stopped>(await Programs.StopWhenItSpeaks(home, "echo 'ETL_PROGRESS rows=1'; exec sleep 1000"));
        var run = home.Logs.Runs().Single();
        Assert.Equal((LineLevel.Warn, "stopped on request"), (Said(home, run)[^1].Level, Said(home, run)[^1].Message));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_does_not_hurt_the_step()
    {
        using var home = new Home();
        File.WriteAllText(home.Logs.Root, "in the way");
        var work = Work.Of(home, "pipeline: test\nsteps:\n  - {id: out, kind: extract.generate, with: {rows: 10, columns: {id: {generator: sequence}}}}\n");
        Assert.IsType<StageOutcome.Succeeded>(await home.Runner.Run(work, _ => { }, CancellationToken.None));
    }

    [Fact]
    public async Task Secrets_of_connections_are_in_no_log()
    {
        var database = await warehouse.Database("CREATE TABLE t (a int)");
        var text = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = "hush-hush" }.ConnectionString;
        using var home = new Home(NamedConnections.Of(
            ("warehouse", text), ("away", "Host=localhost;Port=1;Username=u;Password=hush-hush"), ("wrong", "hush-hush")));
        foreach (var connection in (string[])["warehouse", "away", "wrong"])
        {
            var ran = home.Run($"""
                pipeline: test
                steps:
                  - id: got
                    kind: extract.sql
                    with:
                      connection: {connection}
                      query: SELECT * FROM t
                """);
            Assert.NotEmpty(Said(home, ran.View.Id));
        }
        foreach (var file in Directory.EnumerateFiles(home.Logs.Root, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("hush", File.ReadAllText(file));
    }
}
