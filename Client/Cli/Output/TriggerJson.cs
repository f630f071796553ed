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
        JsonText.Number(json, "version", spec.Version);
        json.WriteString("kind", spec.On.Kind);
        json.WriteString("on", TriggerText.On(spec.On));
        json.WriteBoolean("is_paused", spec.IsPaused);
        json.WritePropertyName("params");
        json.WriteRawValue((spec.Params ?? SpecValue.Map.Empty).ToJson());
        JsonText.Moment(json, "last_look", trigger.LastLook);
        JsonText.Moment(json, "next_look", trigger.NextLook);
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
        JsonText.Objects(json, "recent", trigger.Recent, (json, start) =>
        {
            json.WriteString("decided_at", start.At);
            json.WriteString("what", start.What);
            json.WriteString("outcome", EnumWords.Word(start.Outcome));
            json.WriteString("run_id", start.Run?.Value);
            json.WriteString("error_code", start.Fault?.Code);
            json.WriteString("error_message", start.Fault?.Message);
        });
    }
}
