using System.Globalization;

namespace OrleansEtl.Engine.Expressions;

/// <summary>Values and types in the words of messages.</summary>
public static class Describe
{
    private const int TextMax = 40;

    public static string Value(SpecValue value) => value switch
    {
        SpecValue.Null => "null",
        SpecValue.Flag f => f.Value ? "the flag true" : "the flag false",
        SpecValue.Integer or SpecValue.Real => "the number " + value.ToJson(),
        SpecValue.Text t => "the text " + Quote(t.Value),
        SpecValue.List l => l.Items.Length == 0 ? "an empty list" : $"a list of {l.Items.Length}",
        SpecValue.Map m => m.Fields.Length == 0 ? "an empty mapping" : $"a mapping with {Quote(m.Fields[0].Name)}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Quote(string text) =>
        new SpecValue.Text(text.Length <= TextMax ? text : text[..(TextMax - 1)] + "…").ToJson();

    public static string Type(ValueType type) => type switch
    {
        ValueType.Text => "a text",
        ValueType.Integer => "a whole number",
        ValueType.Number => "a number",
        ValueType.Flag => "true or false",
        ValueType.Date => "a day such as 2026-01-31",
        ValueType.Timestamp => "a timestamp such as 2026-01-31T09:00:00Z",
        ValueType.List => "a list",
        ValueType.Map => "a mapping",
        ValueType.Any => "any value",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Type(FieldType type) => type switch
    {
        FieldType.Text => "a text",
        FieldType.Choice c => c.Values.Length == 1 ? c.Values[0] : $"one of {string.Join(", ", c.Values)}",
        FieldType.Integer i => "a whole number" + Range(i.Min == long.MinValue ? null : i.Min, i.Max == long.MaxValue ? null : i.Max),
        FieldType.Number n => "a number" + Range(double.IsFinite(n.Min) ? n.Min : null, double.IsFinite(n.Max) ? n.Max : null),
        FieldType.Flag => "true or false",
        FieldType.Duration => "a duration such as 30s, 5m, 2h or 1d",
        FieldType.Size s => "a size such as 64MiB" + Range(s.Min == 0 ? null : s.Min, s.Max == long.MaxValue ? null : s.Max),
        FieldType.Column => "the name of a column",
        FieldType.Expression => "a SQL expression",
        FieldType.Query => "a SELECT",
        FieldType.ColumnType => "a SQL type such as integer or decimal(18,4)",
        FieldType.ReadPath => "the path of a file, or of files with * and **",
        FieldType.WritePath => "the path of a file to be written",
        FieldType.Input => "a step that this one depends on",
        FieldType.Scalar => "a text, a number, true, false or null",
        FieldType.List l => l.LengthMin > 0 ? $"a list of at least {l.LengthMin}" : "a list",
        FieldType.Map => "a mapping",
        FieldType.Record r => "a mapping with " + string.Join(", ", r.Fields.Select(f => f.Name)),
        FieldType.OneOf o => string.Join(", or ", o.Types.Select(Type)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Range(double? min, double? max) => (min, max) switch
    {
        (null, null) => "",
        ({ } a, null) => string.Create(CultureInfo.InvariantCulture, $" of at least {a}"),
        (null, { } b) => string.Create(CultureInfo.InvariantCulture, $" of at most {b}"),
        ({ } a, { } b) => string.Create(CultureInfo.InvariantCulture, $" from {a} to {b}"),
    };
}
