namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Pipelines that take a while, so that something can happen to them on the way.</summary>
internal static class SlowPipeline
{
    /// <summary>Two branches of several stages each over some million rows: about two seconds on two cores.</summary>
    public const string Yaml = """
        pipeline: slow
        params:
          rows: { type: integer, default: 1500000 }
        steps:
          - id: orders
            kind: extract.generate
            with:
              rows: "{{ params.rows }}"
              seed: 11
              columns:
                id: { generator: sequence }
                customer: { generator: uniform, min: 1, max: 50000 }
                amount: { generator: uniform, min: 1, max: 500 }
          - { id: orders_file, kind: load.csv, depends_on: [orders], with: { path: out/orders.csv } }
          - id: again
            kind: extract.csv
            depends_on: [orders_file]
            with: { path: out/orders.csv, columns: { id: bigint, customer: bigint, amount: bigint } }
          - { id: once, kind: check.unique, depends_on: [again], with: { columns: [id] } }
          - id: by_customer
            kind: transform.aggregate
            depends_on: [once]
            with: { by: [customer], measures: { orders: { function: count }, amount: sum(amount) } }
          - { id: customers, kind: load.parquet, depends_on: [by_customer], with: { dataset: slow/customers, path: out/customers.parquet } }
          - { id: capped, kind: transform.outliers, depends_on: [orders], with: { columns: [amount], method: zscore, factor: 1.5, action: cap } }
          - { id: in_range, kind: check.range, depends_on: [capped], with: { columns: [amount], min: 0, max: 500 } }
          - id: joined
            kind: transform.join
            depends_on: [in_range, by_customer]
            with: { left: in_range, right: by_customer, on: customer }
          - id: shares
            kind: transform.sql
            depends_on: [joined]
            with: { query: "SELECT customer, max(amount) AS largest, any_value(orders) AS orders FROM joined GROUP BY customer" }
          - { id: shares_file, kind: load.csv, depends_on: [shares], with: { path: out/shares.csv, order_by: [customer] } }
        """;

    /// <summary>Runs for minutes when it is left alone.</summary>
    public const string Endless = """
        pipeline: endless
        steps:
          - { id: quick, kind: extract.generate, with: { rows: 10, columns: { id: { generator: sequence } } } }
          - { id: kept, kind: load.parquet, depends_on: [quick], with: { dataset: endless/kept } }
          - { id: many, kind: extract.generate, with: { rows: 3000000, columns: { id: { generator: sequence } } } }
          - id: forever
            kind: transform.sql
            depends_on: [many, kept]
            with: { query: "SELECT count(*) AS pairs FROM many a, many b WHERE (a.id * b.id) % 7 = 3" }
          - { id: out, kind: load.csv, depends_on: [forever], with: { path: out/pairs.csv } }
        """;
}
