using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>Why a step was skipped or cancelled, what it asks of people, who ended it, which run did its work, and the values that it gave.</summary>
internal static class StepControlJson
{
    public static void Write(Utf8JsonWriter json, StepView step)
    {
        json.WriteString("skip_reason", step.Status is StepStatus.Skipped ? step.Waiting : null);
        json.WriteString("cancel_reason", step.Status is StepStatus.Cancelled ? step.Waiting : null);
        ItemText.Write(json, "items", step.Items);
        JsonText.OrNull(json, "awaits", step.Awaits, Awaits);
        JsonText.OrNull(json, "by_hand", step.ByHand, ByHand);
        json.WriteString("reused_from", step.ReusedFrom?.Value);
        json.WritePropertyName("values");
        json.WriteRawValue(new SpecValue.Map(step.Values).ToJson());
    }

    private static void Awaits(Utf8JsonWriter json, Awaited awaited)
    {
        json.WriteString("kind", awaited.Kind.ToString().ToLowerInvariant());
        json.WriteString("signal", awaited.Signal);
        json.WriteString("message", awaited.Message);
        JsonText.Texts(json, "approvers", awaited.Approvers);
        JsonText.Moment(json, "until", awaited.Until);
        json.WriteString("run_id", awaited.Child?.Run.Value);
        json.WriteString("pipeline", awaited.Child?.Pipeline);
    }

    public static void ByHand(Utf8JsonWriter json, Intervention hand)
    {
        json.WriteString("at", hand.At);
        json.WriteString("by", hand.By);
        json.WriteString("reason", hand.Reason);
    }
}
