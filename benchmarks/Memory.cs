namespace OrleansEtl.Bench;

/// <summary>Work that is much larger than its memory: 20 million distinct texts grouped, then two such tables joined.</summary>
internal static class Memory
{
    private const int BudgetMegabytes = 512;

    private static readonly Dictionary<string, string> Small = new()
    {
        ["ETL_MEMORY"] = $"{BudgetMegabytes}MB",
        ["ETL_THREADS"] = "2",
    };

    private const string Rows = """
        rows: 20000000, columns: { id: { generator: sequence }, amount: { generator: uniform, min: 1, max: 999 } }
        """;

    private static readonly string GroupBy = $$"""
        pipeline: group_by
        steps:
          - id: made
            kind: extract.generate
            with: { {{Rows}} }
          - id: keyed
            kind: transform.sql
            depends_on: [made]
            with: { query: "SELECT 'customer-' || id AS customer, amount FROM made" }
          - id: grouped
            kind: transform.aggregate
            depends_on: [keyed]
            with: { by: [customer], measures: { orders: { function: count }, amount: sum(amount) } }
          - id: written
            kind: load.parquet
            depends_on: [grouped]
            with: { path: out/grouped.parquet }
        """;

    private static readonly string Join = $$"""
        pipeline: join
        steps:
          - id: left_rows
            kind: extract.generate
            with: { {{Rows}} }
          - id: right_rows
            kind: extract.generate
            with: { seed: 2, {{Rows}} }
          - id: left_table
            kind: transform.sql
            depends_on: [left_rows]
            with: { query: "SELECT 'customer-' || id AS customer, amount FROM left_rows" }
          - id: right_table
            kind: transform.sql
            depends_on: [right_rows]
            with: { query: "SELECT 'customer-' || id AS customer, amount AS paid FROM right_rows" }
          - id: joined
            kind: transform.join
            depends_on: [left_table, right_table]
            with: { on: customer }
          - id: written
            kind: load.parquet
            depends_on: [joined]
            with: { path: out/joined.parquet }
        """;

    public static void Measure()
    {
        foreach (var (name, yaml) in new[] { ("group_by", GroupBy), ("join", Join) })
        {
            var took = Etl.RunPipeline(name, yaml, Small);
            Figure.Print("memory", name, "peak_rss_mb", took.PeakRssMegabytes, "MB");
            Figure.Print("memory", name, "wall_seconds", took.WallSeconds, "s");
            Figure.Print("memory", name, "budget_mb", BudgetMegabytes, "MB");
        }
    }
}
