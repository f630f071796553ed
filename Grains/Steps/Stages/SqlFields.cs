using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>Checks all SQL that users wrote in a step's fields before any of it is put into a query.</summary>
internal static class SqlFields
{
    public static void Check(DuckSession session, KindSpec kind, SpecValue.Map with, ImmutableArray<StepInput> inputs)
    {
        var names = inputs.Select(input => input.Name).ToList();
        if (names.Count == 1) names.Add("input");
        foreach (var (path, text, isQuery) in In(kind.Fields, with, "with"))
            _ = (isQuery ? SqlCheck.Select(session, text, names, path) : SqlCheck.Expression(session, text, [], path))
                .OrThrow();
    }

    private static IEnumerable<(string Path, string Text, bool IsQuery)> In(
        ImmutableArray<FieldSpec> fields, SpecValue.Map map, string path) =>
        from field in fields
        from name in field.Aliases.Prepend(field.Name)
        let value = map[name]
        where value is not null
        from found in In(field.Type, value, SpecPath.Field(path, name))
        select found;

    private static IEnumerable<(string Path, string Text, bool IsQuery)> In(
        FieldType type, SpecValue value, string path) =>
        (type, value) switch
        {
            (FieldType.Expression, SpecValue.Text text) => [(path, text.Value, false)],
            (FieldType.Query { Dialect: SqlDialect.DuckDb }, SpecValue.Text text) => [(path, text.Value, true)],
            (FieldType.Record record, SpecValue.Map map) => In(record.Fields, map, path),
            (FieldType.Map of, SpecValue.Map map) =>
            map.Fields.SelectMany(field => In(of.Of, field.Value, SpecPath.Field(path, field.Name))),
            (FieldType.List of, SpecValue.List list) =>
            list.Items.SelectMany((item, i) => In(of.Of, item, SpecPath.Item(path, i))),
            (FieldType.OneOf one, _) => one.Types.SelectMany(choice => In(choice, value, path)),
            _ => [],
        };
}
