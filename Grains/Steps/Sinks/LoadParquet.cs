using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps.Sinks;

internal static class LoadParquet
{
    private static readonly WithField<string> Compression = Fields.Choice(
        "compression", "How pages are compressed.", "zstd", "snappy", "gzip", "lz4", "none").Default("zstd");

    private static readonly WithField<long> RowGroupRows =
        Fields.Integer("row_group_rows", "Rows of a row group; more compress better and cost memory.", 2048, 10_000_000)
            .Alias("row_group_size").Default(122_880);

    public static readonly StepKind Kind = LoadFields.Begin(
            "load.parquet", "Writes rows as Parquet: to a dataset, a file, or both.", Compression, RowGroupRows)
        .Alias("load_parquet", "write_parquet")
        .Example("Orders to a dataset and a file", """
            pipeline: orders-out
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: out
                kind: load.parquet
                depends_on: [orders]
                with: {dataset: shop/orders, path: out/orders.parquet}
            """)
        .Writes(step => LoadFields.Write(
            step, new FileFormat.Parquet(LoadFields.Compression(step, Compression), step.Get(RowGroupRows))));
}
