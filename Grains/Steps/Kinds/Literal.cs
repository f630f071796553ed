using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>Plain values of a spec as SQL.</summary>
internal static class Literal
{
    public static string Of(SpecValue value) => value switch
    {
        SpecValue.Null => "NULL",
        SpecValue.Flag flag => flag.Value ? "TRUE" : "FALSE",
        SpecValue.Integer whole => Sql.Number(whole.Value),
        SpecValue.Real real => Sql.Number(real.Value),
        SpecValue.Text text => Sql.Text(text.Value),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The value as one of the column's type, so that '2024-01-01' compares as the date that it
    /// means.</summary>
    public static string As(SpecValue value, string type) =>
        value is SpecValue.Null ? "NULL" : $"CAST({Of(value)} AS {type})";
}
