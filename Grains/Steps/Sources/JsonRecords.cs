using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Sources;

/// <summary>Reads JSON record by record: each is kept as text, judged, and then either turned into columns or put aside
/// with the reason. A first pass writes records and judgements to a temporary file, so that both ways out read the same
/// judgement.</summary>
internal sealed class JsonRecords(
    ScanCall step, ImmutableArray<string> files, string format, ImmutableArray<Column> columns, string? fileColumn)
{
    public ScanPlan Plan()
    {
        var scratch = step.Scratch("records.parquet");
        var records = format == "array" ? Elements() : string.Join(" UNION ALL ", files.Select(Lines));
        step.Session.Execute(
            $"COPY (SELECT file, line, raw, json, {Judged()} AS fault FROM (SELECT *, TRY_CAST(raw AS JSON) AS json "
            + $"FROM ({records}))) "
            + $"TO {Sql.Text(scratch)} (FORMAT parquet, COMPRESSION zstd)", step.Cancellation);

        var from = $"read_parquet({Sql.Text(scratch)}, hive_partitioning=false)";
        var items = columns.Select(column =>
            $"json_transform({Extract("json", column.Name)}, {Structure(column.Type)}) AS {Sql.Name(column.Name)}");
        if (fileColumn is not null) items = items.Append($"file AS {Sql.Name(fileColumn)}");
        var raw = $"left(raw, {step.Options.RejectedTextCharactersMax}) AS raw";
        return new ScanPlan($"SELECT {string.Join(", ", items)} FROM {from} WHERE fault IS NULL")
        {
            Rejects = new RejectsPlan(
                $"SELECT file, line, fault.column AS \"column\", {raw}, fault.reason AS reason FROM {from} WHERE "
                + $"fault IS NOT NULL",
                RejectFields.Limit(step)),
        };
    }

    /// <summary>The lines that hold anything. A delimiter that no JSON text can hold makes each line one
    /// value.</summary>
    private static string Lines(string file) =>
        $"SELECT {Sql.Text(file)} AS file, line, raw FROM (SELECT row_number() OVER () AS line, raw FROM "
        + $"read_csv({Sql.Text(file)}, "
        + "auto_detect=false, header=false, delim=chr(1), quote='', escape='', strict_mode=false, columns={'raw': "
        + "'VARCHAR'})) "
        + "WHERE trim(raw) <> ''";

    private string Elements() =>
        $"SELECT filename AS file, row_number() OVER (PARTITION BY filename) AS line, json::VARCHAR AS raw "
        + $"FROM read_json_objects({Sql.Texts(files)}, format='array', filename=true)";

    /// <summary>The first thing that is wrong with a record, or NULL.</summary>
    private string Judged()
    {
        var types = step.Session.DescribeTypes(
            $"SELECT {string.Join(", ", columns.Select(column => $"NULL::{column.Type} AS {Sql.Name(column.Name)}"))}",
            step.Cancellation);
        var misfits = types.Select(column =>
            $"WHEN {Misfit(Extract("json", column.Name), column.Type, 0)} THEN "
            + $"{Fault(column.Name, $"a value does not fit {column.Type.Text}")}");
        return $"CASE WHEN json IS NULL THEN {Fault(null, "is not valid JSON")} "
            + $"WHEN json_type(json) <> 'OBJECT' THEN {Fault(null, "is not an object")} "
            + $"{string.Join(" ", misfits)} END";
    }

    private static string Fault(string? column, string reason) =>
        $"{{'column': {(column is null ? "NULL::VARCHAR" : Sql.Text(column))}, 'reason': {Sql.Text(reason)}}}";

    /// <summary>True where a value is there but not of the type, at any depth: the lenient cast makes NULLs of such
    /// values.</summary>
    private static string Misfit(string value, DuckType type, int depth)
    {
        var itself = $"(coalesce(json_type({value}), 'NULL') <> 'NULL' AND json_transform({value}, "
            + $"{Structure(type.Text)}) IS NULL)";
        var inner = type.Kind switch
        {
            DuckKind.Struct => type.Labels.Zip(type.Parts)
                .Select(field => Misfit(Extract(value, field.First), field.Second, depth)),
            DuckKind.List => [$"len(list_filter(json_extract({value}, '$[*]'), lambda x{depth}: "
            + $"{Misfit($"x{depth}", type.Parts[0], depth + 1)})) > 0"],
            _ => [],
        };
        return $"coalesce({string.Join(" OR ", inner.Prepend(itself))}, FALSE)";
    }

    private static string Extract(string value, string name) =>
        $"json_extract({value}, {Sql.Text($"$.\"{name.Replace("\"", "\\\"")}\"")})";

    private static string Structure(string type) => Sql.Text(new SpecValue.Text(type).ToJson());
}
