using System.Text.Json;

namespace OrleansEtl;

/// <summary>JSON as plain values. Of fields with one name the last counts.</summary>
public static class JsonValues
{
    /// <exception cref="JsonException">It is none.</exception>
    public static SpecValue Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        try
        {
            return Of(document.RootElement);
        }
        catch (InvalidOperationException half) // a character of two parts, of which one is missing
        {
            throw new JsonException(half.Message, half);
        }
    }

    /// <exception cref="JsonException">A number is too large.</exception>
    public static SpecValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => new SpecValue.Flag(json.GetBoolean()),
        JsonValueKind.Number => !json.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') && json.TryGetInt64(out var whole)
            ? new SpecValue.Integer(whole) : Real(json),
        JsonValueKind.String => new SpecValue.Text(json.GetString()!),
        JsonValueKind.Array => new SpecValue.List([.. json.EnumerateArray().Select(Of)]),
        JsonValueKind.Object => new SpecValue.Map(
            [.. json.EnumerateObject().GroupBy(field => field.Name).Select(same => new Field(same.Key, Of(same.Last().Value)))]),
        _ => new SpecValue.Null(),
    };

    private static SpecValue.Real Real(JsonElement json) => json.TryGetDouble(out var real) && double.IsFinite(real) ? new SpecValue.Real(real)
        : throw new JsonException($"the number {Excerpt.Of(json.GetRawText(), 40)} is too large");
}
