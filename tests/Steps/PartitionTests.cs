using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Steps.Tests;

/// <summary>Steps that run for each partition of a dataset or of a time.</summary>
public sealed class PartitionTests : IDisposable
{
    private const string InOrder = "SELECT \"key\", rows_in, rows_out FROM ({0}) ORDER BY \"index\"";
    private const string Orders = "country,day,amount\nDE,2026-01-02,1\nDE,2026-01-01,2\nAT,2026-01-01,3\n,2026-01-01,4\nDE,2026-01-02,5\n";

    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private static string Yaml(string by, string step) => $$$"""
        pipeline: test
        steps:
          - { id: orders, kind: extract.csv, with: { path: orders.csv, header: true, null_values: [""], columns: { country: text, day: date, amount: integer } } }
          - id: each
            depends_on: [orders]
            for_each: { partitions: { dataset: orders, by: {{{by}}} } }
            {{{step}}}
        """;

    [Fact]
    public void Each_item_reads_the_rows_of_its_partition_and_no_others()
    {
        _home.Write("orders.csv", Orders);
        var ran = _home.Run(Yaml("[country, day]", """
            kind: transform.sql
                with: { query: "SELECT {{ item.country }} AS c, {{ item.day }} AS d, {{ item.rows }} AS n, {{ item.key }} AS k, list(amount ORDER BY amount) AS a, min(country) AS m FROM orders" }
            """)).Succeeded();
        Assert.Equal(
            ["country=AT/day=2026-01-01|1|1", "country=DE/day=2026-01-01|1|1", "country=DE/day=2026-01-02|2|1",
             "country=__HIVE_DEFAULT_PARTITION__/day=2026-01-01|1|1"], ran.Rows("each", "items", InOrder));
        Assert.Equal(
            ["AT|2026-01-01|1|country=AT/day=2026-01-01|[3]|AT", "DE|2026-01-01|1|country=DE/day=2026-01-01|[2]|DE",
             "DE|2026-01-02|2|country=DE/day=2026-01-02|[1,5]|DE", "∅|2026-01-01|1|country=__HIVE_DEFAULT_PARTITION__/day=2026-01-01|[4]|∅"], ran.Rows("each"));
    }

    [Fact]
    public void A_folder_of_the_items_name_is_one_that_others_read_as_partitioned()
    {
        _home.Write("orders.csv", Orders.Replace("AT", "a/b=c?*: %d", StringComparison.Ordinal));
        _home.Run(Yaml("[country, day]", """
            kind: load.parquet
                with: { path: "out/{{ item.key }}/rows.parquet" }
            """)).Succeeded();
        using var session = _home.Session();
        using var rows = session.Query(
            $"SELECT country, day, sum(amount) FROM read_parquet({Sql.Text(_home.At("out") + "/**/*.parquet")}, hive_partitioning = true) GROUP BY ALL ORDER BY ALL");
        var found = new List<string>();
        while (rows.Read()) found.Add($"{rows.Text(0) ?? "∅"}|{rows.Text(1)}|{rows.Text(2)}");
        Assert.Equal(["DE|2026-01-01|2", "DE|2026-01-02|6", "a/b=c?*: %d|2026-01-01|3", "∅|2026-01-01|4"], found);
    }

    [Fact]
    public void A_check_judges_and_gives_on_the_rows_of_its_partition()
    {
        _home.Write("orders.csv", Orders);
        var ran = _home.Run(Yaml("country", """
            kind: check.row_count
                with: { max: 2 }
            """).Replace("by: country }", "by: country }, on_item_failure: continue", StringComparison.Ordinal));
        Assert.Contains("1 of 3 items failed", ran.Fault("each").Message, StringComparison.Ordinal);
        Assert.Equal(["country=DE"], ran.Rows("each", "items", "SELECT \"key\" FROM ({0}) WHERE status = 'failed'"));
        ran = _home.Run(Yaml("day", """
            kind: check.row_count
                with: { min: 2, max: 3 }
            """)).Succeeded();
        Assert.Equal(["day=2026-01-01|3|3", "day=2026-01-02|2|2"], ran.Rows("each", "items", InOrder));
        Assert.Equal(["3|2026-01-01", "2|2026-01-02"], ran.Rows("each", select: "SELECT count(*), day FROM ({0}) GROUP BY day ORDER BY day"));
    }

    [Theory]
    [InlineData("parquet"), InlineData("csv"), InlineData("ndjson")]
    public void A_program_is_handed_the_rows_of_its_partition(string format)
    {
        using var home = new Home(AllowedPrograms.Of(["sh"], "/usr/bin:/bin"));
        home.Write("orders.csv", Orders);
        var ran = home.Run(Yaml("country", $$"""
            kind: process
                with: { program: sh, args: [-c, 'cp "$ETL_INPUT_ORDERS" out.{{format}}'], inputs_as: {{format}}, outputs: { out: { file: out.{{format}}, columns: { country: text, amount: integer } } } }
            """)).Succeeded();
        Assert.Equal(
            ["country=AT|1|1", "country=DE|3|3", "country=__HIVE_DEFAULT_PARTITION__|1|1"], ran.Rows("each", "items", InOrder));
        Assert.Equal(["AT|3", "DE|8", "∅|4"], ran.Rows("each", select: "SELECT country, sum(amount) FROM ({0}) GROUP BY country ORDER BY country"));
    }

    [Fact]
    public async Task Code_of_a_host_is_handed_the_rows_of_its_partition()
    {
        _home.Write("orders.csv", Orders);
        var orders = _home.Run(Yaml("country", "kind: flow.noop")).Succeeded().Dataset("orders");
        var files = new List<string>();
        var kind = StepKind.Code("test.code", "Gives its input on.").Reads(InputArity.One, Fusing.Alone).Port("out", "Rows.").Runs(call =>
        {
            files.AddRange(call.Input.Files);
            using var output = call.Write("out", new Column("amount", "BIGINT"));
            foreach (var row in call.Rows(call.Input)) output.Add(row["amount"]);
        });
        var runner = new StageRunner(
            _home.Engine, _home.Store, _home.Logs, folder => new Data.Files.PathRules(folder, _home.Cache, []), NamedConnections.None, AllowedPrograms.None,
            new StepOptions(), TimeProvider.System, StepKinds.With([kind]));
        var work = new StageWork(new RunId("run_00000000000000000000000001"), "test", 0, new Attempt(1),
            [new StepWork(new StepId("s"), "test.code", SpecValue.Map.Empty, [new InputBinding("orders", orders, new DatasetPartition("country=DE", 3))], true)],
            _home.Folder, null);
        var outcome = await runner.Run(work, _ => { }, default);
        var result = Assert.Single(Assert.IsType<StageOutcome.Succeeded>(outcome).Results);
        Assert.Equal((3L, 3L), (result.RowsIn, result.RowsOut));
        Assert.All(files, file => Assert.False(File.Exists(file) || orders.Files.Contains(Path.GetFileName(file)) && file.Contains(orders.Location, StringComparison.Ordinal)));
    }

    [Fact]
    public void One_partition_that_failed_runs_again_by_its_name()
    {
        _home.Write("orders.csv", Orders);
        var (first, other) = (_home.Write("out/DE", "in the way"), _home.Write("out/AT", "in the way"));
        var plan = Home.Plan(Yaml("country", """
            kind: load.parquet
                retry: 0
                with: { path: "out/{{ item.country | default('none') }}/rows.parquet" }
            """).Replace("by: country }", "by: country }, on_item_failure: continue", StringComparison.Ordinal));
        Assert.Equal("ETL6201", _home.Run(plan).Fault("each").Code);
        File.Delete(first);
        File.Delete(other);
        var again = RerunPlan.Of(_home.Ended!, null, [], new RerunItems(new StepId("each"), ["country=DE"])).Command;
        var second = _home.Run(plan, again);
        Assert.Equal(
            ["country=AT|failed", "country=DE|succeeded", "country=__HIVE_DEFAULT_PARTITION__|succeeded"],
            second.Rows("each", "items", "SELECT \"key\", status FROM ({0}) ORDER BY \"index\""));
        Assert.Equal(new ItemCounts(3, 2, 1, 0, 0, 1), second["each"].Items);
        using var session = _home.Session();
        Assert.Equal(3, session.Count($"SELECT count(*) FILTER (country = 'DE') FROM read_parquet({Sql.Text(_home.At("out/DE/rows.parquet"))}, hive_partitioning = false)"));
    }

    [Theory]
    [InlineData("VARCHAR", "'a'", "'A'", "''", "NULL", "'NULL'", "'__HIVE_DEFAULT_PARTITION__'", "'%5F_HIVE_DEFAULT_PARTITION__'", "' a'", "'a '", "'a/b'", "'a%2Fb'",
        "'x=y'", "'k=__HIVE_DEFAULT_PARTITION__'", "'it''s'", "'\"'", "chr(0)", "'%00'", "chr(10)", "'ä'", "'😀'", "'..'", "'/'", "'%'", "'%%'", "'{{ x }}'", "'; DROP'")]
    [InlineData("BIGINT", "0", "-1", "9223372036854775807", "-9223372036854775808", "NULL"), InlineData("BOOLEAN", "true", "false", "NULL")]
    [InlineData("DOUBLE", "0", "0.1", "1e300", "5e-324", "0.1 + 0.2", "'nan'", "'inf'", "'-inf'", "NULL"), InlineData("FLOAT", "0.1", "3.4e38", "'nan'")]
    [InlineData("DECIMAL(18,4)", "0", "1.5", "-99999999999999.9999"), InlineData("DATE", "'2026-01-01'", "'0001-01-01'", "'infinity'", "NULL")]
    [InlineData("TIMESTAMP", "'2026-01-01'", "'2026-01-01 00:00:00.000001'", "'1969-12-31 23:59:59.5'"), InlineData("TIME", "'01:02:03.5'", "'00:00'")]
    [InlineData("TIMESTAMP WITH TIME ZONE", "'2026-01-01 00:00:00+00'", "'2026-01-01 00:00:00+01'", "'1969-12-31 23:59:59.5+00'")]
    [InlineData("BLOB", "'a'", "'\\x00\\xFF'", "''"), InlineData("UUID", "'00000000-0000-0000-0000-000000000001'", "NULL"), InlineData("TIMESTAMP_NS", "'2026-01-01 00:00:00.000000001'", "'2026-01-01'")]
    public void Whatever_the_values_are_each_partition_has_a_name_of_its_own_that_says_them(string type, params string[] values)
    {
        using var session = _home.Session();
        var file = Path.Combine(Directory.CreateDirectory(_home.Store.Root).FullName, "values.parquet");
        var rows = string.Join(", ", values.Select((value, i) => $"(CAST({value} AS {type}), {i}), (CAST({value} AS {type}), {i})"));
        session.Execute($"COPY (SELECT * FROM (VALUES {rows}) AS _v(k, i)) TO {Sql.Text(file)} (FORMAT parquet)");
        var all = DatasetReading.SelectOf([file]);
        var columns = session.Describe(all);
        var found = new List<(string Key, SpecValue.Map Item)>();
        using (var partitions = session.Query(PartitionKey.Select(all, [columns[0]])))
            while (partitions.Read()) found.Add((partitions.Text(1)!, (SpecValue.Map)JsonValues.Of(partitions.Text(2)!)));
        Assert.Equal(values.Length, found.Select(one => one.Key).Distinct(StringComparer.Ordinal).Count());
        Assert.All(found, one => Assert.Equal(new SpecValue.Integer(2), one.Item["rows"]));
        var seen = found.Select(one => session.Scalar(
            $"SELECT string_agg(i::VARCHAR, ',') FROM ({PartitionKey.Rows(all, new DatasetPartition(one.Key, 2), columns)})")).ToArray();
        Assert.Equal(values.Select((_, i) => $"{i},{i}").Order(), seen.Select(one => (string)one!).Order());
        Assert.All(found, one => Assert.Contains(
            one.Item["k"] is SpecValue.Null ? "Filters:" : "Filters:k=", Plan(session, all, one.Key, columns), StringComparison.Ordinal));
    }

    /// <summary>How the engine reads a partition: a filter of the scan that compares the column itself is held against the statistics of files.</summary>
    private static string Plan(DuckSession session, string all, string key, ImmutableArray<Column> columns)
    {
        using var rows = session.Query($"EXPLAIN {PartitionKey.Rows(all, new DatasetPartition(key, 2), columns)}");
        rows.Read();
        return string.Concat(rows.Text(1)!.Where(sign => sign != '│' && !char.IsWhiteSpace(sign)));
    }

    [Fact]
    public void What_cannot_be_told_apart_or_is_no_column_or_too_much_is_refused_with_what_to_do()
    {
        Fault Fault(string by) => _home.Run($$"""
            pipeline: test
            params: { both: [a, A] }
            steps:
              - { id: raw, kind: extract.generate, with: { rows: 3, columns: { id: { generator: sequence } } } }
              - { id: rows, kind: transform.sql, depends_on: [raw], with: { query: "SELECT id, [id] AS list, {'a': id} AS struct FROM raw" } }
              - { id: each, kind: transform.filter, depends_on: [rows], for_each: { partitions: { dataset: rows, by: {{by}} } }, with: { where: "true" } }
            """).Fault("each");
        Assert.Equal(["ETL6204", "ETL6204", "ETL5010", "ETL4728"], new[] { "list", "[id, struct]", "idd", "'{{ params.both }}'" }.Select(by => Fault(by).Code));
        Assert.All(["'idd'", "'lists'", "'struct'"], name => Assert.Contains(name, Fault("[id, idd, lists, struct]").Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_very_many_partitions_no_list_is_written()
    {
        _home.Write("orders.csv", "id\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{i}\n")));
        var dataset = _home.Run("""
            pipeline: test
            steps: [{ id: orders, kind: extract.csv, materialize: true, with: { path: orders.csv, header: true, columns: { id: integer } } }]
            """).Succeeded().Dataset("orders");
        var runner = new StageRunner(
            _home.Engine, _home.Store, _home.Logs, folder => new Data.Files.PathRules(folder, _home.Cache, []), NamedConnections.None, AllowedPrograms.None,
            new StepOptions { ItemsMax = 100 }, TimeProvider.System, StepKinds.BuiltIn);
        async Task<string> Refused(SpecValue.Map of, params InputBinding[] inputs)
        {
            var outcome = await runner.Run(Lists.Work(_home, new ItemWork.List(ItemSource.Partitions, of, [.. inputs], null)), _ => { }, default);
            var fault = Assert.IsType<StageOutcome.Failed>(outcome).Fault;
            Assert.Equal("ETL6205", fault.Code);
            return fault.Message;
        }
        Assert.Contains("about", await Refused(
            new SpecValue.Map([new("dataset", new SpecValue.Text("orders")), new("by", new SpecValue.Text("id"))]), new InputBinding("orders", dataset)), StringComparison.Ordinal);
        Assert.Contains("more than 100 items", await Refused(new SpecValue.Map(
            [new("from", new SpecValue.Text("0001-01-01")), new("to", new SpecValue.Text("9999-12-31")), new("every", new SpecValue.Text("1s"))])), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_a_time_are_moments_in_sql_and_named_by_their_start()
    {
        _home.Write("orders.csv", Orders);
        var ran = _home.Run("""
            pipeline: test
            params: { until: 2026-01-03T12:00 }
            steps:
              - { id: orders, kind: extract.csv, with: { path: orders.csv, header: true, columns: { country: text, day: date, amount: integer } } }
              - id: each
                kind: transform.sql
                depends_on: [orders]
                for_each: { partitions: { from: 2026-01-01, to: "{{ params.until }}", every: 1d } }
                with:
                  query: >-
                    SELECT {{ item.key }} AS k, {{ item.start }} AS s, date_diff('hour', {{ item.start }}, {{ item.end }}) AS hours, sum(amount) AS a
                    FROM orders WHERE day >= {{ item.start }} AND day < {{ item.end }}
            """).Succeeded();
        Assert.Equal(
            ["2026-01-01T00:00:00Z|2026-01-01 00:00:00|24|9", "2026-01-02T00:00:00Z|2026-01-02 00:00:00|24|6", "2026-01-03T00:00:00Z|2026-01-03 00:00:00|12|∅"],
            ran.Rows("each"));
    }

    [Fact]
    public void A_run_for_no_interval_says_how_it_would_have_one()
    {
        var fault = _home.Run("""
            pipeline: test
            steps: [{ id: each, kind: flow.noop, for_each: { partitions: { from: "{{ run.interval.start }}", to: "{{ run.interval.end }}", every: 1d } } }]
            """).Fault("each");
        Assert.Equal("ETL6204", fault.Code);
        Assert.Contains("`from`", fault.Message, StringComparison.Ordinal);
        Assert.Contains("`to`", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--interval-start", fault.Hint, StringComparison.Ordinal);
    }
}
