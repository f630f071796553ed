namespace OrleansEtl.Steps;

/// <summary>What can be done with a DuckDB type, told by its name.</summary>
internal static class ColumnTypes
{
    private static readonly HashSet<string> Whole =
    [
        "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
        "UHUGEINT",
    ];

    public static bool IsWhole(this Column column) => Whole.Contains(column.Type);

    public static bool IsNumber(this Column column) =>
        column.IsWhole() || column.Type is "DOUBLE" or "FLOAT"
        || column.Type.StartsWith("DECIMAL", StringComparison.Ordinal);

    public static FaultException NotNumber(Column column, string what) => new(new Fault(
        FaultKind.Invalid, StepCodes.SqlInvalid, $"column '{column.Name}' is {column.Type}; {what} needs numbers.",
        Hint: "Cast it before, with transform.select."));
}
