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
            return JsonValues.Of(text) is SpecValue.Map { Fields: var fields } ? fields : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
