using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>Why a step was skipped, what it asks of people, who ended it, which run did its work, and the values that it gave.</summary>
internal static class StepControlJson
{
    public static void Write(Utf8JsonWriter json, StepView step)
    {
        json.WriteString("skip_reason", step.Status is StepStatus.Skipped ? step.Waiting : null);
        ItemText.Write(json, "items", step.Items);
        json.WritePropertyName("awaits");
        if (step.Awaits is { } awaited) Awaits(json, awaited);
        else json.WriteNullValue();
        json.WritePropertyName("by_hand");
        if (step.ByHand is { } hand) ByHand(json, hand);
        else json.WriteNullValue();
        json.WriteString("reused_from", step.ReusedFrom?.Value);
        json.WritePropertyName("values");
        json.WriteRawValue(new SpecValue.Map(step.Values).ToJson());
    }

    private static void Awaits(Utf8JsonWriter json, Awaited awaited)
    {
        json.WriteStartObject();
        json.WriteString("kind", awaited.Kind.ToString().ToLowerInvariant());
        json.WriteString("signal", awaited.Signal);
        json.WriteString("message", awaited.Message);
        json.WriteStartArray("approvers");
        foreach (var name in awaited.Approvers) json.WriteStringValue(name);
        json.WriteEndArray();
        if (awaited.Until is { } until) json.WriteString("until", until);
        else json.WriteNull("until");
        json.WriteString("run_id", awaited.Child?.Run.Value);
        json.WriteString("pipeline", awaited.Child?.Pipeline);
        json.WriteEndObject();
    }

    private static void ByHand(Utf8JsonWriter json, Intervention hand)
    {
        json.WriteStartObject();
        json.WriteString("at", hand.At);
        json.WriteString("by", hand.By);
        json.WriteString("reason", hand.Reason);
        json.WriteEndObject();
    }
}
