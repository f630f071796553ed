namespace OrleansEtl.Bench;

/// <summary>How long a small command takes, from the start of the process to its end.</summary>
internal static class Start
{
    private const int Rounds = 15;

    private const string TenRows = """
        pipeline: ten_rows
        steps:
          - id: made
            kind: extract.generate
            with: { rows: 10, columns: { id: { generator: sequence }, amount: { generator: uniform, min: 1, max: 9 } } }
          - id: doubled
            kind: transform.sql
            depends_on: [made]
            with: { query: "SELECT id, amount * 2 AS amount FROM made" }
          - id: written
            kind: load.csv
            depends_on: [doubled]
            with: { path: out/ten.csv }
        """;

    public static void Measure()
    {
        var (helps, runs) = (new List<Took>(), new List<Took>());
        Etl.Run(["--help"]);
        Etl.RunPipeline("start", TenRows);
        for (var i = 0; i < Rounds; i++)
        {
            helps.Add(Etl.Run(["--help"]));
            runs.Add(Etl.RunPipeline("start", TenRows));
        }
        Figure.Print("start", "help", "help_seconds", Figure.Median(helps.Select(t => t.WallSeconds)), "s");
        Figure.Print("start", "run", "wall_seconds", Figure.Median(runs.Select(t => t.WallSeconds)), "s");
        Figure.Print("start", "run", "peak_rss_mb", Figure.Median(runs.Select(t => t.PeakRssMegabytes)), "MB");
    }
}
