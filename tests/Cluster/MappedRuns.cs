using System.Text.Json;

namespace OrleansEtl.Cluster.Tests;

/// <summary>Steps that run for each item, over the silos of a cluster.</summary>
public class MappedRuns
{
    private const int Branches = 6;
    private const int Parts = 9;
    private const int Rows = 9_000;

    /// <summary>Hangs until there is a mark that lets it go; says before who runs it.</summary>
    private const string Branch = """
        pipeline: branch
        params: { n: { type: integer }, marks: { type: text } }
        steps:
          - id: work
            kind: process
            with:
              program: sh
              env: { MARKS: "{{ params.marks }}", N: "{{ params.n }}" }
              args:
                - -euc
                - |
                  echo $$ >"$MARKS/new-$$"; mv "$MARKS/new-$$" "$MARKS/begun-$N"
                  until [ -e "$MARKS/go" ]; do sleep 0.1; done
          - { id: done, kind: flow.noop, depends_on: [work] }
        """;

    private static readonly string All = $$$"""
        pipeline: all_branches
        params: { marks: { type: text } }
        steps:
          - id: each
            kind: flow.pipeline
            for_each: { range: {{{Branches}}}, concurrency: {{{Branches}}} }
            with: { pipeline: branch, params: { n: "{{ item }}", marks: "{{ params.marks }}" } }
          - { id: after, kind: flow.noop, depends_on: [each] }
        """;

    [Fact]
    public async Task A_silo_is_killed_while_runs_of_items_go_on_and_each_item_has_one()
    {
        await using var cluster = await ClusterHarness.Start(silos: 3, database: null, ("ETL_ALLOW_PROGRAMS", "sh"));
        await cluster.Run(0, "apply", cluster.Write("branch.yaml", Branch));
        using var run = cluster.Etl("run", cluster.Write("all.yaml", All), "-p", $"marks={cluster.Folder}", "-o", "json");
        Assert.True(SpinWait.SpinUntil(() => Begun(cluster).Length >= 2 || run.HasEnded, Program.Patience), run.Talk);
        var leader = int.Parse(await File.ReadAllTextAsync(Begun(cluster)[0]));
        await cluster.Silos.Single(silo => silo.Program.Id == Parent(Parent(leader))).Kill();
        cluster.Write("go", "");
        Assert.True(await run.End() == 0, run.Talk + run.Data);
        var parent = JsonDocument.Parse(run.Data).RootElement.GetProperty("run_id").GetString()!;
        var items = (await cluster.RunJson(0, "runs", "items", parent, "each")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(Enumerable.Range(0, Branches), items.Select(item => item.GetProperty("index").GetInt32()));
        var children = (await cluster.RunJson(0, "runs", "list", "--pipeline", "branch")).GetProperty("runs").EnumerateArray().ToArray();
        Assert.All(children, child => Assert.Equal("succeeded", child.GetProperty("status").GetString()));
        Assert.Equal(items.Select(item => item.GetProperty("run_id").GetString()).Order(), children.Select(child => child.GetProperty("run_id").GetString()).Order());
        Assert.Equal(Branches, children.Length);
    }

    /// <summary>No partition is done before two silos have begun one; each gives the rows that it was handed.</summary>
    private static readonly string Partitioned = $$$"""
        pipeline: parts
        params: { marks: { type: text } }
        steps:
          - { id: orders, kind: extract.generate, with: { rows: {{{Rows}}}, columns: { id: { generator: sequence } } } }
          - { id: parted, kind: transform.sql, depends_on: [orders], with: { query: "SELECT id, id % {{{Parts}}} AS part FROM orders" }, materialize: true }
          - id: copied
            kind: process
            depends_on: [parted]
            for_each: { partitions: { dataset: parted, by: part }, concurrency: {{{Parts}}} }
            with:
              program: sh
              inputs_as: csv
              env: { MARKS: "{{ params.marks }}", KEY: "{{ item.part }}" }
              args:
                - -euc
                - |
                  silo=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$PPID/status)
                  : >"$MARKS/silo-$silo"
                  until set -- "$MARKS"/silo-*; [ $# -ge 2 ]; do sleep 0.1; done
                  sed "1s/\$/,item/; 2,\$s/\$/,$KEY/" "$ETL_INPUT_PARTED" >rows.csv
              outputs: { out: { file: rows.csv, columns: { id: bigint, part: bigint, item: bigint } } }
          - { id: all, kind: transform.sql, depends_on: [copied], with: { query: "SELECT id, part, item FROM copied ORDER BY id" } }
          - { id: out, kind: load.csv, depends_on: [all], with: { path: out/all.csv } }
        """;

    [Fact]
    public async Task Partitions_of_a_dataset_run_on_several_silos_and_give_each_row_once()
    {
        await using var cluster = await ClusterHarness.Start(silos: 3, database: null, ("ETL_ALLOW_PROGRAMS", "sh"));
        await cluster.RunJson(0, "run", cluster.Write("p.yaml", Partitioned), "-p", $"marks={cluster.Folder}");
        Assert.InRange(Directory.GetFiles(cluster.Folder, "silo-*").Length, 2, 3);
        var rows = await File.ReadAllLinesAsync(Path.Combine(cluster.Files, "out", "all.csv"));
        Assert.Equal(Enumerable.Range(1, Rows).Select(id => $"{id},{id % Parts},{id % Parts}"), rows.Skip(1));
    }

    private static string[] Begun(ClusterHarness cluster) => Directory.GetFiles(cluster.Folder, "begun-*");

    private static int Parent(int process) => int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[1]);
}
