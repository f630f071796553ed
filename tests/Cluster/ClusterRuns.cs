using OrleansEtl.Client;

namespace OrleansEtl.Cluster.Tests;

public class ClusterRuns
{
    [Fact]
    public async Task Two_silos_run_a_pipeline_and_the_command_line_sees_all_of_it()
    {
        await using var cluster = await ClusterHarness.Start();
        var run = await cluster.RunJson(0, "run", cluster.Write("p.yaml", Pipelines.Small));
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.True(File.Exists(Path.Combine(cluster.Files, "out", "orders.parquet")));
        var id = run.GetProperty("run_id").GetString()!;
        Assert.Equal(id, (await cluster.RunJson(0, "runs", "list")).GetProperty("runs")[0].GetProperty("run_id").GetString());
        Assert.Equal(id, (await cluster.RunJson(0, "runs", "watch", "last")).GetProperty("run_id").GetString());
        Assert.Equal(5, (await cluster.RunJson(0, "datasets", "preview", "small/marts", "--rows", "5")).GetProperty("data").GetArrayLength());
        Assert.Equal(2, (await cluster.RunJson(0, "silos", "--healthy")).GetProperty("silos").GetArrayLength());
        var calls = (await cluster.RunJson(0, "silos", "--calls", "--for", "100ms")).GetProperty("calls");
        Assert.NotEmpty(calls.EnumerateArray());
    }

    [Fact]
    public async Task A_run_whose_silo_is_killed_ends_as_if_nothing_had_happened()
    {
        await using var cluster = await ClusterHarness.Start();
        await using var etl = await cluster.Connect();
        var slow = cluster.Write("slow.yaml", Pipelines.Slow);
        using var program = cluster.Etl("run", slow, "-o", "json", "--progress", "json");
        await program.Tells("\"running\"");
        await cluster.Silos[0].Kill();
        Assert.True(await program.End() == 0, program.Talk + program.Data);
        await cluster.RunJson(0, "silos", "--healthy");
    }

    [Fact]
    public async Task A_program_of_a_step_dies_with_its_killed_silo_and_runs_again_on_another()
    {
        await using var cluster = await ClusterHarness.Start(silos: 2, database: null, ("ETL_ALLOW_PROGRAMS", "sh"));
        using var run = cluster.Etl("run", cluster.Write("p.yaml", Pipelines.Program), "-p", $"marks={cluster.Folder}", "-o", "json");
        var mark = Path.Combine(cluster.Folder, "leader");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(mark) || run.HasEnded, Program.Patience), run.Talk);
        var leader = int.Parse(File.ReadAllText(mark));
        var silo = cluster.Silos.Single(one => one.Program.Id == Parent(Parent(leader)));
        cluster.Write("go", "");
        await silo.Kill();
        Assert.True(await run.End() == 0, run.Talk + run.Data);
        Assert.False(Directory.Exists($"/proc/{leader}"));
        Assert.Equal(1, (await cluster.RunJson(0, "datasets", "show", "program/prog")).GetProperty("datasets").GetArrayLength());
    }

    [Fact]
    public async Task What_steps_say_is_followed_from_anywhere_to_the_end_of_the_run()
    {
        await using var cluster = await ClusterHarness.Start();
        await using var etl = await cluster.Connect();
        using var named = Correlation.Use("night-batch-7");
        var spec = Pipeline.Named("talks")
            .Step("a", "extract.generate", new { rows = 2_000_000, columns = new { id = new { generator = "sequence" } } }).Materialized()
            .Then("b", Sql.Of("SELECT id, row_number() OVER (ORDER BY id DESC) AS r FROM a")).Materialized()
            .To("out", Parquet.At("out/b.parquet")).ToSpec();
        var begun = Assert.IsType<Begun.Run>(await etl.Start(new StartRequest(spec, []), default));
        var lines = new List<LogLine>();
        await foreach (var line in etl.FollowLogs(new LogFilter(begun.Id), TestContext.Current.CancellationToken)) lines.Add(line);
        Assert.Equal(RunStatus.Succeeded, (await etl.View(begun.Id, default))!.Status);
        Assert.Equal(spec.Steps.Length, lines.SelectMany(line => line.Steps).Distinct().Count());
        Assert.All(lines, line => Assert.Equal("night-batch-7", line.Correlation));
        var files = Directory.GetFiles(Path.Combine(cluster.Data, "logs", begun.Id.Value));
        Assert.Equal(files.Sum(file => File.ReadLines(file).Count()), lines.Count);

        var piped = await cluster.Run(0, "logs", "last", "--follow", "--grep", "begins");
        Assert.Equal(files.Length + 1, piped.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Null(await etl.Logs(new LogFilter(RunId.New(DateTimeOffset.UnixEpoch, new byte[10])), default));
        await cluster.Run(5, "logs", "last", "--step", "nobody");
    }

    [Fact]
    public async Task What_a_killed_silo_held_of_a_limit_comes_back()
    {
        await using var cluster = await ClusterHarness.Start(silos: 3, database: null, ("ETL_ALLOW_PROGRAMS", "sh"));
        await cluster.Run(0, "limits", "set", "db", "--concurrency", "1");
        var file = cluster.Write("p.yaml", Pipelines.Program.Replace("kind: process\n", "kind: process\n    limits: [db]\n"));
        using var first = cluster.Etl("run", file, "-p", $"marks={cluster.Folder}", "-o", "json");
        var mark = Path.Combine(cluster.Folder, "leader");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(mark) || first.HasEnded, Program.Patience), first.Talk);
        using var second = cluster.Etl("run", file, "-p", $"marks={cluster.Folder}", "-o", "json", "--progress", "plain");
        await second.Tells("waits for limit db, next in line");
        cluster.Write("go", "");
        var leader = int.Parse(File.ReadAllText(mark));
        await cluster.Silos.Single(one => one.Program.Id == Parent(Parent(leader))).Kill();
        Assert.True(await first.End() == 0, first.Talk + first.Data);
        Assert.True(await second.End() == 0, second.Talk + second.Data);
        var left = await cluster.RunJson(0, "limits", "show", "db");
        Assert.Equal((0, 0), (left.GetProperty("held").GetInt32(), left.GetProperty("line_total").GetInt32()));
    }

    private static int Parent(int process) => int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[1]);

    [Fact]
    public async Task A_step_that_kills_its_silo_kills_five_and_no_more_and_its_run_can_be_redriven()
    {
        await using var cluster = await ClusterHarness.Start(silos: 2, database: null, ("ETL_ALLOW_PROGRAMS", "sh"));
        using var run = cluster.Etl("run", cluster.Write("p.yaml", Pipelines.Deadly), "-p", $"marks={cluster.Folder}", "-o", "json");
        var deaths = 0;
        while (!run.HasEnded)
        {
            await Task.WhenAny([run.Ended, .. cluster.Silos.Select(silo => silo.Ended)]).WaitAsync(Program.Patience);
            foreach (var silo in cluster.Silos.Where(silo => !silo.IsRunning))
            {
                Assert.True(++deaths <= 5, "more than five silos died");
                silo.Start();
            }
        }
        Assert.True(await run.End() == 8, run.Talk + run.Data);
        Assert.Equal(5, deaths);
        Assert.Contains("ETL6400", run.Data);
        Assert.Contains("quarantined", run.Data);

        cluster.Write("go", "");
        var again = await cluster.RunJson(0, "runs", "redrive", "last");
        Assert.Equal("succeeded", again.GetProperty("status").GetString());
        Assert.Empty((await cluster.RunJson(0, "runs", "redrive", "--status", "failed")).GetProperty("redriven").EnumerateArray());
    }

    [Fact]
    public async Task Ctrl_C_leaves_the_run_to_the_cluster_and_says_how_to_come_back()
    {
        await using var cluster = await ClusterHarness.Start(silos: 1);
        using var program = cluster.Etl("run", cluster.Write("slow.yaml", Pipelines.Slow), "--progress", "json");
        await program.Tells("\"running\"");
        program.Interrupt();
        Assert.Equal(130, await program.End());
        Assert.Contains("etl runs watch run_", program.Talk);
        Assert.Equal("succeeded", (await cluster.RunJson(0, "runs", "watch", "last")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_silo_that_is_asked_to_leave_hands_over_and_ends_well()
    {
        await using var cluster = await ClusterHarness.Start();
        using var program = cluster.Etl("run", cluster.Write("slow.yaml", Pipelines.Slow), "-o", "json", "--progress", "json");
        await program.Tells("\"running\"");
        Assert.Equal(0, await cluster.Silos[1].Term());
        Assert.Contains("left:", cluster.Silos[1].Program.Talk);
        Assert.True(await program.End() == 0, program.Talk + program.Data);
    }

    [Fact, Trait("category", "runtime-only")]
    public async Task A_silo_that_was_frozen_too_long_ends_with_a_code_of_its_own_and_can_be_started_again()
    {
        await using var cluster = await ClusterHarness.Start();
        var frozen = cluster.Silos[1];
        frozen.Freeze();
        await cluster.Silos[0].Program.Tells(frozen.Program.Id > 0 ? "dead" : "");
        frozen.Thaw();
        Assert.Equal(9, await frozen.Program.End());
        Assert.Contains("ETL4610", frozen.Program.Talk);
        await frozen.Start().Ready();
        await cluster.RunJson(0, "run", cluster.Write("p.yaml", Pipelines.Small));
    }

    [Fact]
    public async Task The_same_key_is_one_run_from_wherever_it_is_asked()
    {
        await using var cluster = await ClusterHarness.Start();
        var file = cluster.Write("p.yaml", Pipelines.Small);
        var first = await cluster.RunJson(0, "run", file, "--key", "daily");
        var second = await cluster.RunJson(0, "run", file, "--key", "daily");
        Assert.Equal(first.GetProperty("run_id").GetString(), second.GetProperty("run_id").GetString());
        await cluster.Run(6, "run", file, "--key", "daily", "-p", "rows=11");
    }
}

internal static class Pipelines
{
    public const string Deadly = """
        pipeline: deadly
        params:
          marks: { type: text }
        steps:
          - id: bomb
            kind: process
            with:
              program: sh
              env: { MARKS: "{{ params.marks }}" }
              args:
                - -euc
                - |
                  [ -e "$MARKS/go" ] && exit 0
                  kill -9 $(sed -n 's/^PPid:[[:space:]]*//p' /proc/$PPID/status)
                  exec tail -f /dev/null
        """;

    public const string Small = """
        pipeline: small
        params:
          rows: { type: integer, default: 10 }
        steps:
          - id: orders
            kind: extract.generate
            with: { rows: "{{ params.rows }}", columns: { id: { generator: sequence } } }
          - id: kept
            kind: load.parquet
            depends_on: [orders]
            with: { dataset: small/marts }
          - id: out
            kind: load.parquet
            depends_on: [orders]
            with: { path: out/orders.parquet }
        """;

    /// <summary>Hangs until there is a mark that lets the next attempt go.</summary>
    public const string Program = """
        pipeline: program
        params:
          marks: { type: text }
        steps:
          - id: prog
            kind: process
            with:
              program: sh
              env: { MARKS: "{{ params.marks }}" }
              args:
                - -euc
                - |
                  printf 'id\n1\n' >ids.csv
                  [ -e "$MARKS/go" ] && exit 0
                  echo $$ >"$MARKS/leader.new"; mv "$MARKS/leader.new" "$MARKS/leader"
                  while :; do sleep 0.1; done
              outputs: { out: ids.csv }
        """;

    /// <summary>Several seconds of work in several stages.</summary>
    public const string Slow = """
        pipeline: slow
        steps:
          - id: a
            kind: extract.generate
            with: { rows: 3000000, seed: 1, columns: { id: { generator: sequence }, x: { generator: normal } } }
            materialize: true
          - id: b
            kind: transform.sql
            depends_on: [a]
            with: { query: "select id, x, row_number() over (order by x) as r from a" }
            materialize: true
          - id: c
            kind: transform.sql
            depends_on: [b]
            with: { query: "select id, x, r, row_number() over (order by r desc) as q from b" }
            materialize: true
          - id: out
            kind: load.parquet
            depends_on: [c]
            with: { path: out/slow.parquet }
        """;
}
