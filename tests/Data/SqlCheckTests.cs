using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

public class SqlCheckTests(SharedPlace shared) : IClassFixture<SharedPlace>
{
    private static readonly string[] Inputs = ["flights", "Airports", "extract.rejects"];

    [Theory]
    [InlineData("SELECT * FROM flights", "flights")]
    [InlineData("FROM FLIGHTS", "flights")]
    [InlineData("TABLE airports", "Airports")]
    [InlineData("SELECT * FROM \"extract.rejects\"", "extract.rejects")]
    [InlineData("SELECT 1", "")]
    [InlineData("VALUES (1), (2)", "")]
    [InlineData("SELECT f.*, a.name FROM flights f JOIN airports a ON f.origin = a.iata", "flights,Airports")]
    [InlineData("WITH x AS (SELECT * FROM flights), y AS (FROM x) SELECT * FROM y", "flights")]
    [InlineData("WITH flights AS (SELECT * FROM flights WHERE delay > 0) SELECT * FROM flights", "flights")]
    [InlineData("WITH RECURSIVE t AS (SELECT 1 a UNION ALL SELECT a + 1 FROM t WHERE a < 5) SELECT * FROM t", "")]
    [InlineData("SELECT * FROM flights WHERE origin IN (SELECT iata FROM airports)", "flights,Airports")]
    [InlineData("SELECT (SELECT max(delay) FROM flights), x FROM range(3) t(x)", "flights")]
    [InlineData("SELECT * FROM flights f, LATERAL (SELECT * FROM airports a WHERE a.iata = f.origin) l", "flights,Airports")]
    [InlineData("SELECT * FROM (PIVOT flights ON origin IN ('A', 'B') USING sum(delay))", "flights")]
    [InlineData("UNPIVOT flights ON a, b", "flights")]
    [InlineData("DESCRIBE flights", "flights")]
    [InlineData("SUMMARIZE SELECT * FROM flights", "flights")]
    [InlineData("SELECT * FROM flights UNION ALL BY NAME SELECT * FROM airports", "flights,Airports")]
    [InlineData("SELECT unnest([1, 2]), * FROM flights TABLESAMPLE 10%", "flights")]
    [InlineData("SELECT list_transform(l, lambda v: v + 1), now(), random(), uuid() FROM flights", "flights")]
    [InlineData("SELECT row_number() OVER (ORDER BY delay) FROM flights ASOF JOIN airports USING (t)", "flights,Airports")]
    [InlineData("SELECT ';' AS semicolon FROM flights; -- done; really", "flights")]
    [InlineData("SELECT $$it's$$, 'read_csv(''x'')' FROM flights /* FROM 'x.csv' */;;", "flights")]
    public void A_SELECT_over_its_inputs_passes(string sql, string inputs)
    {
        using var session = shared.Session();

        var check = SqlCheck.Select(session, sql, Inputs);

        Assert.Empty(check.Faults);
        Assert.Equal(inputs, string.Join(",", check.Inputs));
        // What passed stands in parentheses and is still one statement.
        Assert.Contains("\"error\":false", (string)session.Scalar(
            $"SELECT json_serialize_sql({Sql.Text($"SELECT * FROM {Sql.Nested(check.Sql)}")})::VARCHAR")!);
    }

    [Theory]
    [InlineData("SELECT * FROM fligths", DataCodes.SqlTableUnknown, "line 1, column 15", "'flights'")]
    [InlineData("SELECT *\nFROM '/etc/passwd'", DataCodes.SqlTableUnknown, "line 2, column 6", null)]
    [InlineData("SELECT * FROM \"file.csv\"", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("SELECT * FROM extract.rejects", DataCodes.SqlTableUnknown, null, "\"extract.rejects\"")]
    [InlineData("SELECT * FROM information_schema.tables", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("SELECT * FROM main.flights", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("SELECT * FROM sqlite_master", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("SELECT 'ÄÖÜ 🎉', (SELECT 1 FROM nowhere)", DataCodes.SqlTableUnknown, "line 1, column 33", null)]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')", DataCodes.SqlFunctionRefused, "line 1, column 15", null)]
    [InlineData("SELECT * FROM flights WHERE EXISTS (FROM read_text('/etc/passwd'))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT (SELECT content FROM read_text('/x')) FROM flights", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM flights ORDER BY (SELECT count(*) FROM glob('/*'))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT count(*) FILTER (WHERE (SELECT true FROM glob('/*'))) FROM flights", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM flights LIMIT (SELECT count(*) FROM glob('/*'))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT sum(delay) OVER (ORDER BY (SELECT 1 FROM glob('/*'))) FROM flights", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM flights QUALIFY (SELECT true FROM glob('/*'))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM flights GROUP BY ALL HAVING (SELECT true FROM glob('/*'))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM flights f JOIN airports a ON (SELECT true FROM glob('/*'))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * REPLACE ((SELECT 1 FROM glob('/*')) AS delay) FROM flights", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM (PIVOT (FROM read_csv('/x')) ON a IN (1) USING sum(b))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM range((SELECT count(*) FROM glob('/*')))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("VALUES ((SELECT 1 FROM glob('/*')))", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT [x FOR x IN (SELECT list(file) FROM glob('/*'))]", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("WITH t AS MATERIALIZED (SELECT * FROM parquet_metadata('/x')) SELECT 1", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM read_csv('/x')) FROM t", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("FROM query('SELECT 1')", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("FROM query_table('flights')", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("FROM duckdb_settings()", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("FROM enable_logging()", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("FROM json_execute_serialized_sql('{}')", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT getenv('HOME')", DataCodes.SqlFunctionRefused, "line 1, column 8", null)]
    [InlineData("SELECT system.main.current_setting('memory_limit')", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT delay.current_setting() FROM flights", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT etl_tap(0) FROM flights", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT list_transform(l, lambda v: getenv(v)) FROM flights", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT pg_sleep(1000)", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT write_log('x')", DataCodes.SqlFunctionRefused, null, null)]
    [InlineData("SELECT * FROM (WITH secrets AS (SELECT 1) FROM secrets), secrets", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("WITH a AS (FROM b), b AS (SELECT 1) FROM a", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("WITH \"/etc/passwd\" AS (FROM \"/etc/passwd\") FROM \"/etc/passwd\"", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("WITH RECURSIVE \"/e.csv\" AS (SELECT * FROM \"/e.csv\") FROM \"/e.csv\"", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("WITH RECURSIVE \"/e.csv\" AS (FROM \"/e.csv\" UNION ALL SELECT 1) FROM \"/e.csv\"", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("DESCRIBE 'file.csv'", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("SUMMARIZE 'file.csv'", DataCodes.SqlTableUnknown, null, null)]
    [InlineData("SHOW TABLES", DataCodes.SqlFormRefused, null, null)]
    [InlineData("SHOW ALL TABLES", DataCodes.SqlFormRefused, null, null)]
    [InlineData("SELECT * FROM flights AT (VERSION => 3)", DataCodes.SqlFormRefused, null, null)]
    [InlineData("SELECT ? FROM flights", DataCodes.SqlFormRefused, null, "params")]
    [InlineData("SELECT $name FROM flights", DataCodes.SqlFormRefused, null, null)]
    [InlineData("SELECT 1; SELECT 2", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("SELECT 1; DROP TABLE flights", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("-- nothing", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("DROP TABLE flights", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("COPY flights TO '/x.csv'", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("INSERT INTO flights VALUES (1)", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("CREATE MACRO m(a) AS getenv(a)", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("ATTACH '/x.db'", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("SET threads = 1", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("PRAGMA database_list", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("CALL pragma_version()", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("EXPLAIN SELECT 1", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("LOAD httpfs", DataCodes.SqlNotOneSelect, null, null)]
    [InlineData("PIVOT flights ON origin USING sum(delay)", DataCodes.SqlNotOneSelect, null, "IN (values)")]
    [InlineData("WITH t AS (DELETE FROM flights RETURNING *) FROM t", DataCodes.SqlInvalid, null, null)]
    [InlineData("SELECT 1 FROM flights WHERE (", DataCodes.SqlInvalid, "line 1", null)]
    [InlineData("SELECT 1 FROM flights\nWHEER x", DataCodes.SqlInvalid, "line 2", null)]
    [InlineData("SELECT 1) UNION (SELECT 2", DataCodes.SqlInvalid, null, null)]
    [InlineData("SELECT 1 /* open", DataCodes.SqlInvalid, null, null)]
    public void Everything_else_is_refused_with_its_place_and_what_was_expected(string sql, string code, string? place, string? hint)
    {
        using var session = shared.Session();

        var check = SqlCheck.Select(session, sql, Inputs, "steps[1].with.sql");

        Assert.Contains(code, check.Faults.Select(fault => fault.Code));
        var fault = check.Faults.First(fault => fault.Code == code);
        Assert.Equal((FaultKind.Invalid, "steps[1].with.sql"), (fault.Kind, fault.Path));
        if (place is not null) Assert.Contains(place, fault.Message);
        if (hint is not null) Assert.Contains(hint, fault.Hint);
        Assert.Throws<FaultException>(check.OrThrow);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        using var session = shared.Session();
        Assert.Equal(3, SqlCheck.Select(session, "SELECT getenv('A'), ? FROM nowhere", Inputs).Faults.Length);
    }

    [Fact]
    public void A_SELECT_of_great_depth_or_length_is_refused_and_not_a_crash()
    {
        using var session = shared.Session();
        var deep = $"SELECT {new string('(', 3000)}1{new string(')', 3000)}";
        Assert.NotEmpty(SqlCheck.Select(session, deep + " FROM nowhere", Inputs).Faults);
        Assert.NotEmpty(SqlCheck.Select(session, "SELECT '" + new string('x', SqlCheck.SqlBytesMax) + "'", Inputs).Faults);
        var sum = "SELECT " + string.Join(" + ", Enumerable.Repeat("1", 900));
        Assert.Empty(SqlCheck.Select(session, sum, Inputs).Faults);
        foreach (var depth in new[] { 100, 900, 3000, 100_000 })
        {
            var nots = "SELECT " + string.Concat(Enumerable.Repeat("NOT ", depth)) + "getenv('x')";
            var nested = string.Concat(Enumerable.Repeat("SELECT (", depth)) + "SELECT 1 FROM nowhere" + new string(')', depth);
            Assert.NotEmpty(SqlCheck.Select(session, nots, Inputs).Faults);
            Assert.NotEmpty(SqlCheck.Select(session, nested, Inputs).Faults);
        }
    }

    [Theory]
    [InlineData(
        "SELECT f.delay, a.name FROM flights f JOIN airports a ON f.origin = a.iata",
        "flights.delay flights.origin Airports.name Airports.iata")]
    [InlineData("SELECT delay FROM flights WHERE distance > 5", "flights.delay flights.distance")]
    [InlineData("SELECT * FROM flights", "flights.*")]
    [InlineData("WITH t AS (SELECT delay d FROM flights) SELECT d FROM t", "flights.delay")]
    public void Columns_that_are_read_are_told_where_the_text_tells(string sql, string expected)
    {
        using var session = shared.Session();
        var columns = SqlCheck.Select(session, sql, Inputs).Columns.Select(use => $"{use.Input}.{use.Column}");
        Assert.Equal(expected.Split(' ').Order(), columns.Order());
    }

    [Theory]
    [InlineData("price * 1.19", true)] [InlineData("CASE WHEN a THEN 'x' END -- why", true)] [InlineData("sum(a) FILTER (WHERE b)", true)]
    [InlineData("(a) + (b)", true)] [InlineData("a IN (SELECT iata FROM airports)", true)]
    [InlineData("a) + (b", false)] [InlineData("a AS b", false)] [InlineData("a, b", false)] [InlineData("1 FROM airports", false)]
    [InlineData("a); DROP TABLE x; SELECT (1", false)] [InlineData("1) FROM airports WHERE (true", false)] [InlineData("", false)]
    [InlineData("getenv('x')", false)] [InlineData("(SELECT 1 FROM 'x.csv')", false)] [InlineData("a ORDER BY 1", false)]
    [InlineData("a; b", false)]
    public void An_expression_is_one_expression(string text, bool passes)
    {
        using var session = shared.Session();
        Assert.Equal(passes, SqlCheck.Expression(session, text, Inputs).Faults.IsEmpty);
    }

    [Fact]
    public void Every_volatile_function_of_this_DuckDB_is_either_refused_or_known_to_be_harmless()
    {
        string[] harmless =
        [
            "random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today", "current_date", "get_current_time",
            "get_current_timestamp", "transaction_timestamp", "current_localtime", "current_localtimestamp", "error",
        ];
        using var session = shared.Session();
        using var rows = session.Query(
            "SELECT DISTINCT function_name FROM duckdb_functions() "
            + "WHERE function_type = 'scalar' AND stability <> 'CONSISTENT'");
        var unknown = new List<string>();
        while (rows.Read())
            if (!SqlFunctions.ReachesOutside(rows.Text(0)!) && !harmless.Contains(rows.Text(0))) unknown.Add(rows.Text(0)!);
        Assert.Empty(unknown);
        Assert.All(harmless, name => Assert.True(SqlFunctions.Varies(name), name));
    }

    [Fact]
    public void Every_macro_that_looks_at_the_clock_or_at_chance_is_refused_or_known_to_vary()
    {
        using var session = shared.Session();
        using var rows = session.Query(
            "SELECT DISTINCT function_name, lower(macro_definition) FROM duckdb_functions() WHERE macro_definition IS NOT NULL");
        var unknown = new List<string>();
        while (rows.Read())
        {
            var looks = new[] { "now(", "today", "current_", "random", "uuid", "localt" }.Any(word => rows.Text(1)!.Contains(word));
            if (looks && !SqlFunctions.ReachesOutside(rows.Text(0)!) && !SqlFunctions.Varies(rows.Text(0)!)) unknown.Add(rows.Text(0)!);
        }
        Assert.Empty(unknown);
    }
}
