using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>The cases and fields of a type as the store has them, and of all that stands within, and which of them were seen in what is stored.</summary>
internal sealed class StoredFields
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<Type> _walked = [];
    private readonly JsonTypeInfo _root;

    public StoredFields(Type root) => Walk(_root = Shape(root));

    /// <summary>As <c>stage_lost</c> or <c>StageLost.died</c>.</summary>
    public IEnumerable<string> Unseen => _known.Except(_seen).Order(StringComparer.Ordinal);

    public void See(string json)
    {
        using var stored = JsonDocument.Parse(json);
        See(_root, stored.RootElement);
    }

    private void Walk(JsonTypeInfo type)
    {
        if (!_walked.Add(type.Type)) return;
        if (type.ElementType is { } element) Walk(Shape(element));
        foreach (var @case in Cases(type))
        {
            _known.Add((string)@case.TypeDiscriminator!);
            Walk(Shape(@case.DerivedType));
        }
        if (type.PolymorphismOptions is not null) return;
        foreach (var field in Fields(type))
        {
            _known.Add(Name(type, field));
            Walk(Shape(field.PropertyType));
        }
    }

    private void See(JsonTypeInfo type, JsonElement stored)
    {
        if (stored.ValueKind == JsonValueKind.Array && type.ElementType is { } element)
            foreach (var item in stored.EnumerateArray()) See(Shape(element), item);
        if (stored.ValueKind != JsonValueKind.Object) return;
        if (type.PolymorphismOptions is not null)
        {
            var name = stored.GetProperty("type").GetString()!;
            _seen.Add(name);
            type = Shape(Cases(type).Single(@case => name.Equals(@case.TypeDiscriminator)).DerivedType);
        }
        foreach (var field in Fields(type))
            if (stored.TryGetProperty(field.Name, out var value))
            {
                _seen.Add(Name(type, field));
                See(Shape(field.PropertyType), value);
            }
    }

    private static JsonTypeInfo Shape(Type type) => EventCodec.Shape(Nullable.GetUnderlyingType(type) ?? type);

    private static IEnumerable<JsonDerivedType> Cases(JsonTypeInfo type) => type.PolymorphismOptions?.DerivedTypes ?? Enumerable.Empty<JsonDerivedType>();

    private static IEnumerable<JsonPropertyInfo> Fields(JsonTypeInfo type) => type.Kind == JsonTypeInfoKind.Object ? type.Properties : [];

    private static string Name(JsonTypeInfo type, JsonPropertyInfo field) => $"{type.Type.Name}.{field.Name}";
}
