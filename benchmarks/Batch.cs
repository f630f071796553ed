namespace OrleansEtl.Bench;

/// <summary>Fifteen million rows through a pipeline, beside bare DuckDB doing each part as one COPY; the two take turns. Both are
/// open already, as on a silo: a pipeline counts from the wish to start it to its durable end. <c>command_seconds</c> is the whole
/// command besides, from process start to exit.</summary>
internal static class Batch
{
    private const int Rounds = 5;
    private static readonly string Csv = Path.Combine(Etl.Folder, "flights-15m.csv");
    private static readonly string Clean = Path.Combine(Etl.Folder, "clean.parquet");

    public static async Task Measure()
    {
        MakeData();
        await using var etl = new WarmEtl();
        using var duck = new WarmDuck();
        var (ours, theirs) = await TakeTurns(etl, duck, CleanPipeline, CleanCopy);
        Figure.Print("batch", "clean", "etl_seconds", ours, "s");
        Figure.Print("batch", "clean", "duckdb_seconds", theirs, "s");
        Figure.Print("batch", "clean", "ratio_to_duckdb", ours / theirs, "ratio");
        Figure.Print("batch", "clean", "megabytes_per_second", new FileInfo(Csv).Length / 1e6 / ours, "MB/s");
        Figure.Print("batch", "clean", "command_seconds", Etl.RunPipeline("clean", CleanPipeline).WallSeconds, "s");
        duck.Seconds(CleanCopy(Clean));
        (ours, theirs) = await TakeTurns(etl, duck, AggregatePipeline, AggregateCopy);
        Figure.Print("batch", "aggregate", "etl_seconds", ours, "s");
        Figure.Print("batch", "aggregate", "duckdb_seconds", theirs, "s");
        Figure.Print("batch", "aggregate", "extra_seconds", ours - theirs, "s");
        Figure.Print("batch", "aggregate", "command_seconds", Etl.RunPipeline("aggregate", AggregatePipeline).WallSeconds, "s");
    }

    /// <summary>The flights five times over; made once, and kept.</summary>
    private static void MakeData()
    {
        if (File.Exists(Csv)) return;
        var flights = Path.Combine(Etl.Cache, "vega-datasets/data/flights-3m.parquet");
        BareDuck.Run($"COPY (SELECT f.* FROM '{flights}' f, range(5)) TO '{Csv}.new' (FORMAT csv, HEADER)");
        File.Move($"{Csv}.new", Csv);
    }

    private static async Task<(double Ours, double Theirs)> TakeTurns(
        WarmEtl etl, WarmDuck duck, string yaml, Func<string, string> copy)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        var target = Path.Combine(Etl.Folder, "duckdb.parquet");
        for (var i = 0; i <= Rounds; i++)
        {
            var (us, them) = (await etl.Seconds(yaml), duck.Seconds(copy(target)));
            File.Delete(target);
            if (i == 0) continue; // both warm the page cache
            ours.Add(us);
            theirs.Add(them);
        }
        return (Figure.Median(ours), Figure.Median(theirs));
    }

    private static readonly string CleanPipeline = $$"""
        pipeline: clean
        steps:
          - id: flights
            kind: extract.csv
            with:
              path: {{Csv}}
              header: true
              delimiter: ","
              columns: { date: timestamp, delay: bigint, distance: bigint, origin: varchar, destination: varchar }
          - id: complete
            kind: transform.clean_nulls
            depends_on: [flights]
            with: { columns: [date, delay, distance, origin, destination], method: drop }
          - id: late
            kind: transform.filter
            depends_on: [complete]
            with: { where: delay > -1000 }
          - id: written
            kind: load.parquet
            depends_on: [late]
            with: { path: out/clean.parquet, compression: zstd }
        """;

    private static string CleanCopy(string target) => $$"""
        COPY (
          SELECT * FROM read_csv('{{Csv}}', header = true, delim = ',', auto_detect = false, columns = {
            'date': 'TIMESTAMP', 'delay': 'BIGINT', 'distance': 'BIGINT', 'origin': 'VARCHAR', 'destination': 'VARCHAR' })
          WHERE date IS NOT NULL AND delay IS NOT NULL AND distance IS NOT NULL AND origin IS NOT NULL AND destination IS NOT NULL
            AND delay > -1000
        ) TO '{{target}}' (FORMAT parquet, COMPRESSION zstd)
        """;

    private static readonly string AggregatePipeline = $$"""
        pipeline: aggregate
        steps:
          - id: flights
            kind: extract.parquet
            with: { path: {{Clean}} }
          - id: by_airport
            kind: transform.aggregate
            depends_on: [flights]
            with:
              by: [origin, destination]
              measures:
                flights: { function: count }
                mean_delay: avg(delay)
                median_delay: median(delay)
          - id: written
            kind: load.parquet
            depends_on: [by_airport]
            with: { path: out/aggregate.parquet, compression: zstd }
        """;

    private static string AggregateCopy(string target) => $$"""
        COPY (
          SELECT origin, destination, count(*) AS flights, avg(delay) AS mean_delay, median(delay) AS median_delay
          FROM '{{Clean}}' GROUP BY origin, destination
        ) TO '{{target}}' (FORMAT parquet, COMPRESSION zstd)
        """;
}
