using Npgsql;

namespace OrleansEtl.Steps.Tests.Postgres;

public sealed class ExtractSqlTests(Warehouse warehouse)
{
    private static string Yaml(string query, string more = "") =>
        "pipeline: test\nsteps:\n  - id: got\n    kind: extract.sql\n    with:\n      connection: warehouse\n"
        + more + "      query: |\n" + string.Concat(query.Split('\n').Select(line => $"        {line}\n"));

    private async Task<Ran> Run(string query, string sql = "", string more = "")
    {
        using var home = new Home(await warehouse.Connections(sql));
        return home.Run(Yaml(query, more));
    }

    [Theory]
    [InlineData("true, false", "BOOLEAN,BOOLEAN", "true|false")]
    [InlineData("1::int2, -2::int4, 9223372036854775807::int8", "SMALLINT,INTEGER,BIGINT", "1|-2|9223372036854775807")]
    [InlineData("1.5::float4, 'NaN'::float8, '-Infinity'::float8", "FLOAT,DOUBLE,DOUBLE", "1.5|NaN|-Infinity")]
    [InlineData("0::numeric(4,2), (-12.34)::numeric(4,2), 0.05::numeric(3,3)", "DECIMAL(4,2),DECIMAL(4,2),DECIMAL(3,3)", "0.00|-12.34|0.050")]
    [InlineData("10000::numeric(9,0), 99999999.9999::numeric(12,4), 10::numeric(5)", "DECIMAL(9,0),DECIMAL(12,4),DECIMAL(5,0)", "10000|99999999.9999|10")]
    [InlineData("12345678901234567890123456789012345678::numeric(38,0), (-0.00000000000000000000000000000000000001)::numeric(38,38)",
        "DECIMAL(38,0),DECIMAL(38,38)", "12345678901234567890123456789012345678|-0.00000000000000000000000000000000000001")]
    [InlineData("1.10::numeric, '1 day'::interval, '10.0.0.1'::inet", "VARCHAR,VARCHAR,VARCHAR", "1.10|1 day|10.0.0.1/32")]
    [InlineData("'ü€𝄞'::text, 'abc'::varchar(3), 'a'::char(3), ''::text", "VARCHAR,VARCHAR,VARCHAR,VARCHAR", "ü€𝄞|abc|a  |")]
    [InlineData("'2024-02-29'::date, '0044-03-15 BC'::date, '1999-12-31'::date", "DATE,DATE,DATE", "2024-02-29|0044-03-15 (BC)|1999-12-31")]
    [InlineData("'23:59:59.999999'::time, '2024-01-01 01:02:03.5'::timestamp, '2024-01-01 00:00+02'::timestamptz",
        "TIME,TIMESTAMP,TIMESTAMP WITH TIME ZONE", "23:59:59.999999|2024-01-01 01:02:03.5|2023-12-31 22:00:00+00")]
    [InlineData("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", "UUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")]
    [InlineData("'{\"a\": [1]}'::jsonb, '{ }'::json", "JSON,JSON", "{\"a\": [1]}|{ }")]
    [InlineData("'{1,NULL,3}'::int[], '{}'::text[], ARRAY['x','y']", "INTEGER[],VARCHAR[],VARCHAR[]", "[1,null,3]|[]|[\"x\",\"y\"]")]
    [InlineData("NULL::int, NULL::text, NULL::numeric(5,2), NULL::int[]", "INTEGER,VARCHAR,\"DECIMAL(5,2)\",INTEGER[]", "∅|∅|∅|∅")]
    public async Task A_value_keeps_its_type_and_itself(string select, string types, string row)
    {
        var columns = string.Join(", ", Split(select).Select((value, i) => $"{value} AS c{i}"));
        using var home = new Home(await warehouse.Connections());
        var ran = home.Run(Yaml($"SELECT {columns}")).Succeeded();
        Assert.Equal(Split(types.Replace("\"", "")), ran.Dataset("got").Columns.Select(column => column.Type));
        Assert.Equal([row], ran.Rows("got"));
    }

    /// <summary>At commas outside of parentheses, braces and brackets.</summary>
    private static List<string> Split(string list)
    {
        var (parts, depth, quoted) = (new List<string> { "" }, 0, false);
        foreach (var c in list)
        {
            if (c == '\'') quoted = !quoted;
            if (c is '(' or '{' or '[') depth++;
            if (c is ')' or '}' or ']') depth--;
            if (c == ',' && depth == 0 && !quoted) parts.Add("");
            else parts[^1] += c;
        }

        return [.. parts.Select(part => part.Trim())];
    }

    [Fact]
    public async Task Bytes_stay_bytes()
    {
        using var home = new Home(await warehouse.Connections());
        var ran = home.Run(Yaml("SELECT '\\x00ff27'::bytea AS b")).Succeeded();
        Assert.Equal(["00FF27"], ran.Rows("got", select: "SELECT hex(b) FROM ({0})"));
    }

    [Theory]
    [InlineData("SELECT 1 AS a; DELETE FROM t")]
    [InlineData("SELECT 1 AS a) TO STDOUT; DELETE FROM t; COPY (SELECT 1")]
    [InlineData("DELETE FROM t RETURNING a")]
    [InlineData("WITH gone AS (DELETE FROM t RETURNING a) SELECT * FROM gone")]
    [InlineData("INSERT INTO t VALUES (2)")]
    [InlineData("COPY t TO PROGRAM 'touch /tmp/never'")]
    [InlineData("SET ROLE postgres")]
    [InlineData("SELECT a INTO u FROM t")]
    [InlineData("TRUNCATE t")]
    [InlineData("SELECT a FROM t FOR UPDATE")]
    [InlineData("SELECT nextval('s')")]
    [InlineData("ROLLBACK")]
    [InlineData("")]
    [InlineData("-- nothing")]
    [InlineData("SELECT set_config('transaction_read_only', 'off', false), change()")]
    public async Task What_does_not_only_read_is_refused_and_changes_nothing(string sql)
    {
        var database = await warehouse.Database("""
            CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SEQUENCE s;
            CREATE FUNCTION change() RETURNS int LANGUAGE sql AS 'DELETE FROM t RETURNING a'
            """);
        using var home = new Home(database.Connections);
        var fault = home.Run(Yaml(sql.Length == 0 ? "''" : sql)).Fault("got");
        Assert.True(fault.Kind is FaultKind.Invalid or FaultKind.Denied, fault.ToString());
        Assert.StartsWith("ETL38", fault.Code);
        Assert.Equal("1", await database.Scalar("SELECT count(*) FROM t"));
        Assert.Equal("1", await database.Scalar("SELECT count(*) FROM pg_class WHERE relname IN ('t', 'u')"));
    }

    [Fact]
    public async Task A_fault_of_the_query_tells_its_place()
    {
        var fault = (await Run("SELECT 1 AS a,\n  nope AS b")).Fault("got");
        Assert.Equal((FaultKind.Invalid, "ETL3812"), (fault.Kind, fault.Code));
        Assert.Contains("line 2, column 3: column \"nope\" does not exist", fault.Message);
    }

    [Fact]
    public async Task A_parameter_is_a_value_whatever_it_holds()
    {
        using var home = new Home(await warehouse.Connections());
        var yaml = Yaml("SELECT {{ params.x }} AS a -- harmless").Replace(
            "steps:", "params:\n  x: {type: text, default: \"'; DROP TABLE t; --\"}\nsteps:");
        Assert.Equal(["'; DROP TABLE t; --"], home.Run(yaml).Succeeded().Rows("got"));
    }

    [Theory]
    [InlineData("SELECT 'infinity'::date AS a")]
    [InlineData("SELECT '-infinity'::timestamptz AS a")]
    [InlineData("SELECT 'NaN'::numeric(5,2) AS a")]
    [InlineData("SELECT ARRAY[[1,2],[3,4]] AS a")]
    public async Task What_has_no_counterpart_fails_with_the_name_of_its_column(string query)
    {
        var fault = (await Run(query)).Fault("got");
        Assert.Equal((FaultKind.Invalid, "ETL3815"), (fault.Kind, fault.Code));
        Assert.Contains("column 'a'", fault.Message);
    }

    [Theory]
    [InlineData("SELECT pg_sleep(60)::text AS a", "      timeout_seconds: 1\n", FaultKind.Exhausted)]
    [InlineData("SELECT 1 / (3 - i) AS a FROM generate_series(1, 5) i", "", FaultKind.Invalid)]
    [InlineData("SELECT i FROM generate_series(1, 11) i", "      rows_max: 10\n", FaultKind.Invalid)]
    [InlineData("SELECT 1 AS a, 2 AS a", "", FaultKind.Invalid)]
    public async Task A_query_that_fails_fails_the_step(string query, string more, FaultKind kind) =>
        Assert.Equal(kind, (await Run(query, more: more)).Fault("got").Kind);

    [Fact]
    public async Task No_rows_are_a_dataset_of_no_rows()
    {
        using var home = new Home(await warehouse.Connections());
        var ran = home.Run(Yaml("SELECT 1 AS \"select\", 'x'::text AS \"a \"\"b\"\"; ü\" WHERE false;")).Succeeded();
        Assert.Equal((0, 0), (ran["got"].RowsOut, ran.Dataset("got").Rows));
        Assert.Equal(["select", "a \"b\"; ü"], ran.Dataset("got").Columns.Select(column => column.Name));
    }

    [Fact]
    public async Task A_chain_over_a_query_counts_every_step()
    {
        using var home = new Home(await warehouse.Connections());
        var ran = home.Run(Yaml("SELECT i AS a, 'x' || i AS b FROM generate_series(1, 100000) i") + """
              - {id: even, kind: transform.filter, depends_on: [got], with: {where: a % 2 = 0}}
              - {id: none, kind: transform.filter, depends_on: [even], with: {where: a < 0}}
            """.ReplaceLineEndings("\n")).Succeeded();
        Assert.Equal((100_000L, 50_000L, 0L), (ran["got"].RowsOut!.Value, ran["even"].RowsOut!.Value, ran["none"].RowsOut!.Value));
    }

    [Fact]
    public async Task A_value_of_many_megabytes_comes_whole()
    {
        using var home = new Home(await warehouse.Connections());
        var ran = home.Run(Yaml("SELECT repeat('ü', 10000000) AS a, i FROM generate_series(1, 3) i")).Succeeded();
        Assert.Equal(["30000000"], ran.Rows("got", select: "SELECT sum(length(a))::BIGINT FROM ({0})"));
    }

    [Fact]
    public async Task A_million_rows_pass_through_a_small_memory()
    {
        using var home = new Home(await warehouse.Connections(), 96L << 20);
        var ran = home.Run(Yaml("SELECT i AS id, md5(i::text) AS a, md5((-i)::text) AS b, i * 1.5 AS c FROM generate_series(1, 1000000) i"))
            .Succeeded();
        Assert.Equal(["1000000|1000000|500000500000"], ran.Rows("got", select:
            "SELECT count(*), count(DISTINCT id), sum(id)::BIGINT FROM ({0})"));
    }

    [Fact]
    public async Task Stopping_ends_the_query_of_the_server()
    {
        var database = await warehouse.Database();
        using var home = new Home(database.Connections);
        var work = Work.Of(home, Yaml("SELECT i, pg_sleep(0.01)::text AS s FROM generate_series(1, 1000000) i"));
        using var stop = new CancellationTokenSource();
        var running = home.Runner.Run(work, _ => stop.Cancel(), stop.Token);
        Assert.IsType<StageOutcome.Stopped>(await running.WaitAsync(TimeSpan.FromMinutes(2)));
        var left = await database.Scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'etl extract' AND datname = current_database() AND state = 'active'");
        Assert.Equal("0", left);
    }

    [Theory]
    [InlineData("SELECT count(*) AS n FROM generate_series(1, 100000000000)")] // no row for a long time
    [InlineData("SELECT 1 AS n FROM (SELECT pg_sleep(1000)) nap")]
    [InlineData("SELECT n, pg_sleep(0.2)::text AS nap FROM generate_series(1, 10000) n")] // a few bytes now and then
    [InlineData("SELECT n, CASE WHEN n > 5000 THEN pg_sleep(1000) END::text AS nap FROM generate_series(1, 10000) n")] // in the midst
    public async Task Stopping_ends_a_query_wherever_it_is(string query)
    {
        var database = await warehouse.Database();
        using var home = new Home(database.Connections);
        using var stop = new CancellationTokenSource();
        var running = home.Runner.Run(Work.Of(home, Yaml(query)), _ => { }, stop.Token);
        await database.Until(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'etl extract' AND state = 'active' AND query LIKE 'COPY%'", "1");
        stop.Cancel();
        Assert.IsType<StageOutcome.Stopped>(await running.WaitAsync(TimeSpan.FromMinutes(2)));
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'etl extract' AND state = 'active'", "0");
    }

    [Fact]
    public async Task Stopping_ends_the_wait_for_a_table_that_somebody_has_locked()
    {
        var database = await warehouse.Database("CREATE TABLE locked (i int)");
        await using var other = await database.Open();
        await using var hold = await other.BeginTransactionAsync();
        await using (var grab = new NpgsqlCommand("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE", other)) await grab.ExecuteNonQueryAsync();
        using var home = new Home(database.Connections);
        using var stop = new CancellationTokenSource();
        var running = home.Runner.Run(Work.Of(home, Yaml("SELECT i FROM locked")), _ => { }, stop.Token);
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'etl extract' AND wait_event_type = 'Lock'", "1");
        stop.Cancel();
        Assert.IsType<StageOutcome.Stopped>(await running.WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_database_that_is_away_is_worth_another_try_and_no_secret_is_told()
    {
        using var home = new Home(NamedConnections.Of(("warehouse", "Host=127.0.0.1;Port=1;Username=u;Password=hush;Timeout=2")));
        var fault = home.Run(Yaml("SELECT 1 AS a")).Fault("got");
        Assert.Equal(("ETL3810", true), (fault.Code, fault.IsTransient));
        Assert.DoesNotContain("hush", fault.ToString());
    }

    [Theory]
    [InlineData("Host=x;Pasword=hush")]
    [InlineData("hush")]
    public void A_connection_that_is_none_is_not_quoted(string text)
    {
        using var home = new Home(NamedConnections.Of(("warehouse", text)));
        var fault = home.Run(Yaml("SELECT 1 AS a")).Fault("got");
        Assert.Equal(("ETL3802", false), (fault.Code, fault.IsTransient));
        Assert.DoesNotContain("hush", fault.ToString());
    }

    [Fact]
    public void An_unknown_connection_names_those_that_are_known()
    {
        using var home = new Home(NamedConnections.Of(("warehouses", "x"), ("lake", "y")));
        var fault = home.Run(Yaml("SELECT 1 AS a")).Fault("got");
        Assert.Equal("ETL3801", fault.Code);
        Assert.Contains("(lake, warehouses)", fault.Message);
        Assert.Contains("Did you mean 'warehouses'? Define it there with the environment variable ETL_CONNECTION_WAREHOUSE", fault.Hint);
    }

    [Fact]
    public async Task Who_may_not_read_is_told_so()
    {
        var database = await warehouse.Database("CREATE TABLE t (a int); CREATE ROLE nobody LOGIN");
        using var home = new Home(NamedConnections.Of(("warehouse", database.ConnectionString.Replace("Username=etl", "Username=nobody"))));
        var fault = home.Run(Yaml("SELECT a FROM t")).Fault("got");
        Assert.Equal((FaultKind.Denied, "ETL3811"), (fault.Kind, fault.Code));
    }
}
