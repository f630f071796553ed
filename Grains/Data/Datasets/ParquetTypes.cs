using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Datasets;

/// <summary>
/// Parquet has no place for some of DuckDB's types, and DuckDB writes them as the nearest that it has: a HUGEINT, which
/// is what sum() of whole numbers gives, becomes a DOUBLE and loses digits without a word. Such columns are cast first
/// to what keeps every digit.
/// </summary>
public static class ParquetTypes
{
    /// <summary>The SELECT with such columns cast; the SELECT itself when there are none.</summary>
    public static string Storable(DuckSession session, string select, CancellationToken cancellation = default)
    {
        var columns = session.DescribeTypes(select, cancellation);
        if (columns.All(column => Storable(column.Type) == column.Type.Text)) return select;
        var casts = columns.Select(column => Storable(column.Type) is var type && type != column.Type.Text
            ? $"CAST({Sql.Name(column.Name)} AS {type}) AS {Sql.Name(column.Name)}"
            : Sql.Name(column.Name));
        return $"SELECT {string.Join(", ", casts)} FROM {Sql.Nested(select)}";
    }

    private static string Field(string name, DuckType type) => $"{Sql.Name(name)} {Storable(type)}";

    private static string Storable(DuckType type) => type.Kind switch
    {
        DuckKind.HugeInt or DuckKind.UHugeInt => "DECIMAL(38,0)",
        DuckKind.Interval or DuckKind.Bit or DuckKind.BigNum or DuckKind.TimeTz or DuckKind.Enum => "VARCHAR",
        DuckKind.Union => "JSON",
        DuckKind.SqlNull => "VARCHAR",
        DuckKind.List or DuckKind.Array => Storable(type.Parts[0]) + "[]",
        DuckKind.Map => $"MAP({Storable(type.Parts[0])}, {Storable(type.Parts[1])})",
        DuckKind.Struct => $"STRUCT({string.Join(", ", type.Labels.Zip(type.Parts, Field))})",
        _ => type.Text,
    };
}
