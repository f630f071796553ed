using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>Rows on their way from code into a dataset: lines of JSON in a temporary file, which the engine reads with the given
/// types.</summary>
public sealed class RowFile : IDisposable
{
    private const int FlushBytes = 1 << 16;

    private readonly string _file;
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _waiting = new(FlushBytes);
    private readonly Utf8JsonWriter _json;

    public RowFile(string file, ImmutableArray<Column> columns)
    {
        (_file, Columns) = (file, columns);
        _stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        _json = new Utf8JsonWriter(_waiting, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    public ImmutableArray<Column> Columns { get; }

    public long Rows { get; private set; }

    /// <param name="values">One for each column: texts, numbers, flags, dates and times, ids; null is NULL.</param>
    public void Add(params ReadOnlySpan<object?> values)
    {
        if (values.Length != Columns.Length)
            throw StepFaults.Conflict($"a row has {values.Length} values; there are {Columns.Length} columns.");
        _json.WriteStartObject();
        for (var i = 0; i < values.Length; i++)
        {
            _json.WritePropertyName(Columns[i].Name);
            Write(values[i]);
        }
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _waiting.Write("\n"u8);
        if (_waiting.WrittenCount >= FlushBytes) Flush();
        Rows++;
    }

    public void Dispose()
    {
        Flush();
        _json.Dispose();
        _stream.Dispose();
    }

    private void Flush()
    {
        if (_waiting.WrittenCount == 0) return;
        _stream.Write(_waiting.WrittenSpan);
        _waiting.ResetWrittenCount();
    }

    /// <summary>The rows that were added, once it is closed.</summary>
    public string Select()
    {
        var types = string.Join(", ", Columns.Select(column => $"{Sql.Text(column.Name)}: {Sql.Text(column.Type)}"));
        return $"SELECT {Sql.Names(Columns.Select(column => column.Name))} FROM read_json({Sql.Text(_file)}, "
            + $"format='newline_delimited', columns={{{types}}})";
    }

    private void Write(object? value)
    {
        switch (value)
        {
            case null: _json.WriteNullValue(); break;
            case bool flag: _json.WriteBooleanValue(flag); break;
            case sbyte or byte or short or ushort or int or uint or long: _json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case double real when double.IsFinite(real): _json.WriteNumberValue(real); break;
            case DateTime moment: _json.WriteStringValue(moment.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)); break;
            case DateTimeOffset moment: _json.WriteStringValue(moment.ToString("yyyy-MM-dd HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture)); break;
            case DateOnly day: _json.WriteStringValue(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
            case IFormattable other: _json.WriteStringValue(other.ToString(null, CultureInfo.InvariantCulture)); break; // to the last digit
            default: _json.WriteStringValue(value.ToString()); break;
        }
    }
}
