using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Sources;

internal static class ExtractParquet
{
    private static readonly WithField<ImmutableArray<string>> Path =
        Fields.ReadPaths("path", "A file, a pattern with * and **, or a list of them.").Alias("file_path", "paths");

    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns to read. Default: all.").Optional();

    private static readonly WithField<bool> Hive =
        Fields.Flag("hive_partitioning", "Folders such as day=2024-01-01 become columns.").Default(false);

    private static readonly WithField<bool> ByName =
        Fields.Flag("union_by_name", "Files may have different columns; missing ones are NULL.").Default(false);

    private static readonly WithField<string?> FileColumn =
        Fields.Text("file_column", "A further column with the path of the file.").Optional();

    public static readonly StepKind Kind = StepKind.Extract("extract.parquet", "Reads Parquet files.")
        .IsPure()
        .Alias("extract_parquet", "read_parquet")
        .Takes(Path, Columns, Hive, ByName, FileColumn)
        .Example("All files of a folder", """
            pipeline: read-parquet
            steps:
              - id: made
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: written
                kind: load.parquet
                depends_on: [made]
                with: {path: in/orders.parquet}
              - id: orders
                kind: extract.parquet
                depends_on: [written]
                with: {path: "in/*.parquet"}
            """)
        .Scans(Scan);

    private static ScanPlan Scan(ScanCall step)
    {
        var files = step.Files(step.Get(Path));
        var all = Sql.Texts(files);
        // The footers tell the number of rows; nothing has to be counted.
        using var counted = step.Session.Query(
            $"SELECT sum(num_rows)::BIGINT, sum(file_size_bytes)::BIGINT FROM parquet_file_metadata({all})",
            step.Cancellation);
        counted.Read();
        var (rows, bytes) = (counted.Int64(0), counted.Int64(1));
        counted.Dispose();

        var file = step.Get(FileColumn);
        var from = $"read_parquet({all}, hive_partitioning={Word(step.Get(Hive))}, "
            + $"union_by_name={Word(step.Get(ByName))}"
            + (file is null ? ")" : $", filename={Sql.Text(file)})");
        var input = new StepInput(files[0], from, step.Session.Describe($"SELECT * FROM {from}", step.Cancellation));
        if (input.Columns.Length > step.Options.ColumnsMax)
            throw StepFaults.TooManyColumns(files[0], input.Columns.Length, step.Options.ColumnsMax);
        var columns = step.Get(Columns);
        var names = columns.IsEmpty ? "*" : Sql.Names(input.FindAll(columns).Select(column => column.Name)
            .Concat(file is null || columns.Contains(file) ? [] : [file]));
        return new ScanPlan($"SELECT {names} FROM {from}", rows) { Bytes = bytes };
    }

    private static string Word(bool flag) => flag ? "true" : "false";
}
