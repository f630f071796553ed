using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions;

/// <summary>A parameter in its short form (<c>day: 2026-01-31</c>, whose value is the default and tells the type) or its long
/// one.</summary>
internal sealed class ParamReader(Unfolding values, Findings findings, SourceMap map)
{
    private static readonly ImmutableArray<string> Long = ["type", "default", "description", "required"];
    private static readonly ImmutableArray<string> Types = [.. Enum.GetNames<ValueType>().Select(n => n.ToLowerInvariant())];

    public ParamSpec Read(string name, Node node, string path)
    {
        map.AddValue(path, node.Range);
        if (node is not Node.Mapping mapping)
        {
            if (SpecReader.IsNothing(node)) return new ParamSpec(name, ValueType.Any, null, null);
            var value = values.Value(node, SpecPath.Field(path, "default"));
            return new ParamSpec(name, Infer(value), value, null);
        }
        var keys = new Keys(mapping, Long, path, "a parameter", map, findings, Missed);
        var @default = keys["default"] is { } entry ? values.Value(entry.Value, SpecPath.Field(path, "default")) : null;
        var type = Type(keys, path) ?? (@default is null ? ValueType.Any : Infer(@default));
        return new ParamSpec(name, type, Required(keys, @default, path), keys.Text("description", "The day to load"));
    }

    /// <summary>The type that a value has; a text in the form of a day or a timestamp is one.</summary>
    public static ValueType Infer(SpecValue value) => value switch
    {
        SpecValue.Flag => ValueType.Flag,
        SpecValue.Integer => ValueType.Integer,
        SpecValue.Real => ValueType.Number,
        SpecValue.List => ValueType.List,
        SpecValue.Map => ValueType.Map,
        SpecValue.Text when Engine.Plans.Values.Conform(ValueType.Date, value).Succeeded => ValueType.Date,
        SpecValue.Text when Engine.Plans.Values.Conform(ValueType.Timestamp, value).Succeeded => ValueType.Timestamp,
        SpecValue.Text => ValueType.Text,
        _ => ValueType.Any,
    };

    /// <summary>What <c>type</c> says; null when it is not there.</summary>
    internal ValueType? Type(Keys keys, string path)
    {
        if (keys.Text("type", "date") is not { } text) return null;
        var type = Types.IndexOf(text) >= 0 ? Enum.Parse<ValueType>(text, ignoreCase: true) : Other(text);
        if (type is not null) return type;
        findings.Error(YamlCodes.WrongType, $"There is no type {Describe.Quote(text)}.", keys["type"]!.Value.Range,
            SpecPath.Field(path, "type"),
            (Spelling.Nearest(text, Types) is { } nearest ? $"Did you mean `{nearest}`? " : "")
                + $"There are: {string.Join(", ", Types)}.");
        return ValueType.Any;
    }

    // The words of other systems for the same types.
    private static ValueType? Other(string text) => text switch
    {
        "string" or "str" => ValueType.Text,
        "int" or "bigint" => ValueType.Integer,
        "float" or "double" or "decimal" => ValueType.Number,
        "bool" or "boolean" => ValueType.Flag,
        "datetime" => ValueType.Timestamp,
        "array" => ValueType.List,
        "object" => ValueType.Map,
        _ => null,
    };

    private SpecValue? Required(Keys keys, SpecValue? @default, string path)
    {
        if (keys["required"] is not { } entry) return @default;
        if (entry.Value is not Node.Scalar scalar || CoreSchema.Read(scalar) is not SpecValue.Flag required)
        {
            keys.Wrong("required", entry.Value, "true or false", null);
            return @default;
        }
        if (!required.Value) return @default ?? new SpecValue.Null();
        if (@default is not null)
        {
            findings.Error(YamlCodes.WrongShape, "A parameter with a default cannot be required.", entry.Key.Range,
                SpecPath.Field(path, "required"), "Remove `required` or `default`.");
        }
        return @default;
    }

    private static string? Missed(string name) => name is "value" ? "default" : null;
}
