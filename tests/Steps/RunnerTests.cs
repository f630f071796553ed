using System.Collections.Immutable;

namespace OrleansEtl.Steps.Tests;

public sealed class RunnerTests : IDisposable
{
    private const string Endless = """
        pipeline: test
        steps:
          - {id: made, kind: extract.generate, with: {rows: 1000000000000, columns: {x: {generator: uniform}}}}
          - {id: some, kind: transform.filter, depends_on: [made], with: {where: x > 50}}
        """;

    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private StageWork Work(string yaml, TimeSpan? timeout = null)
    {
        var plan = Home.Plan(yaml);
        return new StageWork(new RunId("run_00000000000000000000000001"), "test", 0, new Attempt(1),
            [.. plan.Steps.Select(step =>
            new StepWork(step.Spec.Id, step.Spec.Kind, step.Spec.With, [], step.Published))], _home.Folder, timeout);
    }

    [Fact]
    public async Task Stopping_ends_the_query_and_gives_nothing()
    {
        using var stop = new CancellationTokenSource();
        var running = _home.Runner.Run(Work(Endless), _ => stop.Cancel(), stop.Token);
        Assert.IsType<StageOutcome.Stopped>(await running.WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_stage_that_was_stopped_before_it_began_does_nothing()
    {
        Assert.IsType<StageOutcome.Stopped>(
            await _home.Runner.Run(Work(Endless), _ => { }, new CancellationToken(true)));
        Assert.False(Directory.Exists(_home.Store.Root));
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_fails_for_this_time()
    {
        var outcome = await _home.Runner.Run(Work(Endless, TimeSpan.FromMilliseconds(300)), _ =>
            { }, CancellationToken.None);
        var failed = Assert.IsType<StageOutcome.Failed>(outcome);
        Assert.Equal((StepCodes.TimedOut, true), (failed.Fault.Code, failed.Fault.IsTransient));
    }

    [Fact]
    public async Task A_timeout_of_steps_that_run_as_one_is_the_fault_of_the_step_that_has_it_and_tells_which_one_ran()
    {
        var yaml = Endless.Replace("{id: made,", "{id: made, timeout: 45m,", StringComparison.Ordinal);
        var stage = Assert.Single(Home.Plan(yaml).Stages);
        var clock = new TimeoutClock(stage.Timeout!.Value);
        var runner = new StageRunner(
            _home.Engine, _home.Store, _home.Logs, folder => new Data.Files.PathRules(folder, _home.Cache, []),
            NamedConnections.None, AllowedPrograms.None, new StepOptions(), clock, StepKinds.BuiltIn);
        var failed = Assert.IsType<StageOutcome.Failed>(await runner.Run(Work(yaml, stage.Timeout), steps =>
        {
            if (steps.Any(step => step.Step.Value == "some")) clock.Ring();
        }, CancellationToken.None));
        Assert.Equal("made", failed.Step.Value);
        Assert.Equal("test/made: not done within 45m as one query with some; some was running.", failed.Fault.Message);
        Assert.Contains("timeout of made", failed.Fault.Hint);
    }

    [Fact]
    public async Task Progress_counts_rows_of_running_steps_and_ends_with_the_run()
    {
        _home.Write("in.csv", "a\n" + string.Concat(Enumerable.Range(0, 2_000_000).Select(i => $"{i}\n")));
        var seen = new List<ImmutableArray<StepProgress>>();
        using var stop = new CancellationTokenSource();
        var runner = new StageRunner(
            _home.Engine, _home.Store, _home.Logs, folder => new Data.Files.PathRules(folder, _home.Cache, []),
            NamedConnections.None, AllowedPrograms.None, new StepOptions { ProgressEvery = TimeSpan.FromMilliseconds(5) }, TimeProvider.System, StepKinds.BuiltIn);
        var outcome = await runner.Run(Work("""
            pipeline: test
            steps:
              - {id: raw, kind: extract.csv, with: {path: in.csv, columns: {a: integer}, header: true}}
              - {id: even, kind: transform.filter, depends_on: [raw], with: {where: a % 2 = 0}}
              - {id: out, kind: load.parquet, depends_on: [even], with: {dataset: x}}
            """), steps => { lock (seen) seen.Add(steps); }, CancellationToken.None);

        Assert.IsType<StageOutcome.Succeeded>(outcome);
        var raw = seen.SelectMany(steps => steps).Where(step => step.Step.Value == "raw" && step.Rows is not null)
            .Select(step => step.Rows!.Value).ToList();
        Assert.NotEmpty(raw);
        Assert.Equal(raw.Order(), raw);
        Assert.All(raw, rows => Assert.InRange(rows, 0, 2_000_000));
        Assert.All(seen.SelectMany(steps => steps), step => Assert.InRange(step.Fraction ?? 0, 0, 1));
    }

    [Fact]
    public async Task Two_attempts_of_a_stage_never_share_a_file()
    {
        var work = Work("""
            pipeline: test
            steps:
              - {id: made, kind: extract.generate, with: {rows: 10, columns: {x: {generator: sequence}}}}
            """);
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => _home.Runner.Run(work, _ => { }, CancellationToken.None)));
        var locations = outcomes.Cast<StageOutcome.Succeeded>()
            .Select(outcome => outcome.Results[0].Outputs[0].Dataset!.Location).ToList();
        Assert.Equal(4, locations.Distinct().Count());
    }

    [Fact]
    public void Temporary_files_do_not_outlive_the_attempt()
    {
        _home.Run("""
            pipeline: test
            steps:
              - {id: made, kind: extract.generate, with: {rows: 10, columns: {x: {generator: sequence}}}}
              - {id: filled, kind: transform.clean_nulls, depends_on: [made], with: {method: median}}
              - {id: out, kind: load.csv, depends_on: [filled], with: {path: x.csv}}
            """).Succeeded();
        Assert.Empty(Directory.EnumerateFiles(_home.Store.Root, "*.parquet", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Generated_rows_depend_on_the_seed_alone(int seed)
    {
        string Yaml(int seed) => $$$"""
            pipeline: test
            steps:
              - id: made
                kind: extract.generate
                with:
                  rows: 100000
                  seed: {{{seed}}}
                  columns:
                    u: {generator: uniform, min: -5, max: 5}
                    n: {generator: normal, mean: 3, stddev: 2}
                    c: {generator: choice, values: [x, y], weights: [1, 3]}
                    t: {generator: text, pattern: "?-##"}
                    f: {generator: flag, null_ratio: 0.5}
                    w: {generator: timestamp, from: 2024-01-01, to: 2024-01-02}
            """;
        var first = _home.Run(Yaml(seed)).Succeeded();
        Assert.Equal(first.Dataset("made").ContentHash, _home.Run(Yaml(seed)).Dataset("made").ContentHash);
        Assert.NotEqual(first.Dataset("made").ContentHash, _home.Run(Yaml(seed + 100)).Dataset("made").ContentHash);
        Assert.Equal(
            ["-5|5|11|true|true|true|true|true"],
            first.Rows("made", select: """
                SELECT min(u), max(u), count(DISTINCT u), abs(avg(n) - 3) < 0.05 AND abs(stddev(n) - 2) < 0.05,
                    abs(avg((c = 'y')::INT) - 0.75) < 0.01, bool_and(regexp_full_match(t, '[A-Z]-[0-9]{2}')),
                    abs(count(f) / count(*) - 0.5) < 0.01, min(w) >= '2024-01-01' AND max(w) < '2024-01-02' FROM ({0})
                """.Replace("{2}", "{{2}}")));
    }

    [Fact]
    public void Grouping_joining_and_sorting_more_than_the_memory_holds_spills_and_ends()
    {
        const string yaml = """
            pipeline: test
            steps:
              - id: made
                kind: extract.generate
                with: {rows: 1500000, columns: {k: {generator: text, pattern: "key-????????????"}, v: {generator: sequence}}}
              - id: grouped
                kind: transform.aggregate
                depends_on: [made]
                with: {by: k, measures: {n: {function: count}, s: sum(v)}}
              - {id: joined, kind: transform.join, depends_on: [made, grouped], with: {on: k}}
              - {id: sorted, kind: load.parquet, depends_on: [joined], with: {order_by: k}}
            """;
        using (var small = new Home(160L << 20))
        {
            var ran = small.Run(yaml).Succeeded();
            Assert.Equal((1_500_000L, 1_500_000L), (ran["joined"].RowsOut!.Value, ran["sorted"].RowsOut!.Value));
        }

        // Without a place to spill to it does not end, so it was spilling that did it; and more memory may be there
        // next time.
        using var shut = new Home(160L << 20, spillBytes: 1 << 20);
        var fault = shut.Run(yaml).View.Steps.Select(step => step.Fault).First(one => one is not null)!;
        Assert.Equal((FaultKind.Exhausted, true), (fault.Kind, fault.IsTransient));
    }
}

/// <summary>Only the timeout waits for the test.</summary>
internal sealed class TimeoutClock(TimeSpan timeout) : TimeProvider
{
    private Action _ring = () => throw new InvalidOperationException("nothing has a timeout");

    public void Ring() => _ring();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == timeout) _ring = () => callback(state);
        return base.CreateTimer(callback, state, dueTime, period);
    }
}
