using System.Collections.Immutable;
using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>Alerts and silences as tables and as JSON. Field names are a promise: added to, never renamed.</summary>
internal static class AlertText
{
    public static Table Table(ImmutableArray<AlertView> alerts)
    {
        var table = new Table("ALERT", "ON", "AT", "COUNT", "MORE", "RUN", "FAULT", "SENT", "STATUS");
        foreach (var alert in alerts)
            table.Row(
                alert.Id, On(alert), Words.Moment(alert.At), Cell.Count(alert.Count), Cell.Count(alert.More), alert.Run?.Value, alert.Fault?.Code,
                $"{alert.Deliveries.Count(one => one.Status == DeliveryStatus.Sent)}/{alert.Deliveries.Length}", Status(alert));
        return table;
    }

    public static void Print(Terminal terminal, AlertView alert)
    {
        terminal.Talk.WriteLine(Words.OnOneLine($"{alert.Id}  {Words.Moment(alert.At)}  {alert.Text}"));
        if (alert.Fault?.Hint is { } hint) terminal.Talk.WriteLine(Words.OnOneLine($"   = help: {hint}"));
        if (alert.Count > 1) terminal.Talk.WriteLine($"{Words.Count(alert.Count)} times since {Words.Moment(alert.Since)}");
        if (alert.More > 0) terminal.Talk.WriteLine($"{Words.Count(alert.More)} times more since then, without a message");
        if (alert.Silenced is { } silence)
            terminal.Talk.WriteLine(Words.OnOneLine($"silenced by {silence.By ?? "somebody"} until {Words.Moment(silence.Until)}: {silence.Reason}"));
        terminal.Talk.WriteLine($"key {alert.Key}");
        var table = new Table("CHANNEL", "STATUS", "TRIES", "NEXT", "FAULT");
        foreach (var one in alert.Deliveries)
            table.Row(
                one.Channel, Word(one.Status), Cell.Count(one.Tries), one.NextAt is { } next ? Words.Moment(next) : "",
                one.Fault is { } fault ? $"{fault.Code} {fault.Message}" : "");
        table.Print(terminal);
        if (alert.Run is { } run) terminal.Talk.WriteLine($"look at the run: etl runs show {run}");
    }

    public static void Print(Terminal terminal, AlertSilences silences)
    {
        var table = new Table("SILENCE", "PIPELINE", "UNTIL", "BY", "REASON");
        foreach (var one in silences.Active) table.Row(one.Id, one.Pipeline ?? "(all)", Words.Moment(one.Until), one.By, one.Reason);
        table.Print(terminal);
        foreach (var act in silences.Acts) terminal.Talk.WriteLine(Words.OnOneLine($"{Words.Moment(act.At)} {act.By ?? "somebody"}: {act.What}"));
    }

    public static void Json(Utf8JsonWriter json, AlertView alert)
    {
        json.WriteStartObject();
        json.WriteString("id", alert.Id);
        json.WriteString("key", alert.Key);
        json.WriteString("pipeline", alert.Pipeline);
        json.WriteString("on", EnumWords.Word(alert.On));
        json.WriteBoolean("is_resolved", alert.IsResolved);
        json.WriteString("at", alert.At);
        json.WriteString("since", alert.Since);
        json.WriteNumber("count", alert.Count);
        json.WriteNumber("more", alert.More);
        json.WriteString("text", alert.Text);
        json.WriteString("run_id", alert.Run?.Value);
        json.WriteString("step", alert.Step?.Value);
        JsonText.FaultOrNull(json, "fault", alert.Fault);
        json.WriteString("waits", alert.Waits);
        JsonText.OrNull(json, "silenced", alert.Silenced, Fields);
        JsonText.Objects(json, "deliveries", alert.Deliveries, (json, one) =>
        {
            json.WriteString("channel", one.Channel);
            json.WriteString("status", Word(one.Status));
            json.WriteNumber("tries", one.Tries);
            JsonText.Moment(json, "next_at", one.NextAt);
            JsonText.Moment(json, "sent_at", one.SentAt);
            JsonText.FaultOrNull(json, "fault", one.Fault);
        });
        json.WriteEndObject();
    }

    public static void Json(Utf8JsonWriter json, AlertSilences silences)
    {
        json.WriteStartObject();
        JsonText.Objects(json, "silences", silences.Active, Fields);
        JsonText.Objects(json, "acts", silences.Acts, (json, act) => JsonText.Act(json, act.At, act.By, act.What));
        json.WriteEndObject();
    }

    private static void Fields(Utf8JsonWriter json, AlertSilence silence)
    {
        json.WriteString("id", silence.Id);
        json.WriteString("pipeline", silence.Pipeline);
        json.WriteString("since", silence.Since);
        json.WriteString("until", silence.Until);
        json.WriteString("reason", silence.Reason);
        json.WriteString("by", silence.By);
    }

    private static Cell Status(AlertView alert) =>
        alert is { Silenced: not null, Deliveries: [] } ? new Cell("silenced", Ink.Faint)
        : alert.Deliveries.Any(one => one.Status == DeliveryStatus.Dead) ? new Cell("dead", Ink.Red)
        : alert.Deliveries.All(one => one.Status == DeliveryStatus.Sent) ? new Cell("sent", Ink.Green)
        : new Cell("waiting", Ink.Yellow);

    private static string On(AlertView alert) => EnumWords.Word(alert.On) + (alert.IsResolved ? " (resolved)" : "");

    private static string Word(DeliveryStatus status) => status.ToString().ToLowerInvariant();
}
