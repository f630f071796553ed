using Npgsql;

namespace OrleansEtl.Steps.Tests.Postgres;

public sealed class LoadPostgresTests(Warehouse warehouse)
{
    private const string Types = "id integer; name varchar; amount decimal(10,2)";
    private const string Csv = "id,name,amount\n1,ann,1.50\n2,bob,\n3,,3.25\n";

    private static Ran Load(Home home, string with, string types = Types, string csv = Csv) =>
        Table.Through(home, types, csv, "load.postgres", "{connection: warehouse, " + with + "}");

    /// <summary>One attempt of a load of a dataset that is there already.</summary>
    internal static StageWork Attempt(Home home, int attempt, string with, Ran ran, string? run = null) => Work.Of(
        home, "pipeline: test\nsteps:\n  - {id: data, kind: extract.generate, with: {rows: 1, columns: {x: {generator: sequence}}}}\n"
        + "  - {id: step, kind: load.postgres, depends_on: [data], with: {connection: warehouse, " + with + "}}\n",
        attempt, new InputBinding("data", ran.Dataset("data"))) is var work
        ? work with { Run = run is null ? work.Run : new RunId(run), Steps = [work.Steps[1]] } : throw new System.Diagnostics.UnreachableException();

    private static Ran Data(Home home)
    {
        home.Write("table.csv", Csv);
        return home.Run("pipeline: test\nsteps:\n  - {id: data, kind: extract.csv, with: {path: table.csv, header: true, columns: {"
            + Table.Columns(Types) + "}}}\n").Succeeded();
    }

    private static async Task<StageOutcome> Run(Home home, StageWork work, CancellationToken stop = default) =>
        await home.Runner.Run(work, _ => { }, stop).WaitAsync(TimeSpan.FromSeconds(60));

    private static long Rows(StageOutcome outcome) =>
        outcome is StageOutcome.Succeeded done ? done.Results[0].RowsOut!.Value
        : throw new InvalidOperationException(((StageOutcome.Failed)outcome).Fault.ToString());

    [Theory]
    [InlineData("mode: append", 2)]
    [InlineData("mode: replace", 1)]
    [InlineData("mode: upsert, key: id", 1)]
    public async Task A_missing_table_is_made_and_a_second_run_does_as_its_mode_says(string mode, int times)
    {
        var database = await warehouse.Database();
        using var home = new Home(database.Connections);
        for (var i = 0; i < 2; i++) Assert.Equal(3, Load(home, $"table: t, {mode}").Succeeded()["step"].RowsOut);
        Assert.Equal(
            Enumerable.Repeat(new[] { "(1,ann,1.50)", "(2,bob,)", "(3,,3.25)" }, times).SelectMany(rows => rows).Order(),
            (await database.Rows("SELECT * FROM t")).Order());
        Assert.Equal(["(step,1,t,3,t)", "(step,1,t,3,t)"], await database.Rows(
            "SELECT step, attempt, applied_at IS NOT NULL, rows, target = 'public.t' FROM etl_loads"));
    }

    [Fact]
    public async Task An_upsert_changes_rows_of_the_same_key_adds_others_and_keeps_the_rest()
    {
        var database = await warehouse.Database("""
            CREATE TABLE t (id bigint PRIMARY KEY, name text, extra text DEFAULT 'kept');
            INSERT INTO t VALUES (1, 'old', 'mine'), (9, 'nine', 'kept')
            """);
        using var home = new Home(database.Connections);
        Load(home, "table: t, mode: upsert, key: id, columns: {id: id, name: name}").Succeeded();
        Assert.Equal(["(1,ann,mine)", "(2,bob,kept)", "(3,,kept)", "(9,nine,kept)"], await database.Rows("SELECT * FROM t ORDER BY id"));
    }

    [Fact]
    public async Task Rows_of_one_key_are_refused_with_samples()
    {
        var database = await warehouse.Database();
        using var home = new Home(database.Connections);
        var fault = Load(home, "table: t, mode: upsert, key: id", csv: "id,name,amount\n1,a,1\n1,b,2\n,c,3\n").Fault("step");
        Assert.Equal((FaultKind.Invalid, "ETL3821"), (fault.Kind, fault.Code));
        Assert.Contains("id = 1: 2 rows", fault.Message);
        Assert.Contains("id = NULL: 1 rows", fault.Message);
        Assert.Equal("0", await database.Scalar("SELECT count(*) FROM pg_class WHERE relname = 't'"));
    }

    [Fact]
    public async Task An_upsert_needs_an_index_on_its_key()
    {
        var database = await warehouse.Database("CREATE TABLE t (id int, name text, amount numeric); CREATE UNIQUE INDEX ON t (id, name)");
        using var home = new Home(database.Connections);
        Assert.Equal("ETL3821", Load(home, "table: t, mode: upsert, key: id").Fault("step").Code);
        Load(home, "table: t, mode: upsert, key: [name, id]", csv: "id,name,amount\n1,a,1\n").Succeeded();
    }

    [Theory]
    [InlineData("id smallint, name text, amount numeric(10,2)", "id,name,amount\n70000,a,1\n", "column 'id' holds '70000'; the table's column takes smallint")]
    [InlineData("id int, name varchar(2), amount numeric(10,2)", "id,name,amount\n1,ann,1\n", "value too long for type character varying(2)")]
    [InlineData("id int, name text NOT NULL, amount numeric(10,2)", "id,name,amount\n1,,1\n", "column 'name'")]
    [InlineData("id int, name text, amount integer", Csv, "column 'amount' is DECIMAL(10,2); 'amount' of the table is integer")]
    [InlineData("id int, name text", Csv, "column 'amount' is not in the table (id, name)")]
    [InlineData("id int, name date, amount numeric", Csv, "column 'name' is VARCHAR; 'name' of the table is date")]
    [InlineData("id int, name inet, amount numeric", Csv, "'name' of the table is inet")]
    [InlineData("id int CHECK (id < 3), name text, amount numeric", Csv, "t_id_check")]
    public async Task What_does_not_fit_is_told_by_column_and_changes_nothing(string table, string csv, string said)
    {
        foreach (var mode in new[] { "append", "replace" })
        {
            var database = await warehouse.Database($"CREATE TABLE t ({table}); CREATE VIEW before AS SELECT count(*) AS n FROM t");
            using var home = new Home(database.Connections);
            var fault = Load(home, $"table: t, mode: {mode}", csv: csv).Fault("step");
            Assert.Equal(FaultKind.Invalid, fault.Kind);
            Assert.Contains(said, fault.Message);
            Assert.Equal("0", await database.Scalar("SELECT n FROM before"));
        }
    }

    [Theory]
    [InlineData("order")]
    [InlineData("We \\\"ird; DROP TABLE x; --")]
    [InlineData("täble 𝄞")]
    [InlineData("select")]
    public async Task Names_are_only_names(string name)
    {
        var database = await warehouse.Database();
        using var home = new Home(database.Connections);
        var plain = name.Replace("\\", "");
        await database.Execute($"CREATE SCHEMA \"{plain.Replace("\"", "\"\"")}\"");
        var quoted = plain.Contains('"') ? "\"" + plain.Replace("\"", "\"\"") + "\"" : plain;
        home.Write("table.csv", "user,\"a;b'\"\n1,2\n");
        var yaml = "pipeline: test\nsteps:\n  - {id: data, kind: extract.csv, with: {path: table.csv}}\n"
            + "  - id: step\n    kind: load.postgres\n    depends_on: [data]\n    with:\n      connection: warehouse\n"
            + $"      table: {System.Text.Json.JsonSerializer.Serialize(quoted + "." + quoted)}\n";
        foreach (var mode in new[] { "append", "replace" }) home.Run(yaml + $"      mode: {mode}\n").Succeeded();
        Assert.Equal(["(1,2)"], await database.Rows(
            $"SELECT \"user\", \"a;b'\" FROM \"{plain.Replace("\"", "\"\"")}\".\"{plain.Replace("\"", "\"\"")}\""));
    }

    [Fact]
    public async Task Every_type_goes_in_and_comes_back()
    {
        var database = await warehouse.Database("CREATE TYPE mood AS ENUM ('sad', 'glad')");
        using var home = new Home(database.Connections);
        const string yaml = """
            pipeline: test
            steps:
              - {id: one, kind: extract.generate, with: {rows: 3, columns: {n: {generator: sequence}}}}
              - id: data
                kind: transform.sql
                depends_on: [one]
                with:
                  query: |
                    SELECT n::INTEGER AS n, CASE n WHEN 2 THEN NULL ELSE n = 1 END AS b, n::SMALLINT AS i2, -n::BIGINT AS i8, n::UTINYINT AS u1,
                      (n * 1.5)::FLOAT AS f4, CASE n WHEN 1 THEN 'NaN'::DOUBLE ELSE -n / 3 END AS f8,
                      CASE n WHEN 1 THEN 0 WHEN 2 THEN -0.01 ELSE 12345678.90 END::DECIMAL(10,2) AS d, (n * 100000000)::DECIMAL(38,10) AS dd,
                      repeat('ü', n::INTEGER * 10) AS s, ''::VARCHAR AS e, NULL::VARCHAR AS none, '\xAA\x00'::BLOB AS raw,
                      DATE '1999-12-31' + n::INTEGER AS day, TIME '23:59:59.999999' AS clock,
                      TIMESTAMP '1969-12-31 23:59:59.5' AS ts, '2024-01-01 00:00:00+02'::TIMESTAMPTZ AS tz,
                      '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID AS u, '{"a":1}'::JSON AS j, {'x': n, 'y': [1]} AS st,
                      CASE n WHEN 3 THEN [] ELSE [n, NULL] END AS l, ['a', 'b,"c'] AS ls, 'glad' AS mood
                    FROM one
              - {id: step, kind: load.postgres, depends_on: [data], with: {connection: warehouse, table: t, mode: MODE, key: n}}
            """;
        home.Run(yaml.Replace("MODE, key: n", "append")).Succeeded();
        await database.Execute("ALTER TABLE t ADD PRIMARY KEY (n); ALTER TABLE t ALTER mood TYPE mood USING mood::mood");
        foreach (var mode in new[] { "upsert", "replace, key: n" })
        {
            if (mode == "upsert") home.Run(yaml.Replace("MODE", mode)).Succeeded();
            else home.Run(yaml.Replace("MODE, key: n", "replace")).Succeeded();
            var back = home.Run("""
                pipeline: test
                steps:
                  - {id: got, kind: extract.sql, with: {connection: warehouse, query: "SELECT * FROM t ORDER BY n"}}
                """).Succeeded();
            var sent = home.Run(yaml[..yaml.IndexOf("  - {id: step", StringComparison.Ordinal)]).Succeeded();
            const string rows = "SELECT * REPLACE (u1::SMALLINT AS u1, to_json(st)::VARCHAR::JSON AS st) FROM ({0}) ORDER BY n";
            Assert.Equal(
                sent.Rows("data", select: rows.Replace("to_json(st)::VARCHAR::JSON", "NULL")),
                back.Rows("got", select: rows.Replace("to_json(st)::VARCHAR::JSON", "NULL")).Select(row => row.Replace("{\"a\": 1}", "{\"a\":1}")));
            Assert.Equal(["{\"x\": 1, \"y\": [1]}"], back.Rows("got", select: "SELECT st FROM ({0}) WHERE n = 1"));
        }
    }

    [Fact]
    public async Task No_rows_are_a_load_too()
    {
        var database = await warehouse.Database("CREATE TABLE t (id int, name text, amount numeric); INSERT INTO t VALUES (1)");
        using var home = new Home(database.Connections);
        Assert.Equal(0, Load(home, "table: t, mode: append", csv: "id,name,amount\n").Succeeded()["step"].RowsOut);
        Assert.Equal("1", await database.Scalar("SELECT count(*) FROM t"));
        Assert.Equal(0, Load(home, "table: t, mode: replace", csv: "id,name,amount\n").Succeeded()["step"].RowsOut);
        Assert.Equal("0", await database.Scalar("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("table: t")]
    [InlineData("table: t, mode: replace")]
    [InlineData("table: t, mode: upsert, key: id")]
    public async Task A_load_is_done_once_whatever_attempts_say(string with)
    {
        var database = await warehouse.Database("CREATE TABLE t (id int PRIMARY KEY, name text, amount numeric)");
        using var home = new Home(database.Connections);
        var data = Data(home);
        // The answer to the first was lost: a second, a third, and the first once more, late.
        foreach (var attempt in new[] { 1, 2, 3, 1 }) Assert.Equal(3, Rows(await Run(home, Attempt(home, attempt, with, data))));
        await database.Execute("UPDATE t SET name = 'since changed'");
        Assert.Equal(3, Rows(await Run(home, Attempt(home, 4, with, data))));
        Assert.Equal("3", await database.Scalar("SELECT count(*) FROM t WHERE name = 'since changed'"));
        Assert.Equal(["(1,3)"], await database.Rows("SELECT attempt, rows FROM etl_loads"));
    }

    [Theory]
    [InlineData("table: t")]
    [InlineData("table: t, mode: replace")]
    public async Task An_attempt_that_was_overtaken_changes_nothing(string with)
    {
        var database = await warehouse.Database("CREATE TABLE t (id int PRIMARY KEY, name text, amount numeric)");
        using var home = new Home(database.Connections);
        var data = Data(home);
        // Attempt 1 meets a lock of somebody else's before it can commit: it stands still, as if frozen.
        await using var other = await database.Open();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE t IN EXCLUSIVE MODE", other)) await hold.ExecuteNonQueryAsync();
        var first = Run(home, Attempt(home, 1, with, data));
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load % 1' AND wait_event_type = 'Lock'", "1");
        var second = Run(home, Attempt(home, 2, with, data));
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load % 2' AND wait_event_type = 'Lock'", "1");
        await transaction.RollbackAsync();
        Assert.Equal(3, Rows(await second));
        // The first has lost its session; asked for its outcome it tells what the second brought.
        Assert.True(await first is StageOutcome.Failed or StageOutcome.Succeeded);
        Assert.Equal(["(2,3)"], await database.Rows("SELECT attempt, rows FROM etl_loads"));
        Assert.Equal("3", await database.Scalar("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task An_attempt_that_begins_after_a_later_one_is_fenced()
    {
        var database = await warehouse.Database("""
            CREATE TABLE t (id int, name text, amount numeric);
            CREATE TABLE etl_loads (run text, step text, attempt int, target text, mode text, rows bigint,
                began_at timestamptz DEFAULT now(), applied_at timestamptz, PRIMARY KEY (run, step));
            INSERT INTO etl_loads VALUES ('run_00000000000000000000000001', 'step', 2, 't', 'append')
            """);
        using var home = new Home(database.Connections);
        var data = Data(home);
        var failed = Assert.IsType<StageOutcome.Failed>(await Run(home, Attempt(home, 1, "table: t", data)));
        Assert.Equal((FaultKind.Fenced, "ETL3823"), (failed.Fault.Kind, failed.Fault.Code));
        Assert.Equal("0", await database.Scalar("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("table: t")]
    [InlineData("table: t, mode: upsert, key: id")]
    public async Task A_stop_leaves_the_table_as_it_was(string with)
    {
        var database = await warehouse.Database("CREATE TABLE t (id int PRIMARY KEY, name text, amount numeric)");
        using var home = new Home(database.Connections);
        var data = Data(home);
        await using var other = await database.Open();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE t IN EXCLUSIVE MODE", other)) await hold.ExecuteNonQueryAsync();
        using var stop = new CancellationTokenSource();
        var running = Run(home, Attempt(home, 1, with, data), stop.Token);
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load % 1' AND wait_event_type = 'Lock'", "1");
        await stop.CancelAsync();
        Assert.IsType<StageOutcome.Stopped>(await running);
        await transaction.RollbackAsync();
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load %'", "0");
        Assert.Equal("0", await database.Scalar("SELECT count(*) FROM t"));
        Assert.Equal(3, Rows(await Run(home, Attempt(home, 2, with, data))));
    }

    [Fact]
    public async Task A_stop_ends_a_copy_that_waits_at_its_end()
    {
        var database = await warehouse.Database("""
            CREATE TABLE t (id int, name text, amount numeric);
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(79); RETURN NULL; END $$;
            CREATE TRIGGER waits AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION wait()
            """);
        using var home = new Home(database.Connections);
        var data = Data(home);
        await using var other = await database.Open();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(79)", other)) await hold.ExecuteNonQueryAsync();
        using var stop = new CancellationTokenSource();
        var running = Run(home, Attempt(home, 1, "table: t", data), stop.Token);
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load %' AND wait_event_type = 'Lock'", "1");
        await stop.CancelAsync();
        Assert.IsType<StageOutcome.Stopped>(await running.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal("0", await database.Scalar("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_stop_that_comes_while_the_commit_is_under_way_does_not_hide_what_it_did()
    {
        var database = await warehouse.Database("""
            CREATE TABLE t (id int, name text, amount numeric);
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(78); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()
            """);
        using var home = new Home(database.Connections);
        var data = Data(home);
        await using var other = await database.Open();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(78)", other)) await hold.ExecuteNonQueryAsync();
        using var stop = new CancellationTokenSource();
        var running = Run(home, Attempt(home, 1, "table: t", data), stop.Token);
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load %' AND query ILIKE 'COMMIT' AND wait_event_type = 'Lock'", "1");
        await stop.CancelAsync();
        await Task.Delay(TimeSpan.FromSeconds(3)); // longer than a cancelled command is waited for
        await using (var release = new NpgsqlCommand("SELECT pg_advisory_unlock(78)", other)) await release.ExecuteNonQueryAsync();
        Assert.Equal(3, Rows(await running));
        Assert.Equal("3", await database.Scalar("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("etl.t")]
    [InlineData("etl.run_heads")]
    public async Task The_schema_of_a_cluster_is_no_place_for_tables(string table)
    {
        var database = await warehouse.Database("CREATE SCHEMA etl; CREATE TABLE etl.run_heads (id int, name text, amount numeric)");
        using var home = new Home(database.Connections);
        var failed = Assert.IsType<StageOutcome.Failed>(await Run(home, Attempt(home, 1, $"table: {table}, mode: replace", Data(home))));
        Assert.Equal((FaultKind.Denied, "ETL3811"), (failed.Fault.Kind, failed.Fault.Code));
        Assert.Contains("public.", failed.Fault.Hint);
    }

    [Fact]
    public async Task A_server_that_dies_while_rows_are_on_their_way_gets_them_once_by_the_next_attempt()
    {
        await using var server = await Servers.PostgresServer.Start();
        var database = new Database(server, await server.NewDatabase());
        // A row in the middle of the COPY waits for a lock.
        await database.Execute("""
            CREATE TABLE t (id bigint PRIMARY KEY);
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END $$;
            CREATE TRIGGER waits BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.id = 50000) EXECUTE FUNCTION wait()
            """);
        await using var other = await database.Open();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(77)", other)) await hold.ExecuteNonQueryAsync();
        using var home = new Home(database.Connections);
        var data = home.Run("""
            pipeline: test
            steps:
              - {id: data, kind: extract.generate, with: {rows: 100000, columns: {id: {generator: sequence}}}}
            """).Succeeded();
        var first = Run(home, Attempt(home, 1, "table: t", data));
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load % 1' AND wait_event_type = 'Lock'", "1");
        await server.Kill();
        var failed = Assert.IsType<StageOutcome.Failed>(await first);
        Assert.Equal(("ETL3810", true), (failed.Fault.Code, failed.Fault.IsTransient));
        await server.Start();
        Assert.Equal("0", await database.Scalar("SELECT count(*) FROM t"));
        Assert.Equal(100_000, Rows(await Run(home, Attempt(home, 2, "table: t", data))));
        Assert.Equal("100000", await database.Scalar("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("table: t")]
    [InlineData("table: t, mode: replace")]
    public async Task A_commit_whose_answer_is_lost_is_found_by_asking(string with)
    {
        // A deferred trigger holds the commit up; then the connection is cut, and the server goes on.
        var database = await warehouse.Database("CREATE TABLE t (id int PRIMARY KEY, name text, amount numeric)");
        await using var proxy = Servers.TcpProxy.To(database.Server.Port);
        var far = database.ConnectionString.Replace($"Port={database.Server.Port}", $"Port={proxy.Port}");
        using var home = new Home(NamedConnections.Of(("warehouse", far)));
        var data = Data(home);
        await database.Execute("""
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()
            """);
        await using var other = await database.Open();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(77)", other)) await hold.ExecuteNonQueryAsync();
        var running = Run(home, Attempt(home, 1, with, data));
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load % 1' AND query = 'COMMIT' AND wait_event_type = 'Lock'", "1");
        proxy.Cut();
        proxy.Mend();
        await database.Until("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'etl load % 1'", "2");
        await using (var release = new NpgsqlCommand("SELECT pg_advisory_unlock(77)", other)) await release.ExecuteNonQueryAsync();
        Assert.Equal(3, Rows(await running));
        Assert.Equal("3", await database.Scalar("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_million_rows_pass_through_a_small_memory()
    {
        var database = await warehouse.Database();
        using var home = new Home(database.Connections, 96L << 20);
        home.Run("""
            pipeline: test
            steps:
              - {id: made, kind: extract.generate, with: {rows: 1000000, columns: {id: {generator: sequence}, a: {generator: text, pattern: "??????-####"}}}}
              - {id: step, kind: load.postgres, depends_on: [made], with: {connection: warehouse, table: t}}
            """).Succeeded();
        Assert.Equal("1000000", await database.Scalar("SELECT count(DISTINCT id) FROM t"));
    }

    /// <summary>Asks until the database says so; what it waits for is a state of another process, which sends no
    /// signal.</summary>
}
