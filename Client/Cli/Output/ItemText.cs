using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>How far the items of a step are.</summary>
internal static class ItemText
{
    /// <summary><c>40 of 100 items done, 2 failed, 16 running, 42 waiting</c></summary>
    public static string Counts(ItemCounts counts)
    {
        var text = $"{counts.Succeeded} of {Words.Plural(counts.Total, "item")} done";
        if (counts.Reused > 0) text += $" ({counts.Reused} by an earlier run)";
        if (counts.Failed > 0) text += $", {counts.Failed} failed";
        if (counts.Running > 0) text += $", {counts.Running} running";
        return counts.Waiting > 0 ? $"{text}, {counts.Waiting} waiting" : text;
    }

    public static void Write(Utf8JsonWriter json, string name, ItemCounts? counts)
    {
        json.WritePropertyName(name);
        if (counts is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteNumber("total", counts.Total);
        json.WriteNumber("succeeded", counts.Succeeded);
        json.WriteNumber("failed", counts.Failed);
        json.WriteNumber("running", counts.Running);
        json.WriteNumber("waiting", counts.Waiting);
        json.WriteNumber("reused", counts.Reused);
        json.WriteEndObject();
    }
}
