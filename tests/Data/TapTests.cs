using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

public class TapTests
{
    private const long Rows = 300_000;

    [Theory]
    [InlineData("SELECT c FROM step WHERE b > 5", "a later filter")]
    [InlineData("SELECT count(*) FROM step", "a count that needs no column")]
    [InlineData("SELECT b, sum(c) FROM step WHERE b = 2 GROUP BY b", "an aggregate behind a filter on its key")]
    [InlineData("SELECT n, sum(c) FROM step t, dim WHERE t.b = dim.b AND dim.b = 2 GROUP BY n", "an old-style join with a selective side")]
    [InlineData("SELECT count(*) FROM step t JOIN dim USING (b)", "a join that could filter the scan")]
    [InlineData("SELECT count(*) FROM step WHERE b IN (SELECT b FROM dim)", "a semi join")]
    [InlineData("SELECT * FROM step ORDER BY c DESC LIMIT 5", "a top-n that could filter the scan")]
    [InlineData("SELECT DISTINCT b FROM step WHERE false OR b < 3", "a distinct")]
    [InlineData("SELECT *, row_number() OVER (PARTITION BY b ORDER BY a) r FROM step QUALIFY r = 1", "a window")]
    [InlineData("SELECT count(*) FROM step WHERE d LIKE 'str29%' AND random() >= 0", "a volatile filter")]
    public void A_tap_counts_what_its_step_gives_whatever_comes_after(string next, string what)
    {
        using var place = new Place();
        using var session = place.Session();
        session.Execute($"""
            COPY (SELECT range a, range % 7 b, range * 2.0 c, 'str' || range d FROM range({Rows}))
            TO '{place.At("t.parquet")}' (ROW_GROUP_SIZE 20000);
            CREATE TEMP TABLE dim AS SELECT range b, 'n' || range n FROM range(3);
            """);
        using var taps = session.RentTaps(3);
        var extract = taps.Behind(0, $"SELECT * FROM read_parquet('{place.At("t.parquet")}') -- a comment at the end");
        var clean = taps.Behind(1, $"SELECT * FROM ({extract}) WHERE a >= 1000;");
        session.Execute($"CREATE TEMP VIEW step AS {clean}");
        var plain = $"WITH step AS (SELECT * FROM read_parquet('{place.At("t.parquet")}') WHERE a >= 1000) ";

        var expected = session.Count($"SELECT count(*) FROM ({plain} {next})");
        var actual = session.Count($"SELECT count(*) FROM ({taps.Behind(2, next)})");

        Assert.Equal(expected, actual);
        Assert.Equal(Rows, taps.Rows(0));
        Assert.Equal(Rows - 1000, taps.Rows(1));
        Assert.Equal(expected, taps.Rows(2));
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Rows_keep_their_order_through_taps()
    {
        using var place = new Place();
        using var session = place.Session();
        var (file, tapped) = (place.At("in.csv"), place.At("out.parquet"));
        session.Execute($"COPY (SELECT (range * 7919) % {Rows} a, range b FROM range({Rows})) TO '{file}'");
        using var taps = session.RentTaps(2);

        session.Execute($"COPY ({taps.Behind(0, $"SELECT * FROM read_csv('{file}')")}) TO '{tapped}' (ROW_GROUP_SIZE 10000)");
        Assert.Equal(0, session.Count(OutOfPlace(tapped, "b")));

        session.Execute($"COPY ({taps.Behind(1, $"SELECT * FROM read_csv('{file}') ORDER BY a")}) TO '{tapped}' (ROW_GROUP_SIZE 10000)");
        Assert.Equal(0, session.Count(OutOfPlace(tapped, "a")));
    }

    [Theory]
    [InlineData("SELECT 1 a, 2 A, 3 \"a\"\"b\", 4 \"etl row\"")]
    [InlineData("SELECT array_value(1, 2) a, [1] l, MAP {'k': 1} m, {'x': {'y': 1}} s, NULL n, union_value(u := 1) u")]
    [InlineData("SELECT 'x'::ENUM('x') e, 1.5::DECIMAL(38,3) d, uuid() u, '1'::BIT b, INTERVAL 1 DAY i, now() t, '{}'::JSON j")]
    [InlineData("SELECT NULL::INTEGER a")]
    [InlineData("SELECT a FROM (VALUES (1), (NULL), (3)) t(a)")]
    [InlineData("SELECT 1 a WHERE false")]
    public void A_tap_changes_neither_columns_nor_rows(string select)
    {
        using var place = new Place();
        using var session = place.Session();
        using var taps = session.RentTaps(2);
        var rows = session.Count($"SELECT count(*) FROM ({select})");
        var tapped = taps.Behind(1, taps.Behind(0, select));

        Assert.Equal(session.Describe($"SELECT * FROM ({select})"), session.Describe(tapped));
        Assert.Equal(rows, session.Count($"SELECT count(*) FROM ({tapped})"));
        Assert.Equal((rows, rows), (taps.Rows(0), taps.Rows(1)));
    }

    [Fact]
    public void All_threads_go_through_a_tap()
    {
        using var place = new Place();
        using var session = place.Session();
        using var taps = session.RentTaps(1);
        session.Execute($"COPY (SELECT range a FROM range(1000000)) TO '{place.At("t.parquet")}' (ROW_GROUP_SIZE 10000)");
        var plan = (string)ValueOf(session, $"EXPLAIN {taps.Behind(0, $"FROM read_parquet('{place.At("t.parquet")}')")}");
        // These are the operators by which one thread at a time goes.
        Assert.DoesNotContain("SAMPLE", plan);
        Assert.DoesNotContain("LIMIT", plan);
        Assert.DoesNotContain("WINDOW", plan);
    }

    private static object ValueOf(DuckSession session, string sql)
    {
        using var rows = session.Query(sql);
        Assert.True(rows.Read());
        return rows.Value(1)!;
    }

    private static string OutOfPlace(string file, string place) =>
        $"SELECT count(*) FROM (SELECT {place} p, row_number() OVER () - 1 r FROM read_parquet('{file}')) WHERE p <> r";

    [Fact]
    public void Taps_are_bounded_and_start_at_zero_when_they_are_rented_again()
    {
        using var place = new Place(with: options => options with { TapsMax = 2 });
        using var session = place.Session();
        using (var first = session.RentTaps(2))
        {
            Assert.Equal(10, session.Count($"SELECT count(*) FROM ({first.Behind(1, "FROM range(10)")})"));
            Assert.Equal(10, first.Rows(1));
            var refused = Assert.Throws<FaultException>(() => session.RentTaps(1));
            Assert.Equal(FaultKind.Exhausted, refused.Fault.Kind);
        }

        using var again = session.RentTaps(2);
        Assert.Equal(0, again.Rows(0) + again.Rows(1));
    }
}
