using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps.Sinks;

internal static class LoadJson
{
    private static readonly WithField<string> Format =
        Fields.Choice("format", "ndjson: one object a line. array: one array of objects.", "ndjson", "array")
        .Default("ndjson");

    private static readonly WithField<string?> DateFormat = Fields.Text("date_format", "As %Y-%m-%d.").Optional();
    private static readonly WithField<string?> TimestampFormat =
        Fields.Text("timestamp_format", "As %Y-%m-%dT%H:%M:%S.").Optional();
    private static readonly WithField<string> Compression =
        Fields.Choice("compression", "Of the file; auto goes by its ending, .gz or .zst.", "auto", "none", "gzip",
        "zstd").Default("auto");

    public static readonly StepKind Kind = LoadFields.Begin(
            "load.json", "Writes rows as JSON to a file.", Format, DateFormat, TimestampFormat, Compression)
        .Describe("With a dataset, or without a path, the rows also become a dataset, as Parquet.")
        .Alias("load_json", "write_json", "export_json")
        .Example("Orders as lines of JSON", """
            pipeline: orders-json
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: out
                kind: load.json
                depends_on: [orders]
                with: {path: out/orders.ndjson}
            """)
        .Writes(step => LoadFields.Write(
            step, new FileFormat.Json(step.Get(Format) == "array", LoadFields.Compression(step, Compression))
            {
                DateFormat = step.Get(DateFormat),
                TimestampFormat = step.Get(TimestampFormat),
            }));
}
