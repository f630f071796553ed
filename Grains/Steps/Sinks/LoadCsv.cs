using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps.Sinks;

internal static class LoadCsv
{
    private static readonly WithField<string> Delimiter = Fields.Text("delimiter", "Between the values.")
        .Alias("separator", "sep").Default(",");
    private static readonly WithField<string> Quote = Fields.Text("quote", "Around values that need it.").Default("\"");
    private static readonly WithField<string> Escape = Fields.Text("escape", "Before a quote within quotes.")
        .Default("\"");
    private static readonly WithField<bool> Header =
        Fields.Flag("header", "Whether the first line has the column names.").Default(true);
    private static readonly WithField<string> NullValue = Fields.Text("null_value", "Stands for NULL.").Default("");
    private static readonly WithField<string?> DateFormat = Fields.Text("date_format", "As %Y-%m-%d.").Optional();
    private static readonly WithField<string?> TimestampFormat =
        Fields.Text("timestamp_format", "As %Y-%m-%d %H:%M:%S.").Optional();
    private static readonly WithField<string> Compression =
        Fields.Choice("compression", "Of the file; auto goes by its ending, .gz or .zst.", "auto", "none", "gzip",
        "zstd").Default("auto");

    public static readonly StepKind Kind = LoadFields.Begin(
            "load.csv", "Writes rows as CSV to a file.",
            Delimiter, Quote, Escape, Header, NullValue, DateFormat, TimestampFormat, Compression)
        .Describe("With a dataset, or without a path, the rows also become a dataset, as Parquet.")
        .Alias("load_csv", "write_csv", "export_csv")
        .Example("Orders as CSV", """
            pipeline: orders-csv
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: out
                kind: load.csv
                depends_on: [orders]
                with: {path: out/orders.csv, delimiter: ";"}
            """)
        .Writes(step => LoadFields.Write(step, new FileFormat.Csv(
            step.Get(Delimiter), step.Get(Header), step.Get(NullValue), LoadFields.Compression(step, Compression))
        {
            Quote = step.Get(Quote),
            Escape = step.Get(Escape),
            DateFormat = step.Get(DateFormat),
            TimestampFormat = step.Get(TimestampFormat),
        }));
}
