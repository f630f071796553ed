using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace OrleansEtl.Steps;

/// <summary>The small values that a program gives, as one JSON object.</summary>
internal static class ProgramValues
{
    /// <summary>The file below the working folder.</summary>
    public const string FileName = "values.json";

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 32 };

    /// <param name="json">Null: it gave none.</param>
    /// <param name="declared">Those that it has to give; it may give others.</param>
    public static ImmutableArray<Field> Read(
        string? json, ImmutableArray<KeyValuePair<string, ValueType>> declared, int bytesMax)
    {
        var given = json is null ? SpecValue.Map.Empty : Parse(json, bytesMax);
        foreach (var (name, type) in declared)
        {
            if (given[name] is not { } value) throw Wrong($"'{name}' was not given ({StepFaults.Names(given.Fields.Select(f => f.Name))})");
            if (Engine.Plans.Values.Conform(type, value).Fault is { } fault) throw Wrong($"'{name}': {fault.Message.TrimEnd('.')}");
        }

        return given.Fields;
    }

    public static FaultException TooLarge(long bytes, int bytesMax) => Wrong($"they have {bytes} bytes; at most {bytesMax} are kept");

    private static SpecValue.Map Parse(string json, int bytesMax)
    {
        var bytes = Encoding.UTF8.GetByteCount(json);
        if (bytes > bytesMax) throw TooLarge(bytes, bytesMax);
        try
        {
            using var document = JsonDocument.Parse(json, Reading);
            return JsonValues.Of(document.RootElement) as SpecValue.Map ?? throw Wrong("found no JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // half a character
        {
            throw Wrong($"found no valid JSON: {Printable.Of(e.Message)}");
        }
    }

    private static FaultException Wrong(string what) => new(new Fault(
        FaultKind.Invalid, StepCodes.ValuesInvalid, $"values: {what}.", "with.values",
        $"The program writes one JSON object into {FileName}, or prints a last line `ETL_VALUES {{…}}`."));
}
