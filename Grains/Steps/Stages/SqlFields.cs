using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>Checks all SQL that users wrote in a step's fields before any of it is put into a query.</summary>
internal static class SqlFields
{
    public static void Check(DuckSession session, KindSpec kind, SpecValue.Map with, ImmutableArray<StepInput> inputs)
    {
        foreach (var sql in Checked(session, kind, with, [.. inputs.Select(input => input.Name)])) _ = sql.OrThrow();
    }

    /// <summary>Whether some of it may give something else when it is asked again, or is not valid.</summary>
    public static bool Varies(DuckSession session, KindSpec kind, SpecValue.Map with, ImmutableArray<string> inputs) =>
        Checked(session, kind, with, inputs).Any(sql => sql.Varies || !sql.Faults.IsEmpty);

    private static IEnumerable<CheckedSql> Checked(
        DuckSession session, KindSpec kind, SpecValue.Map with, ImmutableArray<string> inputs)
    {
        var names = inputs.Length == 1 ? inputs.Add("input") : inputs;
        foreach (var (path, text, type) in FieldTexts.In(kind.Fields, with, "with"))
            if (type is FieldType.Query { Dialect: SqlDialect.DuckDb }) yield return SqlCheck.Select(session, text, names, path);
            else if (type is FieldType.Expression) yield return SqlCheck.Expression(session, text, [], path);
    }
}
