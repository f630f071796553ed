using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Steps.Tests;

/// <summary>Steps that run for each item of a list, from their YAML to their datasets.</summary>
public sealed class ItemTests : IDisposable
{
    private const string InOrder = "SELECT \"key\", status, rows_out FROM ({0}) ORDER BY \"index\"";

    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Each_file_is_read_by_an_item_and_what_they_gave_is_one_dataset_in_their_order()
    {
        for (var i = 0; i < 12; i++) _home.Write($"in/{i:00}.csv", $"a\n{i}\n{i + 100}\n");
        var ran = _home.Run("""
            pipeline: test
            steps:
              - id: load
                kind: extract.csv
                for_each: { files: in/*.csv }
                with: { path: "{{ item.path }}", header: true, columns: { a: integer } }
              - { id: sum, kind: transform.sql, depends_on: [load], with: { query: "SELECT count(*) AS n, sum(a) AS s FROM load" } }
              - { id: names, kind: transform.sql, depends_on: [load], with: { query: "SELECT \"key\", rows_out FROM \"load.items\" ORDER BY \"index\"" } }
            """).Succeeded();
        Assert.Equal(["24|1332"], ran.Rows("sum"));
        Assert.Equal(["0", "100", "1", "101"], ran.Rows("load", select: "SELECT a FROM ({0}) LIMIT 4"));
        Assert.Equal([_home.At("in/00.csv") + "|2", _home.At("in/01.csv") + "|2"], ran.Rows("names").Take(2));
        Assert.Equal(new ItemCounts(12, 12, 0, 0, 0, 0), ran["load"].Items);
        Assert.Equal(("12", "24"), (ran.Value("load", "items_succeeded"), ran["load"].RowsOut!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("items: [a, b]", "a|succeeded|1", "b|succeeded|1"), InlineData("range: 2", "0|succeeded|1", "1|succeeded|1")]
    [InlineData("range: { from: 5, to: 6 }", "5|succeeded|1", "6|succeeded|1"), InlineData("range: 0")]
    [InlineData("items: [{ key: x, n: 1 }]", "x|succeeded|1"), InlineData("items: []")]
    [InlineData("dataset: rows", "0|succeeded|1", "1|succeeded|1", "2|succeeded|1")]
    [InlineData("query: \"SELECT 'k' || id AS key, id FROM rows WHERE id > 1 ORDER BY id\"", "k2|succeeded|1", "k3|succeeded|1")]
    public void Items_come_from_wherever_lists_come_from(string source, params string[] expected)
    {
        var ran = _home.Run($$$"""
            pipeline: test
            steps:
              - { id: rows, kind: extract.generate, with: { rows: 3, columns: { id: { generator: sequence } } } }
              - id: each
                kind: extract.generate
                depends_on: [rows]
                for_each: { {{{source}}} }
                with: { rows: 1, columns: { x: { generator: sequence } } }
            """);
        Assert.Equal(expected, ran.Succeeded().Rows("each", "items", InOrder));
    }

    [Fact]
    public void An_item_is_itself_its_fields_its_number_and_its_name()
    {
        var ran = _home.Run("""
            pipeline: test
            params: { prefix: p }
            steps:
              - { id: rows, kind: extract.generate, with: { rows: 2, columns: { id: { generator: sequence } } } }
              - id: each
                kind: transform.sql
                depends_on: [rows]
                for_each: { items: [{ key: one, n: 7, name: "it's" }, { key: two, n: 8, name: b }] }
                with: { query: "SELECT {{ params.prefix }} AS p, {{ item.n }} AS n, {{ item.name }} AS name, {{ item.index }} AS i, {{ item.key }} AS k FROM rows LIMIT 1" }
            """).Succeeded();
        Assert.Equal(["p|7|it's|0|one", "p|8|b|1|two"], ran.Rows("each"));
    }

    [Fact]
    public void Failed_items_are_told_with_their_faults_and_run_again_alone()
    {
        for (var i = 0; i < 5; i++) if (i != 3) _home.Write($"in/{i}.csv", $"a\n{i}\n");
        const string yaml = """
            pipeline: test
            steps:
              - id: load
                kind: extract.csv
                for_each: { items: [0, 1, 2, 3, 4], on_item_failure: continue }
                with: { path: "in/{{ item }}.csv", header: true, columns: { a: integer } }
              - { id: sum, kind: transform.sql, depends_on: [load], with: { query: SELECT sum(a) AS s FROM load } }
            """;
        var plan = Home.Plan(yaml);
        var first = _home.Run(plan);
        Assert.Equal((StepStatus.Failed, "ETL6201"), (first["load"].Status, first.Fault("load").Code));
        Assert.Contains("1 of 5 items failed. The first, item 3", first.Fault("load").Message, StringComparison.Ordinal);
        Assert.Equal(["0|succeeded|1", "1|succeeded|1", "2|succeeded|1", "3|failed|∅", "4|succeeded|1"], first.Rows("load", "items", InOrder));
        Assert.Equal(["3"], first.Rows("load", "items", "SELECT \"key\" FROM ({0}) WHERE fault LIKE '%3.csv%'"));

        _home.Write("in/3.csv", "a\n30\n");
        var again = RerunPlan.Of(_home.Ended!, null, []);
        var named = RerunPlan.Of(_home.Ended!, null, [], new RerunItems(new StepId("load"), [])).Command!.Rerun!.Items!.Value.Single();
        Assert.Equal(again.Command!.Rerun!.Items!.Value.Single().Items.Ref, named.Items.Ref);
        Assert.Null(RerunPlan.Of(_home.Ended!, new StepId("load"), []).Command!.Rerun!.Items);
        var second = _home.Run(plan, again.Command).Succeeded();
        Assert.Equal(["37"], second.Rows("sum"));
        Assert.Equal(new ItemCounts(5, 5, 0, 0, 0, 4), second["load"].Items);
        Assert.Equal(["0|succeeded|1", "1|succeeded|1", "2|succeeded|1", "3|succeeded|1", "4|succeeded|1"], second.Rows("load", "items", InOrder));
        Assert.Equal("ETL6208", RerunPlan.Of(_home.Ended!, null, [], new RerunItems(new StepId("load"), [])).Fault!.Code);
    }

    [Fact]
    public void Keys_name_the_items_that_run_again_and_what_succeeded_is_refused()
    {
        var plan = Home.Plan("""
            pipeline: test
            steps:
              - id: load
                kind: extract.csv
                for_each: { items: [x, y, z], on_item_failure: continue }
                with: { path: "in/{{ item }}.csv", header: true, columns: { a: integer } }
            """);
        _home.Write("in/x.csv", "a\n1\n");
        _home.Run(plan);
        var past = _home.Ended!;
        _home.Write("in/z.csv", "a\n3\n");
        Assert.Equal(["x|succeeded|1", "y|failed|∅", "z|succeeded|1"], Again("z").Rows("load", "items", InOrder));
        Assert.Equal(new ItemCounts(3, 2, 1, 0, 0, 1), Again("z")["load"].Items);
        Assert.Contains("1 of 3 items failed, all in an earlier run", Again("z").Fault("load").Message, StringComparison.Ordinal);
        Assert.Equal("ETL6206", Again("x").Fault("load").Code);
        Assert.Equal("ETL6206", Again("w").Fault("load").Code);

        Ran Again(string key) => _home.Run(plan, RerunPlan.Of(past, null, [], new RerunItems(new StepId("load"), [key])).Command);
    }

    [Fact]
    public void A_failed_step_leaves_the_rest_and_says_which()
    {
        var ran = _home.Run("""
            pipeline: test
            steps:
              - id: load
                kind: extract.csv
                for_each: { range: 40, concurrency: 1 }
                with: { path: "nowhere/{{ item }}.csv", header: true, columns: { a: integer } }
            """);
        Assert.Equal(1, ran["load"].Items!.Failed);
        Assert.Equal(39, ran["load"].Items!.Waiting);
        Assert.Equal(["failed|1", "waiting|39"], ran.Rows("load", "items", "SELECT status, count(*) FROM ({0}) GROUP BY 1 ORDER BY 1"));
    }

    [Fact]
    public void A_thousand_light_items_need_few_messages_and_leave_no_file_each()
    {
        var ran = _home.Run("""
            pipeline: test
            steps:
              - { id: each, kind: flow.noop, for_each: { range: 1000, concurrency: 1 } }
            """).Succeeded();
        Assert.Equal(["succeeded|1000"], ran.Rows("each", "items", "SELECT status, count(*) FROM ({0}) GROUP BY 1"));
        Assert.InRange(ran.View.Version, 5, 30);
        Assert.InRange(Directory.EnumerateFiles(_home.Store.Root, "*", SearchOption.AllDirectories).Count(), 1, 8);
    }

    [Fact]
    public void A_list_that_is_none_or_too_long_is_refused_with_what_to_do()
    {
        Assert.Equal("ETL6205", _home.Run("""
            pipeline: test
            steps:
              - { id: each, kind: flow.noop, for_each: { range: 5000000000 } }
            """).Fault("each").Code);
    }

    [Fact]
    public async Task A_slow_item_keeps_nobody_waiting()
    {
        var clock = new ItemClock();
        var begun = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        var slice = new ItemWork.Slice(Lists.Of(_home, 3), 0, 3, false, [], []);
        var run = new SliceRun(Lists.Work(_home, slice), slice, _home.Store, async (work, _) =>
        {
            if (work.Item == "1")
            {
                begun.SetResult();
                await finish.Task;
            }
            return new StageOutcome.Succeeded([new StepResult(new StepId("s"), null, null, null, [], [])]);
        }, clock);
        var said = new TaskCompletionSource<int?>();
        using var session = _home.Session();
        var running = run.Run(ItemRow.Read(session, _home.Store, slice.Version, slice.From, slice.Count, default), progress => said.TrySetResult(progress[0].Keeps), default);
        await begun.Task;
        clock.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(2, await said.Task);
        finish.SetResult();
        Assert.Equal(2, Assert.IsType<StageOutcome.Items>(await running).Done);
    }

    [Fact]
    public async Task A_slice_that_is_stopped_reports_what_is_done()
    {
        var slice = new ItemWork.Slice(Lists.Of(_home, 3), 0, 3, false, [], []);
        using var stop = new CancellationTokenSource();
        var run = new SliceRun(Lists.Work(_home, slice), slice, _home.Store, (work, _) =>
        {
            if (work.Item == "1") stop.Cancel();
            return Task.FromResult<StageOutcome>(work.Item == "1" ? new StageOutcome.Stopped()
                : new StageOutcome.Failed(new StepId("s"), new Fault(FaultKind.Invalid, "ETL9000", "Wrong."), []));
        }, TimeProvider.System);
        using var session = _home.Session();
        var items = Assert.IsType<StageOutcome.Items>(await run.Run(ItemRow.Read(session, _home.Store, slice.Version, slice.From, slice.Count, default), _ => { }, stop.Token));
        Assert.Equal((1, 1, 1), (items.Done, items.Failures.Length, items.Kept));
    }

    [Fact]
    public async Task Notes_that_are_not_all_there_are_waited_for()
    {
        var list = Lists.Of(_home, 2);
        var work = Lists.Work(_home, new ItemWork.Gather(list, 1, [], [], [], null)) with { Attempt = new Attempt(9) };
        var failed = Assert.IsType<StageOutcome.Failed>(await _home.Runner.Run(work, _ => { }, default));
        Assert.Equal(("ETL6207", true), (failed.Fault.Code, failed.Fault.IsTransient));
    }

    [Fact]
    public async Task What_an_unheard_attempt_noted_does_not_count()
    {
        var list = Lists.Of(_home, 2);
        foreach (var attempt in new[] { 2, 3 })
        {
            using var notes = Notes.Begin(_home.Store, StagingKey.Of("run_00000000000000000000000001", "s", $"{attempt}"));
            notes.Add(System.Text.Encoding.UTF8.GetBytes($"{{\"position\":0,\"status\":\"failed\",\"attempt\":{attempt},\"outputs\":[]}}"));
            notes.Seal();
        }
        var work = Lists.Work(_home, new ItemWork.Gather(list, 1, [], [2], [], null)) with { Attempt = new Attempt(9) };
        var items = Assert.IsType<StageOutcome.Succeeded>(await _home.Runner.Run(work, _ => { }, default)).Results[0].Outputs[0].Dataset!;
        using var session = _home.Session();
        Assert.Equal(3, session.Count($"SELECT attempt FROM ({_home.Store.Select(items)}) WHERE status = 'failed'"));
    }
}

internal static class Lists
{
    public static DatasetVersion Of(Home home, int items)
    {
        var work = Work(home, new ItemWork.List(ItemSource.Range, new SpecValue.Integer(items), [], null));
        return ((StageOutcome.Listed)home.Runner.Run(work, _ => { }, default).GetAwaiter().GetResult()).List;
    }

    public static StageWork Work(Home home, ItemWork items) => new(
        new RunId("run_00000000000000000000000001"), "test", 0, new Attempt(1),
        [new StepWork(new StepId("s"), "flow.noop", SpecValue.Map.Empty, [], false)], home.Folder, null, Items: items);
}

/// <summary>Time that passes when the test says so; then its timers ring.</summary>
internal sealed class ItemClock : TimeProvider
{
    private readonly List<(TimerCallback Callback, object? State)> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public void Pass(TimeSpan time)
    {
        Interlocked.Add(ref _now, time.Ticks);
        foreach (var (callback, state) in _timers) callback(state);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Add((callback, state));
        return new Silent();
    }

    private sealed class Silent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;
        public void Dispose() { }
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
