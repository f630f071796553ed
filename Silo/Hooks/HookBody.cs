using System.Collections.Immutable;
using System.Text.Json;

namespace OrleansEtl.Silo.Hooks;

/// <summary>A body as a value.</summary>
internal static class HookBody
{
    /// <summary>Null: it is no JSON object, has a name twice, or too many levels.</summary>
    public static SpecValue.Map? Read(ReadOnlyMemory<byte> body, int depthMax)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = depthMax, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? (SpecValue.Map)Value(document.RootElement) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: text that is no Unicode
        {
            return null;
        }
    }

    private static SpecValue Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => new SpecValue.Flag(true),
        JsonValueKind.False => new SpecValue.Flag(false),
        JsonValueKind.String => new SpecValue.Text(json.GetString()!),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? new SpecValue.Integer(whole) : Real(json),
        JsonValueKind.Array => new SpecValue.List([.. json.EnumerateArray().Select(Value)]),
        JsonValueKind.Object => new SpecValue.Map([.. json.EnumerateObject().Select(field => new Field(field.Name, Value(field.Value)))]),
        _ => new SpecValue.Null(),
    };

    private static SpecValue.Real Real(JsonElement json) =>
        json.TryGetDouble(out var real) && double.IsFinite(real) ? new SpecValue.Real(real) : throw new JsonException("a number is too large");
}
