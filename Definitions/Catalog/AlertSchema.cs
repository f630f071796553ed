using System.Text.Json.Nodes;

namespace OrleansEtl.Definitions;

/// <summary>The part of <see cref="PipelineSchema"/> that is about <c>alerts</c>.</summary>
internal static class AlertSchema
{
    public static JsonObject Of() => new()
    {
        ["type"] = "array",
        ["markdownDescription"] = "What is told of its runs, and to whom.",
        ["items"] = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray("on", "to"),
            ["properties"] = new JsonObject
            {
                ["on"] = Words<AlertOn>("What is told: each once."),
                ["to"] = new JsonObject
                {
                    ["anyOf"] = new JsonArray(
                        new JsonObject { ["type"] = "string" },
                        new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["type"] = "string" } }),
                    ["markdownDescription"] = "Channels, by the names that they have where connections are defined.",
                },
                ["after"] = Duration("Of `late`: a run that has not ended so long after its start."),
                ["from"] = Words<LateFrom>("Of `late`: count from the run's `start`, or from when its schedule's interval was `due`; `start` unless said."),
                ["within"] = Duration("Of `stale`: no run has succeeded for so long."),
                ["repeat"] = Duration("Between two messages; what happens meanwhile is counted. `1h` unless said."),
                ["resolved"] = Flag("Whether it is told too when it is over."),
                ["while_waiting"] = Flag("Of `late`: time counts too in which the run waits for an approval or a signal."),
            },
        },
    };

    private static JsonObject Words<T>(string text) where T : struct, Enum => new()
    {
        ["enum"] = new JsonArray([.. EnumWords.All<T>().Select(word => (JsonNode)word)]), ["markdownDescription"] = text,
    };

    private static JsonObject Duration(string text) => new()
    {
        ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/definitions/duration" }), ["markdownDescription"] = text,
    };

    private static JsonObject Flag(string text) => new() { ["type"] = "boolean", ["markdownDescription"] = text };
}
