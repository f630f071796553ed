using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>Triggers as programs read them. Field names are a promise: added to, never renamed.</summary>
internal static class TriggerJson
{
    public static void Trigger(Utf8JsonWriter json, TriggerView trigger)
    {
        var spec = trigger.Spec;
        json.WriteStartObject();
        json.WriteString("id", trigger.Id);
        json.WriteString("pipeline", spec.Pipeline);
        if (spec.Version is { } version) json.WriteNumber("version", version);
        else json.WriteNull("version");
        json.WriteString("kind", spec.On.Kind);
        json.WriteString("on", TriggerText.On(spec.On));
        json.WriteBoolean("is_paused", spec.IsPaused);
        json.WritePropertyName("params");
        json.WriteRawValue((spec.Params ?? SpecValue.Map.Empty).ToJson());
        Moment(json, "last_look", trigger.LastLook);
        Moment(json, "next_look", trigger.NextLook);
        json.WriteString("waits", trigger.Waits);
        json.WriteString("error_code", trigger.Fault?.Code);
        json.WriteString("error_message", trigger.Fault?.Message);
        Recent(json, trigger);
        json.WriteEndObject();
    }

    public static void History(Utf8JsonWriter json, TriggerView trigger)
    {
        json.WriteStartObject();
        Recent(json, trigger);
        json.WriteEndObject();
    }

    private static void Recent(Utf8JsonWriter json, TriggerView trigger)
    {
        json.WriteStartArray("recent");
        foreach (var start in trigger.Recent)
        {
            json.WriteStartObject();
            json.WriteString("decided_at", start.At);
            json.WriteString("what", start.What);
            json.WriteString("outcome", ScheduleWords.Word(start.Outcome));
            json.WriteString("run_id", start.Run?.Value);
            json.WriteString("error_code", start.Fault?.Code);
            json.WriteString("error_message", start.Fault?.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Moment(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } moment) json.WriteString(name, moment);
        else json.WriteNull(name);
    }
}
