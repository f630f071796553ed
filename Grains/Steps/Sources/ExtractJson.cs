using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Sources;

internal static class ExtractJson
{
    private static readonly WithField<ImmutableArray<string>> Path =
        Fields.ReadPaths("path", "A file, a pattern with * and **, or a list of them; .gz is read too.")
        .Alias("file_path", "paths");

    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Columns = Fields.Map(
        "columns", new FieldType.ColumnType(),
        "The columns to read and their types; what a record lacks is NULL, what it has besides is not read. Default: "
        + "inferred.")
        .Alias("schema").Optional();

    private static readonly WithField<string> Format = Fields.Choice(
        "format", "ndjson: one object a line. array: one array of objects. auto: by the first character.", "auto",
        "array", "ndjson").Default("auto");

    private static readonly WithField<string?> FileColumn =
        Fields.Text("file_column", "A further column with the path of the file.").Optional();

    private static readonly WithField<long> SampleRows =
        Fields.Integer("sample_rows", "Records that inference looks at; -1 for all.", -1).Default(20480);

    public static readonly StepKind Kind =
        StepKind.Extract("extract.json", "Reads JSON: arrays of objects or one object a line.")
        .Describe("Nested objects become STRUCTs, arrays lists. Records that are not valid JSON, no objects, or hold "
        + "a value of another "
            + "type than the column go to the port rejects with file, line, column, text and reason; in an array the "
            + "line is the number of "
            + "the element. An array that is broken as a whole fails the step.")
        .IsPure()
        .Alias("extract_json", "read_json")
        .Takes(Path, Columns, Format, FileColumn, SampleRows, RejectFields.Max, RejectFields.MaxRatio)
        .Port("rejects", "Malformed records: file, line, column, raw, reason.")
        .Example("Events, one a line", """
            pipeline: read-json
            steps:
              - id: made
                kind: extract.generate
                with:
                  rows: 10
                  columns: {id: {generator: sequence}, action: {generator: choice, values: [view, buy]}}
              - id: written
                kind: load.json
                depends_on: [made]
                with: {path: in/events.ndjson}
              - id: events
                kind: extract.json
                depends_on: [written]
                with: {path: "in/*.ndjson", columns: {id: bigint, action: varchar}}
            """)
        .Scans(Scan);

    private static ScanPlan Scan(ScanCall step)
    {
        var files = step.Files(step.Get(Path));
        GzipFile.CheckWhole([.. files.Where(file => file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))], step.Cancellation);
        var format = step.Get(Format) is var given && given != "auto" ? given
            : files.Select(JsonHead.Format).FirstOrDefault(found => found is not null) ?? "ndjson";
        var declared = step.Get(Columns).Select(column => new Column(column.Key, SqlType.Checked(column.Value)))
            .ToImmutableArray();
        var columns = declared.IsEmpty ? Inferred(step, files, format) : declared;
        if (columns.Length > step.Options.ColumnsMax) throw StepFaults.TooManyColumns(
            files[0], columns.Length, step.Options.ColumnsMax);

        var file = step.Get(FileColumn);
        var types = string.Join(", ", columns.Select(column => $"{Sql.Text(column.Name)}: {Sql.Text(column.Type)}"));
        var strict = $"SELECT {Sql.Names(columns.Select(column => column.Name).Concat(file is null ? [] : [file]))} "
            + $"FROM read_json({Sql.Texts(files)}, format={Sql.Text(Word(format))}, columns={{{types}}}"
            + (file is null ? ")" : $", filename={Sql.Text(file)})");
        return new ScanPlan(strict)
        {
            Rejects = new RejectsPlan(RejectFields.None, RejectFields.Limit(step)),
            Bytes = files.Sum(path => new FileInfo(path).Length),
            // The reader that puts records aside is slower, so it is only taken when there is something to put aside.
            Lenient = () => new JsonRecords(step, files, format, columns, file).Plan(),
        };
    }

    private static string Word(string format) => format == "ndjson" ? "newline_delimited" : "array";

    private static ImmutableArray<Column> Inferred(ScanCall step, ImmutableArray<string> files, string format)
    {
        var ignore = format == "ndjson" ? ", ignore_errors=true" : "";
        var columns = step.Session.Describe(
            $"SELECT * FROM read_json({Sql.Texts(files)}, format={Sql.Text(Word(format))}, "
            + $"sample_size={Sql.Number(step.Get(SampleRows))}, "
            + $"maximum_depth=-1{ignore})", step.Cancellation);
        return columns is [{ Name: "json" }] && files.All(file => new FileInfo(file).Length == 0)
            ? throw StepFaults.BadFile(files[0], "holds nothing to infer columns from.", "Declare 'columns'.")
            : columns;
    }
}
