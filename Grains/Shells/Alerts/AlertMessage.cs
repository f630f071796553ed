using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansEtl.Channels;
using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Shells.Alerts;

/// <summary>An alert in words. The JSON of version 1 is described on the page of ETL6752; its fields are added to and never renamed.</summary>
public static class AlertMessage
{
    private const int Version = 1;
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ChannelMessage Of(string pipeline, Alert alert)
    {
        var text = Sentence(pipeline, alert);
        var body = Json(alert.IsResolved ? "resolved" : "firing", text, alert.Key, json =>
        {
            json.WriteString("alert", $"{pipeline}/{alert.Number}");
            json.WriteString("on", EnumWords.Word(alert.On));
            json.WriteString("pipeline", pipeline);
            json.WriteString("at", alert.At);
            json.WriteString("since", alert.Since);
            json.WriteNumber("count", alert.Count);
            Cause(json, alert.Cause);
        });
        return new ChannelMessage(alert.Key, Subject(pipeline, alert), Text(pipeline, alert, text), body);
    }

    /// <summary>A message of which nothing follows.</summary>
    public static ChannelMessage Test(string channel, string? by, string key)
    {
        var text = $"A test of the channel {channel}{(by is null ? "" : $", sent by {by}")}. Nothing has happened.";
        return new ChannelMessage(key, $"[etl] test of {channel}", text + "\n", Json("test", text, key, json => json.WriteString("channel", channel)));
    }

    private static string Sentence(string pipeline, Alert alert) => OneLine(alert.IsResolved || alert.Count <= 1 ? $"{pipeline} {alert.Cause.Text}"
        : $"{pipeline} {alert.Cause.Text} ({alert.Count} times since {Moment(alert.Since)})");

    /// <summary>What strangers wrote, as one line that steers nothing.</summary>
    private static string OneLine(string text) => Printable.Of(text.ReplaceLineEndings(" "));

    private static string Subject(string pipeline, Alert alert) =>
        $"[etl] {pipeline} {(alert.IsResolved ? $"{Words(alert.On)}: resolved" : Words(alert.On))}{(alert.Cause.Fault is { } fault ? $": {fault.Code}" : "")}";

    private static string Words(AlertOn on) => EnumWords.Word(on).Replace('_', ' ');

    private static void Cause(Utf8JsonWriter json, AlertCause cause)
    {
        if (cause.Run is { } run)
        {
            json.WriteStartObject("run");
            json.WriteString("id", run.Value);
            Moment(json, "started_at", cause.StartedAt);
            Moment(json, "ended_at", cause.EndedAt);
            Moment(json, "interval_start", cause.Occasion?.IntervalStart);
            Moment(json, "interval_end", cause.Occasion?.IntervalEnd);
            Text(json, "schedule", cause.Occasion?.Schedule);
            if (cause.RegisteredVersion is { } version) json.WriteNumber("registered_version", version);
            json.WriteString("show", Show(run));
            json.WriteEndObject();
        }
        if (cause.Step is { } step)
        {
            json.WriteStartObject("step");
            json.WriteString("id", step.Value);
            Text(json, "kind", cause.StepKind);
            json.WriteEndObject();
        }
        if (cause.Fault is { } fault)
        {
            json.WriteStartObject("fault");
            json.WriteString("code", fault.Code);
            json.WriteString("kind", fault.Kind.Word());
            json.WriteString("message", fault.Message);
            Text(json, "path", fault.Path);
            Text(json, "hint", fault.Hint);
            json.WriteString("explain", Explain(fault));
            json.WriteEndObject();
        }
        Text(json, "waits", cause.Waits);
    }

    private static string Text(string pipeline, Alert alert, string sentence)
    {
        var text = new StringBuilder(sentence).Append("\n\n");
        Line("pipeline", pipeline);
        Line("since", Moment(alert.Since));
        if (alert.Cause.Run is { } run)
        {
            Line("run", run.Value);
            Line("started", alert.Cause.StartedAt is { } started ? Moment(started) : null);
            Line("for", alert.Cause.Occasion is { } occasion ? $"{Moment(occasion.IntervalStart)} to {Moment(occasion.IntervalEnd)}" : null);
            Line("step", alert.Cause.Step is { } step ? $"{step} ({alert.Cause.StepKind})" : null);
            Line("waits", alert.Cause.Waits);
        }
        if (alert.Cause.Fault is { } fault)
        {
            Line("fault", $"{fault.Code} {fault.Message}");
            Line("place", fault.Path);
            Line("remedy", fault.Hint);
            Line("page", Explain(fault));
        }
        Line("look", alert.Cause.Run is { } looked ? Show(looked) : $"etl runs list --pipeline {pipeline}");
        Line("silence", alert.IsResolved ? null : $"etl alerts silence {pipeline} --for 2h --reason \"…\"");
        Line("alert", $"{pipeline}/{alert.Number}");
        return text.ToString();

        void Line(string name, string? value)
        {
            if (value is not null) text.Append($"{name + ':',-10}").Append(OneLine(value)).Append('\n');
        }
    }

    private static byte[] Json(string status, string text, string key, Action<Utf8JsonWriter> rest)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("key", key);
            json.WriteString("status", status);
            json.WriteString("text", text);
            rest(json);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static string Show(RunId run) => $"etl runs show {run}";

    private static string Explain(Fault fault) => $"etl explain {fault.Code}";

    private static void Text(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null) json.WriteString(name, text);
    }

    private static void Moment(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } given) json.WriteString(name, given);
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
