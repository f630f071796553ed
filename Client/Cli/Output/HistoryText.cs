using System.Globalization;
using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>What happened to a run, a line each, written as it is read. On a terminal for people, in a pipe with tabs, or one JSON object a
/// line. Field names and columns are a promise: added to, never renamed.</summary>
internal sealed class HistoryText(Terminal terminal, bool isJson)
{
    private bool _hasHead;

    public void Print(HistoryEntry entry, TimeSpan? took)
    {
        if (isJson) terminal.Data.WriteLine(JsonText.Line(json => Write(json, entry, took)));
        else if (terminal.DataIsTerminal) terminal.Data.WriteLine(ForPeople(entry, took));
        else PrintTabs(entry, took);
    }

    /// <summary>Earlier events were folded into a snapshot: said where they would stand.</summary>
    public void PrintMissing(long count)
    {
        if (!isJson)
        {
            terminal.Talk.WriteLine($"{Words.Count(count)} earlier events are no longer kept; a snapshot holds what came of them");
            return;
        }
        terminal.Data.WriteLine(JsonText.Line(json =>
        {
            json.WriteStartObject();
            json.WriteNull("number");
            json.WriteString("event", "events_not_kept");
            json.WriteNumber("count", count);
            json.WriteEndObject();
        }));
    }

    private static void Write(Utf8JsonWriter json, HistoryEntry entry, TimeSpan? took)
    {
        json.WriteStartObject();
        json.WriteNumber("number", entry.Number);
        json.WriteString("at", entry.At);
        json.WriteString("event", entry.What);
        JsonText.Texts(json, "steps", entry.Steps.Select(step => step.Value));
        JsonText.Number(json, "attempt", entry.Attempt?.Number);
        json.WriteString("status", entry.Status?.Word());
        json.WriteString("reason", entry.Reason);
        JsonText.Moment(json, "retry_at", entry.RetryAt);
        JsonText.Seconds(json, "duration_seconds", took);
        if (entry.Fault is not { } fault) json.WriteNull("error");
        else
        {
            json.WriteStartObject("error");
            json.WriteString("code", fault.Code);
            json.WriteString("message", fault.Message);
            json.WriteString("step", entry.FaultStep?.Value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private string ForPeople(HistoryEntry entry, TimeSpan? took)
    {
        var fault = entry.Fault is { } known ? $"{known.Code} {known.Message}" : "";
        string[] parts =
        [
            terminal.Paint(Words.Moment(entry.At), Ink.Faint),
            Steps(entry),
            terminal.Paint(Event(entry), InkOf(entry)),
            entry.Attempt is { Number: > 1 } attempt ? $"attempt {attempt}" : "",
            took is null ? "" : Words.Duration(took),
            entry.RetryAt is { } at ? $"again at {at.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture)}" : "",
            Words.OnOneLine(fault), Words.OnOneLine(entry.Reason ?? ""),
        ];
        return string.Join("  ", parts.Where(part => part.Length > 0));
    }

    private void PrintTabs(HistoryEntry entry, TimeSpan? took)
    {
        if (!_hasHead) terminal.Data.WriteLine("NUMBER\tTIME\tEVENT\tSTEP\tATTEMPT\tSECONDS\tRETRY AT\tERROR\tWHY");
        _hasHead = true;
        string[] cells =
        [
            entry.Number.ToString(CultureInfo.InvariantCulture), Exact(entry.At), entry.What, Steps(entry), entry.Attempt?.ToString() ?? "",
            Cell.Duration(took).Plain!, entry.RetryAt is { } at ? Exact(at) : "",
            entry.Fault is { } fault ? $"{fault.Code} {fault.Message}" : "", entry.Status?.Word() ?? entry.Reason ?? "",
        ];
        terminal.Data.WriteLine(string.Join('\t', cells.Select(cell => cell.ReplaceLineEndings(" ").Replace('\t', ' '))));
    }

    private static string Steps(HistoryEntry entry) => string.Join(", ", entry.Steps);

    private static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The step stands before it, so <c>step_succeeded</c> is only <c>succeeded</c>.</summary>
    private static string Event(HistoryEntry entry) => (entry.Steps.IsEmpty, entry.Status) switch
    {
        (true, { } status) => $"run {status.Word()}",
        (true, null) => entry.What.Replace('_', ' '),
        _ => entry.What["step_".Length..].Replace('_', ' '),
    };

    private static Ink InkOf(HistoryEntry entry) => (entry.What, entry.Status) switch
    {
        (_, { } status) => StatusSign.Of(status).Ink,
        ("step_succeeded" or "step_reused", _) => Ink.Green,
        ("step_failed" or "run_timed_out", _) => Ink.Red,
        ("step_retry_scheduled" or "step_lost" or "step_cancelled" or "cancel_requested", _) => Ink.Yellow,
        _ => Ink.None,
    };
}
