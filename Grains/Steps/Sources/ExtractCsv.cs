using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Sources;

internal static class ExtractCsv
{
    private const string RejectedValues = "etl_rejected_values";
    private const string RejectedScans = "etl_rejected_scans";

    private static readonly WithField<ImmutableArray<string>> Path = Fields.ReadPaths(
        "path", "A file, a pattern with * and **, or a list of them; .gz and .zst are read too.")
        .Alias("file_path", "paths");

    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Columns = Fields.Map(
        "columns", new FieldType.ColumnType(),
        "The columns to read and their types. With a header they are found by name, and others are not read; without "
        + "one they are "
        + "all columns in order. Default: inferred.").Alias("schema").Optional();

    private static readonly WithField<string?> Delimiter =
        Fields.Text("delimiter", "Between the values. Default: found out.").Alias("separator", "sep").Optional();
    private static readonly WithField<string> Quote = Fields.Text("quote", "Around values; '' for none.").Default("\"");
    private static readonly WithField<string> Escape = Fields.Text("escape", "Before a quote within quotes.")
        .Default("\"");
    private static readonly WithField<bool?> Header =
        Fields.Flag("header", "Whether the first line has the names. Default: found out.").Alias("has_header")
        .Optional();
    private static readonly WithField<long> Skip = Fields.Integer("skip", "Lines to skip before.", 0, 1_000_000)
        .Alias("skip_rows").Default(0);
    private static readonly WithField<string?> Comment =
        Fields.Text("comment", "Lines that begin with this are skipped.").Optional();
    private static readonly WithField<string> Encoding =
        Fields.Choice("encoding", "Of the text.", "utf-8", "utf-16", "latin-1").Default("utf-8");
    private static readonly WithField<string> Compression =
        Fields.Choice("compression", "Of the file; auto goes by its ending.", "auto", "none", "gzip", "zstd")
        .Default("auto");
    private static readonly WithField<ImmutableArray<string>> NullValues =
        Fields.Texts("null_values", "Texts that mean NULL.").Alias("na_values").Default("");
    private static readonly WithField<string?> DateFormat =
        Fields.Text("date_format", "As %d.%m.%Y. Default: found out, or ISO.").Optional();
    private static readonly WithField<string?> TimestampFormat =
        Fields.Text("timestamp_format", "As %d.%m.%Y %H:%M. Default: found out, or ISO.").Optional();
    private static readonly WithField<string?> DecimalSeparator =
        Fields.Text("decimal_separator", "In numbers. Default: a point.").Optional();
    private static readonly WithField<string?> FileColumn =
        Fields.Text("file_column", "A further column with the path of the file.").Optional();
    private static readonly WithField<long> SampleRows =
        Fields.Integer("sample_rows", "Rows that inference looks at; -1 for all.", -1).Default(20480);

    public static readonly StepKind Kind = StepKind.Extract("extract.csv", "Reads CSV files of any dialect.")
        .Describe("Rows that do not fit (too few or too many values, a value of another type, broken quotes) go to "
        + "the port rejects with "
            + "file, line, column, text and reason. An empty file gives no rows, if `columns` says which columns it has.")
        .IsPure()
        .Alias("extract_csv", "read_csv")
        .Takes(Path, Columns, Delimiter, Quote, Escape, Header, Skip, Comment, Encoding, Compression, NullValues,
        DateFormat,
            TimestampFormat, DecimalSeparator, FileColumn, SampleRows, RejectFields.Max, RejectFields.MaxRatio)
        .Port("rejects", "Malformed rows: file, line, column, raw, reason.")
        .Example("Orders with declared types", """
            pipeline: read-csv
            steps:
              - id: made
                kind: extract.generate
                with:
                  rows: 10
                  columns: {id: {generator: sequence}, amount: {generator: uniform, min: 1, max: 9, decimals: 2}}
              - id: written
                kind: load.csv
                depends_on: [made]
                with: {path: in/orders.csv}
              - id: orders
                kind: extract.csv
                depends_on: [written]
                with:
                  path: in/orders.csv
                  columns: {id: integer, amount: "decimal(18,2)"}
            """)
        .Scans(Scan);

    private static ScanPlan Scan(ScanCall step)
    {
        var dialect = new CsvDialect(
            step.Get(Delimiter), step.Get(Quote), step.Get(Escape), step.Get(Header), step.Get(Skip), step.Get(Comment),
            step.Get(Encoding),
            step.Get(Compression), step.Get(NullValues), step.Get(DateFormat), step.Get(TimestampFormat),
            step.Get(DecimalSeparator));
        var declared = step.Get(Columns).Select(column => new Column(column.Key, SqlType.Checked(column.Value)))
            .ToImmutableArray();
        var files = step.Files(step.Get(Path));
        GzipFile.CheckWhole([.. files.Where(dialect.IsGzip)], step.Cancellation);
        step.Log.Info(
            "reads files", new Field("files", new SpecValue.Integer(files.Length)), new Field("first", new SpecValue.Text(files[0])));
        var (columns, known, groups) = new CsvColumns(step, dialect, declared, step.Get(SampleRows)).Resolve(files);
        if (groups.IsEmpty) return new ScanPlan($"SELECT {NoRows(columns, step.Get(FileColumn))} WHERE FALSE", 0);

        var limit = RejectFields.Limit(step);
        ScanPlan Plan(bool strict) =>
            new(string.Join(" UNION ALL ", groups.Select(group => Select(step, columns, known, group, limit, strict))))
        {
            Rejects = new RejectsPlan(
                Rejects(step.Options), limit,
                $"DROP TABLE IF EXISTS {RejectedValues}; DROP TABLE IF EXISTS {RejectedScans}")
            {
                Any = $"SELECT count(*) FROM {RejectedValues}",
            },
            Bytes = files.Sum(file => new FileInfo(file).Length),
        };

        // Strict mode refuses a file as a whole for some faults (line ends of several kinds); the loose one reads it.
        return Plan(strict: true) with { Lenient = () => Plan(strict: false) };
    }

    private static string NoRows(ImmutableArray<Column> columns, string? file) => string.Join(", ",
        columns.Concat(file is null ? [] : [new Column(file, "VARCHAR")])
        .Select(column => $"NULL::{column.Type} AS {Sql.Name(column.Name)}"));

    private static string Select(
        ScanCall step, ImmutableArray<Column> columns, CsvDialect dialect, CsvFiles group, RejectsLimit limit,
        bool strict)
    {
        var file = step.Get(FileColumn);
        var names = columns.Select(column => column.Name).Concat(file is null ? [] : [file]);
        // One bad row may have a fault in each column, so that many records prove the limit exceeded.
        var recordsMax = (limit.Rows + 1) * (group.Columns.Length + 1);
        var types = string.Join(
            ", ", group.Columns.Select(column => $"{Sql.Text(column.Name)}: {Sql.Text(column.Type)}"));
        return $"SELECT {Sql.Names(names)} FROM read_csv({Sql.Texts(group.Files)}, auto_detect=false, "
            + $"columns={{{types}}}, "
            + $"header={(group.Header ? "true" : "false")}, skip={Sql.Number(group.Skip)}, "
            + $"delim={Sql.Text(dialect.Delimiter!)}, {dialect.Common()}, "
            + $"strict_mode={(strict ? "true" : "false")}, store_rejects=true, "
            + $"rejects_table={Sql.Text(RejectedValues)}, "
            + $"rejects_scan={Sql.Text(RejectedScans)}, rejects_limit={recordsMax}"
            + (file is null ? ")" : $", filename={Sql.Text(file)})");
    }

    private static string Rejects(StepOptions options) =>
        "SELECT s.file_path AS file, e.line::BIGINT AS line, string_agg(DISTINCT e.column_name, ', ' ORDER BY "
        + "e.column_name) AS \"column\", "
        + $"any_value(left(rtrim(e.csv_line, chr(13) || chr(10)), {options.RejectedTextCharactersMax})) AS raw, "
        + "string_agg(DISTINCT e.error_message, '; ' ORDER BY e.error_message) AS reason "
        + $"FROM {RejectedValues} e JOIN {RejectedScans} s USING (scan_id, file_id) "
        + "GROUP BY s.file_path, e.line, e.line_byte_position ORDER BY 1, 2";
}
