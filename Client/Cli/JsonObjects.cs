using System.Collections.Immutable;
using System.Text.Json;

namespace OrleansEtl.Cli;

/// <summary>JSON objects on the command line.</summary>
internal static class JsonObjects
{
    /// <summary>The fields of a JSON object; null when it is none.</summary>
    public static ImmutableArray<Field>? Read(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object ? ((SpecValue.Map)Value(json.RootElement)).Fields : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SpecValue Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new SpecValue.Map([.. json.EnumerateObject().Select(field => new Field(field.Name, Value(field.Value)))]),
        JsonValueKind.Array => new SpecValue.List([.. json.EnumerateArray().Select(Value)]),
        JsonValueKind.String => new SpecValue.Text(json.GetString()!),
        JsonValueKind.True => new SpecValue.Flag(true),
        JsonValueKind.False => new SpecValue.Flag(false),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? new SpecValue.Integer(whole) : new SpecValue.Real(json.GetDouble()),
        _ => new SpecValue.Null(),
    };
}
