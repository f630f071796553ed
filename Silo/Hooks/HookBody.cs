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
            return document.RootElement.ValueKind == JsonValueKind.Object ? (SpecValue.Map)JsonValues.Of(document.RootElement) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: text that is no Unicode
        {
            return null;
        }
    }
}
