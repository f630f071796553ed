using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>The samples run as their READMEs say, and what they write is what DuckDB says by itself.</summary>
public class SamplesTell
{
    private const string Flights = "vega-datasets/data/flights-3m.parquet";
    private const string Airports = "vega-datasets/data/airports.csv";

    [Fact, Trait("category", "slow")]
    public async Task Flights_become_the_star_that_duckdb_computes_from_the_raw_files()
    {
        using var play = new Playground();
        var run = (await play.Etl("run", play.Sample("flights"), "-o", "json")).With(0).Json;
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        using var duck = new Answers(play.Folder);
        var (flights, airports) = (Path.Combine(Playground.Cache, Flights), Path.Combine(Playground.Cache, Airports));
        var quartiles = $"SELECT quantile_cont(delay, 0.25) AS a, quantile_cont(delay, 0.75) AS b FROM (SELECT DISTINCT * FROM '{flights}')";
        var clean = $"""
            (SELECT DISTINCT f.* FROM '{flights}' f, ({quartiles})
             WHERE delay BETWEEN a - 40 * (b - a) AND b + 40 * (b - a))
            """;

        Assert.Equal(duck.Count($"SELECT count(*) FROM {clean}"), duck.Count($"SELECT count(*) FROM '{play["out/fact_flights.parquet"]}'"));
        Assert.Equal(
            duck.Rows($"""
                SELECT origin, count(*), sum(delay), sum(distance), count(*) FILTER (delay > 15) FROM {clean} GROUP BY origin
                """),
            duck.Rows($"""
                SELECT iata, count(*), sum(delay_minutes), sum(distance_miles), count(*) FILTER (is_late)
                FROM '{play["out/fact_flights.parquet"]}' JOIN '{play["out/dim_airport.parquet"]}' ON origin_key = airport_key
                GROUP BY iata
                """));
        Assert.Equal(
            duck.Rows($"SELECT origin, count(*), median(delay), round(avg(delay), 2) FROM {clean} GROUP BY origin"),
            duck.Rows($"SELECT iata, flights, median_delay, mean_delay FROM '{play["out/mart_airports.csv"]}'"));
        Assert.Equal(
            duck.Rows($"SELECT date::DATE, count(*), round(avg(delay), 2) FROM {clean} GROUP BY 1"),
            duck.Rows($"SELECT day, flights, mean_delay FROM '{play["out/mart_days.csv"]}'"));
        Assert.Equal(
            duck.Count($"SELECT count(*) + 1 FROM read_csv('{airports}')"),
            duck.Count($"SELECT count(DISTINCT airport_key) FROM '{play["out/dim_airport.parquet"]}'"));
        Assert.Equal(0, duck.Count($"""
            SELECT count(*) FROM '{play["out/fact_flights.parquet"]}' f
            ANTI JOIN '{play["out/dim_date.parquet"]}' d USING (date_key)
            """));
    }

    [Fact]
    public async Task Five_stages_export_what_they_generated()
    {
        using var play = new Playground();
        (await play.Etl("run", play.Sample("five-stages"), "-p", "rows=5000", "-o", "json")).With(0);
        using var duck = new Answers(play.Folder);
        Assert.Equal(
            duck.Rows($"""
                SELECT happened_at::DATE, product, count(*), sum(amount::DECIMAL(18,2)), count(DISTINCT customer)
                FROM read_csv('{play["out/events.csv"]}', header = true) WHERE amount IS NOT NULL GROUP BY ALL
                """),
            duck.Rows($"SELECT * FROM '{play["out/sales_by_day.parquet"]}'"));
        Assert.Equal(
            duck.Count($"SELECT count(*) FROM '{play["out/sales_by_day.parquet"]}'"),
            duck.Count($"SELECT count(*) FROM read_json('{play["out/sales_by_day.ndjson"]}')"));
    }

    [Fact]
    public async Task Dirty_orders_lose_nothing_silently()
    {
        using var play = new Playground();
        var run = (await play.Etl("run", play.Sample("dirty-orders"), "-o", "json")).With(0).Json;
        var orders = Step(run, "orders");
        Assert.Equal(4, orders.GetProperty("rows_rejected").GetInt64());
        Assert.Equal(11, orders.GetProperty("rows_out").GetInt64());
        Assert.Equal(["4", "5", "8", "9"], (await File.ReadAllLinesAsync(play["out/broken_lines.csv"])).Skip(1).Select(l => l.Split(',')[0]).Distinct());
        using var duck = new Answers(play.Folder);
        Assert.Equal(
            ["known_countries|1", "proper_emails|1"],
            duck.Rows($"SELECT \"check\", sum(rows_failed) FROM read_json('{play["out/report.ndjson"]}') WHERE NOT passed GROUP BY ALL"));
        Assert.Equal(["DE|1|210.00", "US|2|27.00"], duck.Rows(
            $"SELECT country, orders, amount::DECIMAL(18,2) FROM '{play["out/totals.csv"]}' WHERE country IN ('DE', 'US')"));
    }

    [Fact]
    public async Task Branches_are_pipelines_of_one_template_and_pass_their_tests()
    {
        using var play = new Playground();
        play.Sample("branches");
        (await play.Etl("test", ".")).With(0);
        (await play.Etl("run", "berlin.yaml", "-p", "day=2026-03-02", "-o", "json")).With(0);
        Assert.Equal(
            ["branch,product,orders,amount", "Berlin,cake,1,5.00", "Berlin,tea,1,3.50"], await File.ReadAllLinesAsync(play["out/berlin.csv"]));
    }

    [Fact]
    public async Task Too_many_broken_lines_fail_the_run_and_nothing_is_written()
    {
        using var play = new Playground();
        var ended = (await play.Etl("run", play.Sample("dirty-orders"), "-p", "rejects_max=1", "-o", "json")).With(8);
        Assert.Equal("failed", Step(ended.Json, "orders").GetProperty("status").GetString());
        Assert.StartsWith("ETL", Step(ended.Json, "orders").GetProperty("error").GetProperty("code").GetString());
        Assert.False(Directory.Exists(play["out"]) && Directory.EnumerateFiles(play["out"]).Any());
        ended.Saying("etl explain ETL", "etl rerun run_");
    }

    private static JsonElement Step(JsonElement run, string id) =>
        run.GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("id").GetString() == id);
}
