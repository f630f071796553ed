using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansEtl.Data.Logs;

/// <summary>A line of a log as it stands in its file: one JSON object, whose names are a promise to those who collect logs. Each line
/// tells by itself where it belongs.</summary>
internal static class LineJson
{
    private const string Moment = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="charactersMax">Of the message, and of the names and values of all fields.</param>
    public static void Write(ArrayBufferWriter<byte> to, RunId run, LogLine line, int charactersMax)
    {
        using (var json = new Utf8JsonWriter(to, Options))
        {
            json.WriteStartObject();
            json.WriteString("at", line.At.UtcDateTime.ToString(Moment, CultureInfo.InvariantCulture));
            json.WriteString("level", Word(line.Level));
            json.WriteString("run", run.Value);
            json.WriteStartArray("steps");
            foreach (var step in line.Steps) json.WriteStringValue(step.Value);
            json.WriteEndArray();
            json.WriteNumber("attempt", line.Attempt.Number);
            json.WriteString("message", Shown(line.Message, charactersMax));
            if (!line.Fields.IsEmpty) Write(json, line.Fields, charactersMax);
            if (line.Correlation is not null) json.WriteString("correlation", Shown(line.Correlation, charactersMax));
            json.WriteEndObject();
        }
        to.Write("\n"u8);
    }

    /// <summary>Null: it is none.</summary>
    public static LogLine? Read(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            using var document = JsonDocument.ParseValue(ref reader);
            var line = document.RootElement;
            return new LogLine(
                DateTimeOffset.ParseExact(
                    line.GetProperty("at").GetString()!, Moment, CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
                Level(line.GetProperty("level").GetString()),
                [.. line.GetProperty("steps").EnumerateArray().Select(step => new StepId(step.GetString()!))],
                new Attempt(line.GetProperty("attempt").GetInt32()),
                line.GetProperty("message").GetString()!,
                line.TryGetProperty("fields", out var fields) ? [.. fields.EnumerateObject().Select(Field)] : [],
                line.TryGetProperty("correlation", out var correlation) ? correlation.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    public static string Word(LineLevel level) => level.ToString().ToLowerInvariant();

    private static LineLevel Level(string? word) => word switch
    {
        "debug" => LineLevel.Debug,
        "warn" => LineLevel.Warn,
        "error" => LineLevel.Error,
        _ => LineLevel.Info,
    };

    private static void Write(Utf8JsonWriter json, ImmutableArray<Field> fields, int charactersMax)
    {
        json.WriteStartObject("fields");
        foreach (var (name, value) in fields)
        {
            var (shown, text) = (Shown(name, charactersMax), value as SpecValue.Text);
            charactersMax -= shown.Length;
            var said = Shown(text?.Value ?? value.ToJson(), charactersMax);
            charactersMax -= said.Length;
            if (charactersMax <= 0) break;
            json.WritePropertyName(shown);
            if (value is SpecValue.Text or SpecValue.List or SpecValue.Map) json.WriteStringValue(said);
            else json.WriteRawValue(said, skipInputValidation: true);
        }
        json.WriteEndObject();
    }

    private static Field Field(JsonProperty property) => new(property.Name, property.Value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => new SpecValue.Flag(property.Value.GetBoolean()),
        JsonValueKind.Number => property.Value.TryGetInt64(out var whole) ? new SpecValue.Integer(whole) : new SpecValue.Real(property.Value.GetDouble()),
        JsonValueKind.Null => new SpecValue.Null(),
        JsonValueKind.String => new SpecValue.Text(property.Value.GetString()!),
        _ => new SpecValue.Text(property.Value.GetRawText()),
    });

    /// <summary>Cut before, for it may be long, and after, for signs are longer than what they stand for.</summary>
    private static string Shown(string text, int charactersMax) =>
        Excerpt.Of(Printable.Of(Excerpt.Of(text, Math.Max(0, charactersMax))), Math.Max(0, charactersMax));
}
