using System.Collections.Immutable;

namespace OrleansEtl.Steps;

/// <summary>The texts below a step's <c>with</c>, each with what its field says that it is.</summary>
internal static class FieldTexts
{
    public static IEnumerable<(string Path, string Text, FieldType Type)> In(
        ImmutableArray<FieldSpec> fields, SpecValue.Map map, string path) =>
        from field in fields
        from name in field.Aliases.Prepend(field.Name)
        let value = map[name]
        where value is not null
        from found in In(field.Type, value, SpecPath.Field(path, name))
        select found;

    private static IEnumerable<(string Path, string Text, FieldType Type)> In(FieldType type, SpecValue value, string path) =>
        (type, value) switch
        {
            (FieldType.Record record, SpecValue.Map map) => In(record.Fields, map, path),
            (FieldType.Map of, SpecValue.Map map) =>
            map.Fields.SelectMany(field => In(of.Of, field.Value, SpecPath.Field(path, field.Name))),
            (FieldType.List of, SpecValue.List list) =>
            list.Items.SelectMany((item, i) => In(of.Of, item, SpecPath.Item(path, i))),
            (FieldType.OneOf one, _) => one.Types.SelectMany(choice => In(choice, value, path)),
            (_, SpecValue.Text text) => [(path, text.Value, type)],
            _ => [],
        };
}
