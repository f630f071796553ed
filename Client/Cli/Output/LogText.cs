using System.Globalization;
using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>What steps said, a line each, written as it is read. On a terminal for people, in a pipe with tabs, or one JSON object a
/// line. Field names and columns are a promise: added to, never renamed.</summary>
internal sealed class LogText(Terminal terminal, bool isJson)
{
    private bool _hasHead;

    public void Print(LogLine line)
    {
        if (isJson) terminal.Data.WriteLine(JsonText.Line(json => Write(json, line)));
        else if (terminal.DataIsTerminal) terminal.Data.WriteLine(ForPeople(line));
        else PrintTabs(line);
    }

    private static void Write(Utf8JsonWriter json, LogLine line)
    {
        json.WriteStartObject();
        json.WriteString("at", line.At);
        json.WriteString("level", Word(line.Level));
        JsonText.Texts(json, "steps", line.Steps.Select(step => step.Value));
        json.WriteNumber("attempt", line.Attempt.Number);
        json.WriteString("message", line.Message);
        json.WriteStartObject("fields");
        foreach (var field in line.Fields)
        {
            json.WritePropertyName(field.Name);
            json.WriteRawValue(field.Value.ToJson());
        }
        json.WriteEndObject();
        json.WriteString("correlation", line.Correlation);
        json.WriteEndObject();
    }

    private string ForPeople(LogLine line)
    {
        string[] parts =
        [
            terminal.Paint(line.At.UtcDateTime.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), Ink.Faint),
            terminal.Paint(Word(line.Level).PadRight("debug".Length), InkOf(line.Level)),
            Steps(line),
            line.Attempt.Number > 1 ? $"attempt {line.Attempt}" : "",
            Words.OnOneLine(line.Message),
            line.Fields.IsEmpty ? "" : terminal.Paint(Words.OnOneLine(Fields(line)), Ink.Faint),
        ];
        return string.Join("  ", parts.Where(part => part.Length > 0));
    }

    private void PrintTabs(LogLine line)
    {
        if (!_hasHead) terminal.Data.WriteLine("TIME\tLEVEL\tSTEP\tATTEMPT\tMESSAGE\tFIELDS");
        _hasHead = true;
        string[] cells =
        [
            line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), Word(line.Level),
            Steps(line), line.Attempt.ToString(), line.Message, Fields(line),
        ];
        terminal.Data.WriteLine(string.Join('\t', cells.Select(Words.OnOneLine)));
    }

    private static string Steps(LogLine line) => string.Join(", ", line.Steps);

    private static string Fields(LogLine line) => string.Join(' ', line.Fields.Select(field => $"{field.Name}={field.Value.ToPlainText()}"));

    private static string Word(LineLevel level) => level.ToString().ToLowerInvariant();

    private static Ink InkOf(LineLevel level) => level switch
    {
        LineLevel.Error => Ink.Red,
        LineLevel.Warn => Ink.Yellow,
        LineLevel.Debug => Ink.Faint,
        _ => Ink.None,
    };
}
