using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansEtl.Data.Duck;

/// <summary>Values of a row as JSON and as text, in one spelling for previews, reports and tests.</summary>
public static class DuckJson
{
    private static readonly JsonWriterOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Numbers as numbers where JSON's readers can hold every digit (doubles), everything else as
    /// text.</summary>
    public static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case sbyte or short or int or byte or ushort or uint:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case long number when number is >= -MaxExact and <= MaxExact: json.WriteNumberValue(number); break;
            case ulong number when number <= MaxExact: json.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case decimal number when IsExactDouble(number): json.WriteNumberValue(number); break;
            case object?[] items:
                json.WriteStartArray();
                foreach (var item in items) Write(json, item);
                json.WriteEndArray();
                break;
            case DuckStruct fields:
                json.WriteStartObject();
                foreach (var (name, field) in fields.Fields)
                {
                    json.WritePropertyName(name);
                    Write(json, field);
                }

                json.WriteEndObject();
                break;
            case DuckMap map:
                json.WriteStartObject();
                foreach (var (key, item) in map.Pairs)
                {
                    json.WritePropertyName(Text(key) ?? "null");
                    Write(json, item);
                }

                json.WriteEndObject();
                break;
            default: json.WriteStringValue(Text(value)); break;
        }
    }

    /// <summary>One value as text; nested values as JSON; null for null.</summary>
    public static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        bool truth => truth ? "true" : "false",
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => DuckText.Time(time.Ticks / 10),
        DateTime time => DuckText.Timestamp((time.Ticks - DateTime.UnixEpoch.Ticks) / 10),
        DateTimeOffset time => DuckText.Timestamp((time.UtcTicks - DateTime.UnixEpoch.Ticks) / 10) + "+00",
        byte[] bytes => Convert.ToHexString(bytes),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        object?[] or DuckStruct or DuckMap => Nested(value),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static bool IsExactDouble(decimal number) =>
        Math.Abs(number) <= MaxExact && (decimal)(double)number == number;

    private const long MaxExact = 1L << 53;

    private static string Nested(object value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable)) Write(json, value);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
