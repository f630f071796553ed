using System.Diagnostics;
using System.Numerics;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

public class SessionTests(SharedPlace shared) : IClassFixture<SharedPlace>
{
    public static TheoryData<string, object?> Values() => new()
    {
        { "true", true }, { "false", false }, { "NULL", null }, { "NULL::INTEGER", null },
        { "(-128)::TINYINT", (sbyte)-128 }, { "32767::SMALLINT", (short)32767 }, { "(-2147483648)::INTEGER", int.MinValue },
        { "9223372036854775807", long.MaxValue }, { "255::UTINYINT", (byte)255 }, { "65535::USMALLINT", (ushort)65535 },
        { "4294967295::UINTEGER", uint.MaxValue }, { "18446744073709551615::UBIGINT", ulong.MaxValue },
        { "170141183460469231731687303715884105727::HUGEINT", BigInteger.Parse("170141183460469231731687303715884105727") },
        { "(-170141183460469231731687303715884105728)::HUGEINT", BigInteger.Parse("-170141183460469231731687303715884105728") },
        { "340282366920938463463374607431768211455::UHUGEINT", BigInteger.Parse("340282366920938463463374607431768211455") },
        { "1.5::FLOAT", 1.5f }, { "0.1::DOUBLE", 0.1 }, { "'NaN'::DOUBLE", double.NaN }, { "'-inf'::DOUBLE", double.NegativeInfinity },
        { "(-1.5)::DECIMAL(4,1)", -1.5m }, { "1234567.89::DECIMAL(9,2)", 1234567.89m }, { "0.0001::DECIMAL(18,4)", 0.0001m },
        { "12345678901234567890.12345678::DECIMAL(28,8)", 12345678901234567890.12345678m },
        { "(-0.00000000000000000000000000000000000001)::DECIMAL(38,38)", "-0.00000000000000000000000000000000000001" },
        { "'héllo, 世界 🎉'", "héllo, 世界 🎉" }, { "''", "" }, { "'a' || chr(0) || 'b'", "a\0b" },
        { "repeat('x', 12)", "xxxxxxxxxxxx" },
        { "repeat('x', 13)", "xxxxxxxxxxxxx" }, { "'\\x00\\xFF'::BLOB", new byte[] { 0, 255 } }, { "'0101100'::BIT", "0101100" },
        { "DATE '2024-02-29'", new DateOnly(2024, 2, 29) }, { "DATE '0001-01-01'", DateOnly.MinValue },
        { "DATE '9999-12-31'", DateOnly.MaxValue }, { "DATE 'infinity'", "infinity" }, { "DATE '12345-06-07'", "12345-06-07" },
        { "DATE '0044-03-15 (BC)'", "0044-03-15 (BC)" },
        { "TIME '23:59:59.999999'", new TimeOnly(23, 59, 59, 999, 999) }, { "TIME '24:00:00'", "24:00:00" },
        { "TIMETZ '12:34:56+05:30'", "12:34:56+05:30" }, { "TIMETZ '12:34:56-08'", "12:34:56-08" },
        { "TIMESTAMP '1969-12-31 23:59:59.999999'", new DateTime(1969, 12, 31, 23, 59, 59, 999, 999) },
        { "TIMESTAMP '9999-12-31 23:59:59.999999'", new DateTime(9999, 12, 31, 23, 59, 59, 999, 999) },
        { "TIMESTAMP '-infinity'", "-infinity" }, { "TIMESTAMP '0044-03-15 (BC) 10:00:00'", "0044-03-15 10:00:00 (BC)" },
        { "'2024-01-02 03:04:05'::TIMESTAMP_S", new DateTime(2024, 1, 2, 3, 4, 5) },
        { "'2024-01-02 03:04:05.678'::TIMESTAMP_MS", new DateTime(2024, 1, 2, 3, 4, 5, 678) },
        { "'2024-01-02 03:04:05.123456789'::TIMESTAMP_NS", "2024-01-02 03:04:05.123456789" },
        { "'1960-01-02 03:04:05.123456789'::TIMESTAMP_NS", "1960-01-02 03:04:05.123456789" },
        { "TIMESTAMPTZ '2024-01-02 03:04:05+02'", new DateTimeOffset(2024, 1, 2, 1, 4, 5, TimeSpan.Zero) },
        { "INTERVAL '14 months 3 days 4 hours'", new DuckInterval(14, 3, 4L * 3600 * 1_000_000) },
        { "'00112233-4455-6677-8899-aabbccddeeff'::UUID", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff") },
        { "'ffffffff-ffff-ffff-ffff-ffffffffffff'::UUID", Guid.Parse("ffffffff-ffff-ffff-ffff-ffffffffffff") },
        { "'b'::ENUM('a', 'b')", "b" }, { "[1, NULL, 3]", new object?[] { 1, null, 3 } },
        { "[]::VARCHAR[]", Array.Empty<object?>() },
        { "union_value(n := 7)", 7 }, { "'{\"a\": 1}'::JSON", "{\"a\": 1}" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_type_comes_back_as_what_went_in(string literal, object? expected)
    {
        using var session = shared.Session();
        // Behind a filter and among other rows: vectors that are sliced, and positions other than 0.
        using var rows = session.Query(
            $"SELECT * FROM (SELECT CASE WHEN range % 2 = 0 THEN ({literal}) END v FROM range(5000)) "
            + $"WHERE v IS NOT DISTINCT FROM ({literal})");
        var seen = 0;
        while (rows.Read())
        {
            seen++;
            Assert.Equal(expected, rows.Value(0));
        }

        Assert.Equal(expected is null ? 5000 : 2500, seen);
    }

    [Theory]
    [InlineData("{'a': 1, 'b c': [DATE '2024-01-02'], 'd': {'e': NULL}}", """{"a":1,"b c":["2024-01-02"],"d":{"e":null}}""")]
    [InlineData("MAP {'x': 1.5, 'y': NULL}", """{"x":1.5,"y":null}""")]
    [InlineData("[{'k': 9007199254740993}]", """[{"k":"9007199254740993"}]""")]
    [InlineData("[[1], [], NULL, [2, 3]]", "[[1],[],null,[2,3]]")]
    [InlineData("array_value(1, 2)", "[1,2]")]
    [InlineData("MAP {1: ['ä']}", """{"1":["ä"]}""")]
    public void Nested_values_read_as_JSON(string literal, string expected)
    {
        using var session = shared.Session();
        using var rows = session.Query($"SELECT {literal} FROM range(3)");
        while (rows.Read()) Assert.Equal(expected, rows.Text(0));
    }

    [Theory]
    [InlineData("1::TINYINT")] [InlineData("1::UHUGEINT")] [InlineData("1.5::DECIMAL(18,4)")] [InlineData("'x'::ENUM('x', 'it''s')")]
    [InlineData("TIMESTAMPTZ '2024-01-01 00:00:00+00'")] [InlineData("TIMETZ '00:00:00+00'")] [InlineData("now()::TIMESTAMP_NS")]
    [InlineData("[[1]]")] [InlineData("array_value(1, 2)")] [InlineData("{'a': 1, 'B c': 'x', 'select': 1}")]
    [InlineData("MAP {'a': [1.5]}")] [InlineData("union_value(n := 1)")] [InlineData("'{}'::JSON")] [InlineData("INTERVAL 1 DAY")]
    [InlineData("'101'::BIT")] [InlineData("uuid()")] [InlineData("''::BLOB")] [InlineData("'00:00'::TIME_NS")]
    public void Types_are_named_so_that_DuckDB_understands_them(string literal)
    {
        using var session = shared.Session();

        var described = Assert.Single(session.Describe($"SELECT {literal} AS v"));

        Assert.Equal("v", described.Name);
        Assert.Equal(session.Scalar($"SELECT typeof({literal})"), session.Scalar($"SELECT typeof(NULL::{described.Type})"));
    }

    [Fact]
    public void Describing_does_not_run_the_query()
    {
        using var place = new Place();
        using var session = place.Session();
        using var taps = session.RentTaps(1);

        var columns = session.Describe(taps.Behind(0, "SELECT range a, 1.5 b FROM range(10)"));

        Assert.Equal([new Column("a", "BIGINT"), new Column("b", "DECIMAL(2,1)")], columns);
        Assert.Equal(0, taps.Rows(0));
    }

    [Fact]
    public void A_long_query_stops_soon_after_it_is_cancelled_and_the_session_goes_on()
    {
        using var place = new Place();
        using var session = place.Session();
        using var taps = session.RentTaps(1);
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => session.Count(
            $"SELECT count(*) FROM ({taps.Behind(0, "SELECT 1 FROM range(1000000) a, range(1000000) b")})", stop.Token));
        SpinWait.SpinUntil(() => taps.Rows(0) > 0, TimeSpan.FromSeconds(20));

        var clock = Stopwatch.StartNew();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => running.GetAwaiter().GetResult());
        Assert.InRange(clock.ElapsedMilliseconds, 0, 2000);
        Assert.Equal(42L, session.Count("SELECT 42"));
    }

    [Fact]
    public void Streamed_rows_stop_when_they_are_cancelled_half_way()
    {
        using var place = new Place();
        using var session = place.Session();
        using var stop = new CancellationTokenSource();
        using var rows = session.Query("SELECT a.range FROM range(100000000) a, range(100) b", stop.Token);
        Assert.True(rows.Read());

        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => { while (rows.Read()) { } });
    }

    [Fact]
    public void Rows_stream_while_the_whole_would_not_fit_the_memory()
    {
        using var place = new Place(memoryBytes: 64L << 20);
        using var session = place.Session();
        using var rows = session.Query("SELECT range, repeat('x', 100) FROM range(3000000)");
        var (count, sum) = (0L, 0L);
        while (rows.Read()) (count, sum) = (count + 1, sum + rows.Int64(0));
        Assert.Equal((3_000_000L, 3_000_000L * 2_999_999 / 2), (count, sum));
    }

    [Fact]
    public void Progress_can_be_read_from_another_thread()
    {
        using var place = new Place();
        using var session = place.Session();
        session.Execute($"COPY (SELECT range a FROM range(2000000)) TO '{place.At("p.parquet")}'");
        var files = Enumerable.Repeat(place.At("p.parquet"), 100);
        session.ReportsProgress();
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => session.Execute(
            $"CREATE TEMP TABLE t AS SELECT count(DISTINCT md5(a::VARCHAR)) FROM read_parquet({Sql.Texts(files)})", stop.Token));

        Assert.True(SpinWait.SpinUntil(() => session.Progress is { Fraction: > 0, Rows: > 0 }, TimeSpan.FromSeconds(30)));
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => running.GetAwaiter().GetResult());
    }

    [Fact]
    public async Task Sessions_are_bounded_and_a_place_goes_to_who_waited_first()
    {
        using var place = new Place(with: options => options with { SessionsMax = 1 });
        var first = place.Session();
        var second = place.Engine.Rent().AsTask();
        var third = place.Engine.Rent().AsTask();
        using var impatient = new CancellationTokenSource();
        var fourth = place.Engine.Rent(impatient.Token).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted);
        impatient.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);

        first.Execute("CREATE TEMP TABLE mine AS SELECT 1");
        first.Dispose();
        first.Dispose();

        var next = await second;
        Assert.False(third.IsCompleted);
        Assert.Equal(DataCodes.SqlInvalid, Assert.Throws<DuckException>(() => next.Execute("SELECT * FROM mine")).Fault.Code);
        next.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public void Rows_left_open_are_no_silent_mix_up()
    {
        using var place = new Place();
        using var session = place.Session();
        using var rows = session.Query("SELECT 1");
        Assert.Throws<InvalidOperationException>(() => session.Execute("SELECT 2"));
        rows.Dispose();
        Assert.Equal(2, session.Count("SELECT 2"));
    }

    [Fact]
    public async Task An_engine_that_is_closed_lets_open_sessions_finish()
    {
        using var place = new Place();
        var session = place.Session();
        using var taps = session.RentTaps(1);
        place.Engine.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => place.Engine.Rent().AsTask());
        Assert.Equal(10, session.Count($"SELECT count(*) FROM ({taps.Behind(0, "FROM range(10)")})"));
        session.Dispose();
        Assert.Equal(default, session.Progress);
        Assert.Throws<ObjectDisposedException>(() => session.Count("SELECT 1"));
        Assert.False(Directory.Exists(Path.Combine(place.Root, "spill", "slot-0")));
    }

    [Fact]
    public async Task An_engine_that_could_not_open_tries_again()
    {
        using var place = new Place(with: options => options with { SessionsMax = 1 });
        var spill = Path.Combine(place.Root, "spill");
        File.WriteAllText(spill, "a file in the folder's place");
        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<FaultException>(() => place.Engine.Rent().AsTask());
            Assert.Equal(DataCodes.EngineSettings, refused.Fault.Code);
        }

        File.Delete(spill);
        using var session = await place.Engine.Rent();
        Assert.Equal(1, session.Count("SELECT 1"));
    }

    [Fact]
    public async Task An_engine_that_is_closed_while_it_is_warmed_up_leaves_nothing_open()
    {
        for (var i = 0; i < 10; i++)
        {
            using var place = new Place();
            var warm = place.Engine.Warm();
            if (i % 2 == 1) await Task.Yield();
            place.Engine.Dispose();
            if (i % 3 == 0) await warm;
            Directory.CreateDirectory(Path.Combine(place.Root, "spill"));
            using var free = new FileStream(
                Path.Combine(place.Root, "spill", "slot-0.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            await warm;
        }
    }
}
